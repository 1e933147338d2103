import { parseArgs } from "node:util";
import { shareServers } from "../../test/support/servers.ts";
import { date, machine, versions } from "../report.ts";
import { readFigures, writeFigures } from "./figures.ts";
import { toLines, writeShown } from "./report.ts";

const help = `Usage: npm run bench:growth -- [options]

Measures a commit and a load in stores that hold more and more events, and of entities that have more and more.

  --store <name>         sqlite, postgres or mysql; default sqlite
  --events <n>           how many the largest store holds; default 100000, the docs show 5000000
  --entity-events <n>    how many the largest entity has; default 100000
  --seconds <n>          how long to measure at most, for each of the two; default 30
  --json                 print the figures as one line of JSON, too; it is the last line
  --write                put them into the docs, beside those of the other stores
  --help                 print this`;

const { values: options } = parseArgs({
  options: {
    store: { type: "string", default: "sqlite" },
    events: { type: "string", default: "100000" },
    "entity-events": { type: "string", default: "100000" },
    seconds: { type: "string", default: "30" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) console.log(help);
else await main();

async function main(): Promise<void> {
  // Before anything that is measured is loaded.
  process.env.NODE_ENV = "production";
  const { measureGrowth } = await import("./measure.ts");
  const endServers = shareServers();
  try {
    const { engine, ...points } = await measureGrowth({
      store: options.store,
      stored: upTo([1_000, 100_000, 5_000_000], numberOf("events")),
      ofEntity: upTo([10, 100, 1_000, 10_000, 100_000], numberOf("entity-events")),
      seconds: numberOf("seconds"),
      onProgress: (text) => console.error(`${options.store}: ${text} ...`),
    });
    const figures = { taken: `${date()}, ${engine}, ${machine()}; ${versions()}`, ...points };
    console.log(`${figures.taken}\n`);
    for (const line of toLines(figures)) console.log(line);
    if (options.write) {
      const all = { ...readFigures(), [options.store]: figures };
      writeFigures(all);
      writeShown(all);
    }
    if (options.json) console.log(JSON.stringify({ [options.store]: figures }));
  } finally {
    await endServers();
  }
}

function numberOf(name: "events" | "entity-events" | "seconds"): number {
  const value = Number(options[name]);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0.`);
  return value;
}

/** The steps below a number, and the number. */
function upTo(steps: readonly number[], last: number): readonly number[] {
  return [...steps.filter((step) => step < last), last];
}
