import fc from "fast-check";
import { test } from "vitest";
import { Model } from "./commands/model.ts";
import { beginning, steps } from "./commands/steps.ts";
import { World } from "./commands/world.ts";
import { type PlaceName, places } from "./places.ts";
import { longest, runs } from "./runs.ts";

const usually: [PlaceName, number][] = [
  ["the memory store", 200],
  ["SQLite in memory", 80],
  ["a SQLite file", 60],
  ["PostgreSQL", 15],
  ["PGlite", 8],
  ["MariaDB", 15],
];

test.for(usually)(
  "whatever is done, in any order, %s answers and keeps what a model of arrays does",
  { timeout: longest },
  async ([name, usual], { onTestFinished }) => {
    const place = await places[name]();
    onTestFinished(() => place.close());
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 40, size: "max" }), async (commands) => {
        const world = new World(await place.begin());
        await world.open();
        try {
          const model = new Model();
          for (const step of beginning) await step.run(model, world);
          await fc.asyncModelRun(() => ({ model, real: world }), commands);
        } catch (error) {
          await world.dispose();
          throw error;
        }
        await world.close();
      }),
      { numRuns: runs(usual) },
    );
  },
);
