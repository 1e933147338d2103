import { parseArgs } from "node:util";
import { shareServers } from "../../test/support/servers.ts";
import { findGrowth, type Sample } from "./find-growth.ts";

const help = `Usage: npm run bench:memory -- [options]

Commits, loads, reads and subscribes in a loop, and prints what the process holds. Exit code 1 when that grows beyond a bound.

  --store <name>   sqlite, postgres or mysql; default sqlite
  --minutes <n>    how long; default 10
  --leak           keeps all that is loaded and read, to see that it is found
  --help           print this`;

/** In the whole run. */
const sampleCount = 15;

const { values: options } = parseArgs({
  options: {
    store: { type: "string", default: "sqlite" },
    minutes: { type: "string", default: "10" },
    leak: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) console.log(help);
else await main(Number(options.minutes) * 60_000);

async function main(milliseconds: number): Promise<void> {
  if (!(milliseconds > 0)) throw new Error("--minutes takes a number above 0.");
  // Before anything that is measured is loaded.
  process.env.NODE_ENV = "production";
  const { withStore } = await import("../with-store.ts");
  const { startWork } = await import("./work.ts");
  const { takeSample } = await import("./sample.ts");
  const endServers = shareServers();
  try {
    const growth = await withStore(options.store, async (store) => {
      const { round, end } = startWork(store);
      const kept: unknown[] = [];
      const samples: Sample[] = [];
      const start = performance.now();
      let sampledAt = start;
      console.log(" seconds    rounds  heap in kB  handles");
      for (let rounds = 1; samples.length < sampleCount; rounds++) {
        const held = await round();
        if (options.leak) kept.push(...held);
        // From the end of the last sample: where garbage is collected slowly, a run takes longer, and works as much.
        if (performance.now() - sampledAt < milliseconds / sampleCount) continue;
        const sample = takeSample();
        samples.push(sample);
        sampledAt = performance.now();
        console.log(toLine((sampledAt - start) / 1000, rounds, sample.heap / 1000, sample.handles));
      }
      console.log(`${await end()} events were listened to.`);
      return findGrowth(samples);
    });
    for (const line of growth) console.error(line);
    if (growth.length > 0) process.exitCode = 1;
    else console.log("Heap and handles are steady.");
  } finally {
    await endServers();
  }
}

function toLine(seconds: number, rounds: number, heap: number, handles: number): string {
  return `${seconds.toFixed(1).padStart(8)}${String(rounds).padStart(10)}${heap.toFixed(0).padStart(12)}${String(handles).padStart(9)}`;
}
