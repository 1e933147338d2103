import Database from "better-sqlite3";
import fc from "fast-check";
import { createRepository, defineReducer, defineSchema, Entity, mutation } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { effectivePath } from "../../src/entity/replay.ts";

const schema = defineSchema("log", {
  schema: zod({ event: { written: z.object({ word: z.string() }) }, state: z.object({ words: z.array(z.string()) }) }),
  initialEventName: "log:written",
});

// Nothing that is left out, doubled or moved goes unnoticed: the state is the words in their order.
class Log extends Entity(
  schema,
  defineReducer(schema, {
    "log:written": (state, { body }) => ({ words: [...((state as State)?.words ?? []), body.word] }),
  }),
) {
  write = mutation(this, (dispatch, word: string) => dispatch("log:written", { word }));
}

type State = { words: string[] } | null;

/** A stream: what is written, and how far each rollback goes back, as a part of the versions before it. */
const streams = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant("write" as const) },
      // No `fc.double`: nine of ten of those are next to nothing.
      { weight: 2, arbitrary: fc.constantFrom(...Array.from({ length: 40 }, (_, n) => n / 40)) },
    ),
    { maxLength: 40 },
  )
  .map((steps) => {
    const events = [written(1)];
    for (const step of steps) {
      const version = events.length + 1;
      events.push(
        step === "write" || version === 2
          ? written(version)
          : rolledBack(version, 1 + Math.floor(step * (version - 2))),
      );
    }
    return events;
  });

type Event = ReturnType<typeof event>;

function event(version: number, eventName: string, body: { word: string } | { toVersion: number }) {
  return {
    eventId: `e${version}`,
    eventCreatedAt: "2026-01-01T00:00:00Z",
    eventName,
    entityId: "l1",
    entityName: "log",
    body,
    version,
  };
}

const written = (version: number): Event => event(version, "log:written", { word: `w${version}` });
const rollbackName = "log:$rolled_back";
const rolledBack = (version: number, toVersion: number): Event => event(version, rollbackName, { toVersion });

/** The state at each version, by remembering them all: what a rollback makes of it is looked up, not computed. */
function remember(events: readonly Event[]): State[] {
  const states: State[] = [null];
  for (const { body, version } of events) {
    const before = states[version - 1];
    states.push(
      "toVersion" in body ? (states[body.toVersion] as State) : { words: [...(before?.words ?? []), body.word] },
    );
  }
  return states;
}

const fold = (events: readonly Event[]) => Log.fromEvents({ entityId: "l1", events });
const versionsOnPath = (events: readonly Event[], base = 0) =>
  effectivePath(events, rollbackName, base)?.map((index) => events[index]?.version);

