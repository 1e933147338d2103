// A process of the fault harness: which role, on which store, under which name, with which seed, into which file. It says what it does in lines of JSON there.
import { openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { random } from "./random.ts";
import { shiftDate } from "./shifted-date.ts";
import { type RoleName, roles } from "./roles/index.ts";
import { openStore } from "./stores.ts";

/** What a process is told with its start. */
export interface ProcessOptions {
  readonly role: RoleName;
  readonly kind: string;
  readonly place: string;
  /** Of the process: no other has it. */
  readonly name: string;
  /** As whom a reader reads: one who goes on with another's work has his name. */
  readonly reader: string;
  readonly after: number;
  readonly seed: number;
  readonly slow: number;
  readonly file: string;
}

const { role, kind, place, name, reader, after, seed, slow, file } = JSON.parse(
  process.argv[2] as string,
) as ProcessOptions;
const clock = shiftDate();
const log = openSync(file, "a");
const stopping = new AbortController();
createInterface({ input: process.stdin }).on("line", (line) => {
  const [word, value] = line.split(" ");
  if (word === "stop") stopping.abort();
  else clock.shift(Number(value));
});
// Nobody is left to tell it to end.
process.stdin.on("close", () => process.exit(1));

const { store, close } = await openStore(kind, place);
const { run, lanes, isReader } = roles[role];
process.stdout.write("ready\n");
// Several at once in one process: they share its pool, and its coalescing where there is one.
await Promise.all(
  Array.from({ length: lanes }, (_, lane) =>
    run({
      store,
      name: isReader ? reader : `${name}${"abcdef"[lane]}`,
      next: random(seed + lane),
      slow,
      after,
      say: (fact) => void writeSync(log, `${JSON.stringify(fact)}\n`),
      signal: stopping.signal,
    }),
  ),
);
await close();
process.exit(0);
