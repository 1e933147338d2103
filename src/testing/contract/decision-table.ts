import type { Decision } from "../../storage/decide-append.ts";

/** One row of the decision table: what is stored, what is submitted, and what must come of it. */
export interface DecisionRow {
  readonly title: string;
  /** Ids of the stored events of the entity, in version order. */
  readonly stored: readonly string[];
  readonly expectedVersion: number | "any";
  readonly submitted: readonly string[];
  /** Id of the event that is expected at that version. */
  readonly expectedEventId?: string;
  readonly decision: Decision;
}

const write = (firstVersion: number, skip = 0): Decision => ({ kind: "write", firstVersion, skip });
const duplicate = (firstVersion: number): Decision => ({ kind: "duplicate", firstVersion });
const conflict: Decision = { kind: "conflict" };
const corruptRetry: Decision = { kind: "corrupt_retry" };

function row(
  title: string,
  stored: readonly string[],
  expectedVersion: number | "any",
  submitted: readonly string[],
  decision: Decision,
  expectedEventId?: string,
): DecisionRow {
  return {
    title,
    stored,
    expectedVersion,
    submitted,
    decision,
    ...(expectedEventId !== undefined && { expectedEventId }),
  };
}

/** The decision table, row by row; every store must answer like this. */
export const decisionTable: readonly DecisionRow[] = [
  row("0 and nothing is stored: written from version 1", [], 0, ["a", "b"], write(1)),
  row("0 and nothing is stored, whatever event is expected there: written", [], 0, ["a"], write(1), "x"),
  row("the current version: written after it", ["a", "b"], 2, ["c"], write(3)),
  row("the current version, and the event at it is the expected one: written", ["a", "b"], 2, ["c"], write(3), "b"),
  row("the current version, but another event has it: conflict", ["a", "b"], 2, ["c"], conflict, "x"),
  row(
    "the current version, but the event of an earlier one is expected at it: conflict",
    ["a", "b"],
    2,
    ["c"],
    conflict,
    "a",
  ),

  row("all ids are stored, at the head: duplicate", ["a", "b", "c"], 1, ["b", "c"], duplicate(2)),
  row("all ids are stored, and more came after: duplicate", ["a", "b", "c", "d"], 1, ["b", "c"], duplicate(2)),
  row("all ids are stored from the first on: duplicate", ["a", "b"], 0, ["a", "b"], duplicate(1)),
  row("one id, and it is stored: duplicate", ["a"], 0, ["a"], duplicate(1)),

  row("the first id differs: conflict", ["a", "b"], 1, ["x"], conflict),
  row("the first id differs, a later one does not: conflict", ["a", "b", "c"], 1, ["x", "c"], conflict),
  row("0 and the entity exists: conflict", ["a"], 0, ["x"], conflict),
  row("the ids are stored, but from another version on: conflict", ["a", "b", "c"], 0, ["b", "c"], conflict),

  row("the first id is stored, a later one differs: corrupt retry", ["a", "b", "c"], 1, ["b", "x"], corruptRetry),
  row("the ids are stored in another order: corrupt retry", ["a", "b", "c"], 0, ["a", "c", "b"], corruptRetry),

  row("the version is above the current one: conflict", ["a"], 2, ["b"], conflict),
  row("the version is above the current one, and nothing is stored: conflict", [], 1, ["a"], conflict),
  row("the version is above the current one, and the id is stored: conflict", ["a"], 3, ["a"], conflict),

  row("a prefix up to the head is stored: the rest is written", ["a", "b"], 1, ["b", "c", "d"], write(2, 1)),
  row("a prefix of several is stored: the rest is written", ["a", "b"], 0, ["a", "b", "c"], write(1, 2)),

  row("any, nothing stored: written from version 1", [], "any", ["a"], write(1)),
  row("any, none of the ids stored: written after the head", ["a", "b"], "any", ["c", "d"], write(3)),
  row("any, all ids stored in a row: duplicate", ["a", "b", "c"], "any", ["a", "b"], duplicate(1)),
  row("any, some ids stored: corrupt retry", ["a", "b"], "any", ["b", "c"], corruptRetry),
  row("any, a later id stored: corrupt retry", ["a", "b"], "any", ["c", "a"], corruptRetry),
  row("any, all ids stored with a gap: corrupt retry", ["a", "b", "c"], "any", ["a", "c"], corruptRetry),
  row("any, all ids stored backwards: corrupt retry", ["a", "b"], "any", ["b", "a"], corruptRetry),
];
