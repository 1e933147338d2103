import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decisionTable } from "../testing/contract/decision-table.ts";
import { decideAppend, type StreamHead } from "./decide-append.ts";

/** A stream that holds these ids, as a store would show it. */
function headOf(ids: readonly string[]): StreamHead {
  return {
    version: ids.length,
    eventId: ids.at(-1),
    idsFrom: (version, count) => ids.slice(version - 1, version - 1 + count),
    versionOf: (eventId) => (ids.includes(eventId) ? ids.indexOf(eventId) + 1 : undefined),
  };
}

describe("decideAppend", () => {
  for (const { title, stored, expectedVersion, submitted, expectedEventId, decision } of decisionTable) {
    test(title, () => {
      expect(decideAppend(expectedVersion, submitted, headOf(stored), expectedEventId)).toEqual(decision);
    });
  }

  /** What a store does with a decision; `undefined` where it refuses. */
  function carryOut(stored: readonly string[], expectedVersion: number | "any", submitted: readonly string[]) {
    const decision = decideAppend(expectedVersion, submitted, headOf(stored));
    if (decision.kind === "duplicate") return { stored, firstVersion: decision.firstVersion };
    if (decision.kind !== "write") return undefined;
    return { stored: [...stored, ...submitted.slice(decision.skip)], firstVersion: decision.firstVersion };
  }

  const ids = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 6 });
  const submission = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"), { minLength: 1, maxLength: 4 });
  const expectation = fc.oneof(fc.nat({ max: 7 }), fc.constant("any" as const));

  test("what is accepted lies where it was expected, and nothing stored is touched", () => {
    fc.assert(
      fc.property(ids, expectation, submission, (stored, expectedVersion, submitted) => {
        const done = carryOut(stored, expectedVersion, submitted);
        if (done === undefined) return;
        const from = done.firstVersion - 1;
        expect(done.stored.slice(0, stored.length)).toEqual(stored);
        expect(done.stored.slice(from, from + submitted.length)).toEqual(submitted);
        if (expectedVersion !== "any") expect(from).toBe(expectedVersion);
      }),
      { numRuns: 2_000 },
    );
  });

  test("the same commit again is a duplicate at the same place, however much was stored after it", () => {
    fc.assert(
      fc.property(ids, expectation, submission, ids, (stored, expectedVersion, submitted, later) => {
        // An id that stands elsewhere in the stream is refused by the store's unique index, not by the table.
        fc.pre(!stored.some((id) => submitted.includes(id)));
        const done = carryOut(stored, expectedVersion, submitted);
        if (done === undefined) return;
        const grown = [...done.stored, ...later.filter((id) => !done.stored.includes(id))];
        expect(decideAppend(expectedVersion, submitted, headOf(grown))).toEqual({
          kind: "duplicate",
          firstVersion: done.firstVersion,
        });
      }),
      { numRuns: 2_000 },
    );
  });
});
