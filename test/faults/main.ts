// `npm run test:faults`: proves on a store, with faults, that nothing is lost, and prints what was proven.
import { parseArgs } from "node:util";
import { table } from "./report.ts";
import { runFaults } from "./run-faults.ts";
import type { Kind } from "./stage.ts";

const help = `npm run test:faults -- --store sqlite|postgres|mysql [--minutes N] [--seed S]

Lets processes write to a store and read from it while they are killed and frozen, connections break, the server goes down and
the disk is full, and holds what each of them was told against what is stored in the end.

  --store    which store; its server is started for the run, from the programs that are installed, and ended with it
  --minutes  how long faults happen; default 1
  --seed     repeats the choices of another run; default by the clock
  --help

Exit code 0: nothing was violated. 1: something was; it is printed, and what the processes have said is kept.
2: the harness itself could not run.
`;

const kinds: readonly string[] = ["sqlite", "postgres", "mysql"] satisfies Kind[];

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      store: { type: "string" },
      minutes: { type: "string", default: "1" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { store: kind = "" } = values;
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!kinds.includes(kind) || !(minutes > 0) || !Number.isSafeInteger(seed)) {
    process.stderr.write(help);
    return 2;
  }
  const interrupted = new AbortController();
  // What was started is ended all the same, and what was said so far is judged.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  const onProgress = (step: string) => void process.stderr.write(`${new Date().toISOString()} ${step}\n`);
  process.stdout.write(`${kind}, seed ${seed}, ${minutes} min\n`);
  const report = await runFaults({
    kind: kind as Kind,
    seconds: minutes * 60,
    seed,
    signal: interrupted.signal,
    onProgress,
  });
  process.stdout.write(`${table(report)}\n\n`);
  for (const violation of report.violations.slice(0, 100))
    process.stdout.write(`violated: ${JSON.stringify(violation)}\n`);
  if (report.folder !== undefined)
    process.stdout.write(
      `What the processes have said lies in ${report.folder}; --seed ${seed} repeats the choices.\n`,
    );
  process.stdout.write(
    report.violations.length === 0 ? "Nothing was violated.\n" : `${report.violations.length} violations.\n`,
  );
  return report.violations.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(2);
  },
);
