import fc from "fast-check";
import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { readAll } from "../../../src/testing/contract/events.ts";
import { longest, runs } from "../runs.ts";
import { memory, type Opening } from "./openings.ts";
import { examples, hostileCase, trial } from "./trial.ts";

/** Tries hostile events in stores of every kind given, and in the memory store beside each. */
export function hostileTrials(openings: Readonly<Record<string, Opening>>, usual: number): void {
  test.for(Object.entries(openings))(
    "%s gives back whatever it takes, refuses the rest before anything is written, and does both as the memory store does",
    { timeout: longest },
    async ([, open], { onTestFinished }) => {
      const [model, opened] = [await memory(), await open()];
      onTestFinished(async () => void (await opened.close()));
      let number = 0;
      const outcomes = new Set<string>();
      await fc.assert(
        fc.asyncProperty(hostileCase, async (given) => {
          number++;
          const expected = await trial(model.store, given, number);
          const actual = await trial(opened.store, given, number);
          expect(actual).toEqual(expected);
          outcomes.add("refused" in actual ? "refused" : "taken");
        }),
        { numRuns: runs(usual), examples: examples.map((example) => [example]) },
      );
      expect(outcomes.size).toBe(2);

      const copy = createMemoryStore({ maxBodyBytes: 16 * 1024 * 1024 });
      const log = await readAll(opened.store);
      await copy.import(log);
      const bare = (events: typeof log) => events.map(({ position, ...event }) => JSON.stringify(event));
      expect(bare(await readAll(copy))).toEqual(bare(log));
    },
  );
}