describe("the replay of any stream", () => {
  test("gives the state that was there when a rollback's target was the newest event", () => {
    fc.assert(
      fc.property(streams, (events) => {
        const log = fold(events);
        expect(log.state).toEqual(remember(events).at(-1));
        expect(log.version).toBe(events.length);
      }),
      { numRuns: 1000 },
    );
  });

  test("of its beginning, up to any version, gives the state as it was then", () => {
    fc.assert(
      fc.property(streams, (events) => {
        const states = remember(events);
        for (const { version } of events) expect(fold(events.slice(0, version)).state).toEqual(states[version]);
      }),
    );
  });

  test("walks upwards, from the first event to the newest, and over no event that is not stored", () => {
    fc.assert(
      fc.property(streams, (events) => {
        const path = effectivePath(events, rollbackName) ?? [];
        expect(path.toSorted((a, b) => a - b)).toEqual(path);
        expect(new Set(path).size).toBe(path.length);
        expect(path[0]).toBe(0);
        expect(path.at(-1)).toBe(events.length - 1);
      }),
    );
  });

  test("is that of the target, once more, behind a rollback to any version", () => {
    fc.assert(
      fc.property(streams, fc.nat(), (events, choice) => {
        const head = events.length;
        const toVersion = 1 + (choice % head);
        const extended = [...events, rolledBack(head + 1, toVersion)];
        expect(fold(extended).state).toEqual(fold(events.slice(0, toVersion)).state);
        expect(versionsOnPath(extended)).toEqual([...(versionsOnPath(events.slice(0, toVersion)) ?? []), head + 1]);
      }),
    );
  });

  test("is as if nothing had happened, behind a rollback and the rollback of that rollback, any number of times", () => {
    fc.assert(
      fc.property(streams, fc.nat(), fc.integer({ min: 1, max: 4 }), (events, choice, times) => {
        const head = events.length;
        const undone = [...events];
        for (let count = 0; count < times; count++) {
          undone.push(rolledBack(undone.length + 1, 1 + (choice % head)));
          undone.push(rolledBack(undone.length + 1, head));
        }
        expect(fold(undone).state).toEqual(fold(events).state);
        const next = written(undone.length + 1);
        expect(fold([...undone, next]).state?.words).toEqual([...fold(events).state.words, `w${next.version}`]);
      }),
    );
  });

  test("is the same from a snapshot at any version that lies on the path, and asks for the whole stream from any other", () => {
    let served = 0;
    let refused = 0;
    fc.assert(
      fc.property(streams, (events) => {
        const states = remember(events);
        const whole = versionsOnPath(events) ?? [];
        for (const { version } of events) {
          const rest = events.slice(version);
          const snapshot = { version, state: states[version] as NonNullable<State> };
          const fromSnapshot = () => Log.fromEvents({ entityId: "l1", events: rest, snapshot });
          if (whole.includes(version)) {
            served++;
            expect(fromSnapshot().state).toEqual(states.at(-1));
            expect(fromSnapshot().version).toBe(events.length);
            expect(versionsOnPath(rest, version)).toEqual(whole.filter((onPath) => (onPath ?? 0) > version));
          } else {
            refused++;
            expect(versionsOnPath(rest, version)).toBeUndefined();
            expect(fromSnapshot).toThrow(/leads below the snapshot/);
          }
        }
      }),
    );
    expect(served).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });

  test("shows the reducer what is in effect, in order, and no rollback", () => {
    fc.assert(
      fc.property(streams, (events) => {
        const seen: (number | undefined)[] = [];
        const Watched = Entity(schema, (_, { version }) => {
          seen.push(version);
          return { words: [] };
        });
        Watched.fromEvents({ entityId: "l1", events });
        const expected = versionsOnPath(events)?.filter(
          (version) => events[(version ?? 0) - 1]?.eventName !== rollbackName,
        );
        expect(seen).toEqual(expected);
      }),
    );
  });
});

describe("an entity that is written to and rolled back through its repository", () => {
  test("is found at every version as it was then, and at its newest as the model says", async () => {
    await fc.assert(
      fc.asyncProperty(streams, async (events) => {
        const store = createSqliteStore(new Database(":memory:"));
        await store.migrate();
        const logs = createRepository(Log, { adapter: store });
        const attribution = { actor: "alice", reason: "Property" };
        await logs.create({ entityId: "l1", body: { word: "w1" } }, attribution);
        for (const { version, body } of events.slice(1)) {
          if ("toVersion" in body) await logs.rollback({ entityId: "l1", toVersion: body.toVersion }, attribution);
          else await logs.mutate({ entityId: "l1" }, (log) => log.write(`w${version}`), attribution);
        }
        const states = remember(events);
        for (const { version } of events)
          expect((await logs.findOne({ entityId: "l1", version }))?.state).toEqual(states[version]);
        const newest = await logs.findOneOrThrow({ entityId: "l1" });
        expect(newest.state).toEqual(states.at(-1));
        expect(newest.version).toBe(events.length);
        await store.close();
      }),
      { numRuns: 40 },
    );
  });
});
