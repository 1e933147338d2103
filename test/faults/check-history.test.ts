import { describe, expect, test } from "vitest";
import { checkHistory, type Fact, type SeenEvent, type Violation } from "./check-history.ts";

const at = (position: number, entityId: string, version: number): SeenEvent => ({
  position,
  eventId: `${entityId}${version}`,
  entityId,
  version,
});

/** Two entities, a commit over both, one that was refused, one that nobody answered and is not stored, and one that is; position 4 was burned. */
const stored = [at(1, "a", 1), at(2, "b", 1), at(3, "a", 2), at(5, "b", 2), at(6, "b", 3)];
const saw = (reader: string, events: readonly SeenEvent[]): Fact[] =>
  events.map((event) => ({ kind: "saw", reader, event }));
const facts: readonly Fact[] = [
  { kind: "intent", commit: "1", events: ["a1", "b1"] },
  { kind: "acknowledged", commit: "1", events: [at(1, "a", 1), at(2, "b", 1)] },
  { kind: "intent", commit: "2", events: ["a2"] },
  { kind: "intent", commit: "3", events: ["x1"] },
  { kind: "refused", commit: "3" },
  { kind: "acknowledged", commit: "2", events: [at(3, "a", 2)] },
  { kind: "intent", commit: "4", events: ["y1", "y2"] },
  { kind: "intent", commit: "5", events: ["b2", "b3"] },
  ...saw("r", stored),
  ...saw("slow", stored.slice(0, 2)),
];

test("a history in which nothing went wrong is found to be one", () => {
  expect(checkHistory(facts, stored)).toEqual([]);
});

test("an empty log, of which nobody said anything, is one too", () => {
  expect(checkHistory([], [])).toEqual([]);
});

describe("finds what was planted:", () => {
  const without = (position: number) => stored.filter((event) => event.position !== position);
  const changed = (position: number, change: Partial<SeenEvent>) =>
    stored.map((event) => (event.position === position ? { ...event, ...change } : event));
  const otherFacts = (reader: Fact[]) => [...facts.filter((fact) => fact.kind !== "saw"), ...reader];
  const quiet = otherFacts([]);

  test.each<[string, readonly Fact[], readonly SeenEvent[], Violation[]]>([
    ["an acknowledged event that is gone", quiet, without(3), [{ kind: "lost", subject: "a2" }]],
    ["one that lies elsewhere", quiet, changed(3, { position: 4 }), [{ kind: "moved", subject: "a2" }]],
    ["an unanswered commit that is there by half", quiet, without(6), [{ kind: "half_written", subject: "5" }]],
    [
      "a refused commit that is there",
      quiet,
      [...stored, at(7, "x", 1)],
      [{ kind: "refused_but_stored", subject: "x1" }],
    ],
    [
      "an event that is there twice",
      quiet,
      [...stored, { ...at(7, "b", 4), eventId: "b3" }],
      [{ kind: "stored_twice", subject: "b3" }],
    ],
    ["an event that nobody wrote", quiet, [...stored, at(7, "z", 1)], [{ kind: "nobody_wrote", subject: "z1" }]],
    [
      "a version that is left out",
      quiet,
      changed(6, { version: 4 }),
      [{ kind: "versions_with_holes", subject: "b 4" }],
    ],
    [
      "versions in another order than positions",
      quiet,
      [...stored.slice(0, 3), { ...at(5, "b", 3) }, { ...at(6, "b", 2) }],
      [
        { kind: "versions_with_holes", subject: "b 3" },
        { kind: "versions_with_holes", subject: "b 2" },
      ],
    ],
    [
      "a log that is not in the order of its positions",
      quiet,
      [...stored.slice(0, 3), { ...at(6, "b", 2) }, { ...at(5, "b", 3) }],
      [{ kind: "positions_out_of_order", subject: "6, 5" }],
    ],
    [
      "a reader who was not shown an event that came late",
      otherFacts(saw("r", without(3))),
      stored,
      [{ kind: "reader_skipped", subject: "r: 3" }],
    ],
    [
      "one who was not shown the first",
      otherFacts(saw("r", without(1))),
      stored,
      [{ kind: "reader_skipped", subject: "r: 1" }],
    ],
    [
      "one who was shown an event twice",
      otherFacts(saw("r", [...stored.slice(0, 2), ...stored.slice(1)])),
      stored,
      [{ kind: "reader_out_of_order", subject: "r: 2, 2" }],
    ],
    [
      "one who was shown events in another order",
      otherFacts(saw("r", [at(1, "a", 1), at(3, "a", 2), at(2, "b", 1), at(5, "b", 2), at(6, "b", 3)])),
      stored,
      [{ kind: "reader_out_of_order", subject: "r: 3, 2" }],
    ],
    [
      "one who was shown what was never committed",
      otherFacts(saw("r", [...stored.slice(0, 3), at(4, "y", 1), ...stored.slice(3)])),
      stored,
      [{ kind: "reader_saw_another", subject: "r: 4, where nothing is stored" }],
    ],
    [
      "one who was shown another event at a position",
      otherFacts(saw("r", changed(5, { eventId: "y1" }))),
      stored,
      [{ kind: "reader_saw_another", subject: "r: 5" }],
    ],
  ])("%s", (_title, said, log, violations) => {
    expect(checkHistory(said, log)).toEqual(violations);
  });
});
