import { describe, expect, test } from "vitest";
import { checkHistory, type Fact, judge, type SeenEvent, type Violation } from "./check-history.ts";
import { lastAsker } from "./check-reads.ts";
import type { History, KeptSnapshot, State } from "./facts.ts";
import { Fold, nothing } from "./fold.ts";

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

/** An entity of which three numbers were added, then the first of them brought back, then one more added; all of it under keys, and all of it read. */
const folded: readonly SeenEvent[] = [
  { ...at(1, "c", 1), change: { add: 10 } },
  { ...at(2, "c", 2), change: { add: 20 } },
  { ...at(3, "c", 3), change: { add: 30 } },
  { ...at(4, "c", 4), change: { back: 1 } },
  { ...at(5, "c", 5), change: { add: 40 } },
];
const fold = new Fold();
for (const event of folded) fold.add(event);
const state = (version: number) => fold.at("c", version) as State;
const found = (by: string, askedAt: number, version: number, what = state(version)): Fact => ({
  kind: "found",
  by,
  entityId: "c",
  askedAt,
  version,
  state: what,
});
const told: readonly Fact[] = folded.flatMap((event): Fact[] => [
  { kind: "intent", commit: event.eventId, events: [event.eventId], key: `key${event.version}` },
  { kind: "acknowledged", commit: event.eventId, events: [event], key: `key${event.version}`, at: event.version * 10 },
]);
const snapshot = (version: number, change: Partial<KeptSnapshot> = {}): KeptSnapshot => ({
  entityId: "c",
  version,
  eventId: `c${version}`,
  state: state(version),
  ...change,
});
const whole: History = {
  facts: [
    ...told,
    found("w", 5, 0),
    found("w", 25, 2),
    found("v", 25, 4),
    ...saw("r", folded),
    found(lastAsker, 99, 5),
  ],
  stored: folded,
  snapshots: [snapshot(3), snapshot(4)],
};

test("a rollback brings back the state of the version that it names", () => {
  expect(state(4)).toEqual(state(1));
  expect(state(5)).not.toEqual(state(2));
  expect(state(0)).toEqual(nothing);
});

test("a history in which every state is what it should be is found to be one, and every promise that it bears on was looked at", () => {
  const { violations, checked } = judge(whole);
  expect(violations).toEqual([]);
  expect([...checked].filter(([, cases]) => cases === 0).map(([promise]) => promise)).toEqual([
    "unanswered commits are stored whole or not at all",
    "refused commits are not stored",
    "processes end when they are told to, and by nothing else",
  ]);
});

describe("finds what was planted among states, keys and snapshots:", () => {
  const also = (...facts: Fact[]) => ({ ...whole, facts: [...whole.facts, ...facts] });
  const other: SeenEvent = { ...at(6, "c", 6), change: { add: 50 } };
  const twice: Fact = { kind: "intent", commit: "again", events: ["c6"], key: "key2" };

  test.each<[string, History, Violation[]]>([
    [
      "a read that has not seen what was acknowledged before it, to whomever",
      also(found("v", 45, 3)),
      [{ kind: "stale_read", subject: "v: c 3" }],
    ],
    [
      "a read of a state that was never committed",
      also(found("v", 45, 4, { count: 3, trail: 7 })),
      [{ kind: "read_another_state", subject: "v: c 4" }],
    ],
    [
      "a read of a version that is not stored",
      also(found("v", 55, 6, { count: 3, trail: 7 })),
      [{ kind: "read_another_state", subject: "v: c 6" }],
    ],
    [
      "a tailer who has come to another state",
      also(
        ...saw(
          "t",
          folded.map((event) => (event.version === 2 ? { ...event, change: { add: 21 } } : event)),
        ),
        found(lastAsker, 99, 3),
      ),
      [
        { kind: "reader_saw_another", subject: "t: 2" },
        { kind: "stale_read", subject: `${lastAsker}: c 3` },
        { kind: "folded_otherwise", subject: "t: c 3" },
      ],
    ],
    [
      "a snapshot of what was aborted",
      { ...whole, snapshots: [snapshot(3, { state: { count: 4, trail: 1 } })] },
      [{ kind: "snapshot_of_nothing", subject: "c 3" }],
    ],
    [
      "a snapshot that stands on another event",
      { ...whole, snapshots: [snapshot(3, { eventId: "x3" })] },
      [{ kind: "snapshot_of_nothing", subject: "c 3" }],
    ],
    [
      "a snapshot of a version that is not stored",
      { ...whole, snapshots: [snapshot(5, { version: 6, eventId: "c6" })] },
      [{ kind: "snapshot_of_nothing", subject: "c 6" }],
    ],
    [
      "two commits under one key",
      { ...also(twice), stored: [...folded, other] },
      [{ kind: "key_stored_twice", subject: "c key2: c2, again" }],
    ],
    [
      "an answer with events of another commit",
      also(
        { kind: "intent", commit: "mine", events: ["m1"] },
        { kind: "acknowledged", commit: "mine", events: [folded[0] as SeenEvent] },
      ),
      [{ kind: "answered_with_another", subject: "mine: c1" }],
    ],
    [
      "an answer with a part of what was committed",
      {
        ...also(
          { kind: "intent", commit: "mine", events: ["c6", "c7"] },
          { kind: "acknowledged", commit: "mine", events: [other] },
        ),
        stored: [...folded, other],
      },
      [{ kind: "answered_with_another", subject: "mine: a part of it" }],
    ],
  ])("%s", (_title, history, violations) => {
    expect(judge(history).violations).toEqual(violations);
  });

  test("an answer under a key is that of the commit that had it first", () => {
    const { violations } = judge(
      also(twice, { kind: "acknowledged", commit: "again", events: [folded[1] as SeenEvent], key: "key2" }),
    );
    expect(violations).toEqual([]);
  });
});
