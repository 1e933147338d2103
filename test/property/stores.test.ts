import fc from "fast-check";
import type { EntityCommit, EventStore, ImportedEvent, StoredEvent } from "ventyd";
import { expect, test } from "vitest";
import { commitOf, readAll } from "../../src/testing/contract/events.ts";
import { type PlaceName, places } from "./places.ts";
import { longest, runs } from "./runs.ts";

type Work = (store: EventStore) => Promise<unknown>;

/** Something to do, with what a failure is to say of it. */
const titled = (title: string, work: Work): Work => Object.assign(work, { [fc.toStringMethod]: () => title });

const entityId = fc.constantFrom("a", "b", "c");
/** So few that they meet again: in retries, in other entities, in the wrong order. */
const eventId = fc.integer({ min: 1, max: 12 }).map((n) => `e${n}`);

const commit: fc.Arbitrary<EntityCommit> = fc
  .record({
    entityId,
    expectedVersion: fc.oneof(fc.constant("any" as const), fc.integer({ min: 0, max: 4 })),
    ids: fc.uniqueArray(eventId, { minLength: 1, maxLength: 3 }),
    idempotencyKey: fc.option(fc.constantFrom("k", "l"), { nil: undefined, freq: 4 }),
    expectedEventId: fc.option(eventId, { nil: undefined, freq: 4 }),
  })
  .map(({ entityId, expectedVersion, ids, ...more }) => commitOf(entityId, expectedVersion, ids, more));

const appending = fc
  .array(commit, { minLength: 1, maxLength: 3 })
  .map((commits) => titled(`append ${JSON.stringify(commits)}`, (store) => store.append(commits)));

const importing = fc
  .array(fc.record({ entityId, eventId, version: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((given) => {
    const envelope = { entityName: "thing", eventName: "thing:happened", eventCreatedAt: "2024-01-01T12:00:00Z" };
    const events = given.map((event): ImportedEvent => ({ ...envelope, body: {}, ...event }));
    return titled(`import ${JSON.stringify(given)}`, (store) => store.import(events));
  });

const erasing = entityId.map((id) =>
  titled(`erase ${id}`, async (store) => {
    const { duplicate, version } = await store.erase(
      { entityName: "thing", entityId: id },
      { actor: "alice", reason: "because" },
    );
    return { duplicate, version };
  }),
);

const step = fc.oneof({ weight: 6, arbitrary: appending }, importing, { weight: 1, arbitrary: erasing });

/** Several steps in one transaction, which is then kept or aborted. */
const transacting = fc
  .record({ steps: fc.array(step, { minLength: 1, maxLength: 3 }), isKept: fc.boolean() })
  .map(({ steps, isKept }) =>
    titled(`${isKept ? "keep" : "abort"} ${fc.stringify(steps)}`, (store) =>
      store.transaction(async () => {
        const answers = [];
        for (const work of steps) answers.push(await answerOf(work(store)));
        if (!isKept) throw Object.assign(new Error("aborted"), { answers });
        return answers;
      }),
    ),
  );

/** What a call came to, its error included, as JSON. */
async function answerOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return JSON.parse(JSON.stringify(await call));
  } catch (error) {
    const { code, message, answers } = error as Error & { code?: string; answers?: unknown };
    return { code, message, answers };
  }
}

/** An answer without the positions in it, which stores number as they like, and which event was said to have which. */
function withoutPositions(answer: unknown): {
  readonly answer: unknown;
  readonly told: [eventId: string, position: number][];
} {
  const told: [string, number][] = [];
  const text = JSON.stringify(answer, function (this: { eventId: string }, key, value) {
    if (key !== "position") return value;
    told.push([this.eventId, value]);
  });
  return { answer: JSON.parse(text), told };
}

const isAborted = (answer: unknown) => (answer as { message?: string }).message === "aborted";

/** All that can be read, but for the ids that a store makes up itself, and for positions. */
async function contentsOf(store: EventStore, log: readonly StoredEvent[]): Promise<unknown> {
  return {
    log: log.map(({ position, ...event }) =>
      event.eventName === "thing:$erased" ? { ...event, eventId: "made up" } : event,
    ),
    entities: await store.entities({ entityName: "thing" }),
    keys: await Promise.all(
      ["a", "b", "c"].flatMap((id) =>
        ["k", "l"].map(async (idempotencyKey) => {
          const events = await store.findByIdempotencyKey({ entityName: "thing", entityId: id, idempotencyKey });
          return events?.map((event) => event.eventId) ?? null;
        }),
      ),
    ),
  };
}

const usually: [PlaceName, number][] = [
  ["SQLite in memory", 60],
  ["a SQLite file", 60],
  ["PostgreSQL", 30],
  ["PGlite", 10],
  ["MariaDB", 30],
];

test.for(usually)(
  "whatever is appended, imported, erased or aborted, %s gives the answers of the memory store and holds the same",
  { timeout: longest },
  async ([name, usual], { onTestFinished }) => {
    const now = () => new Date("2024-02-01T00:00:00Z");
    const [memory, place] = [await places["the memory store"](), await places[name]()];
    onTestFinished(() => place.close());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(step, transacting), { minLength: 1, maxLength: 12 }), async (steps) => {
        const backends = [await memory.begin(), await place.begin()] as const;
        const [model, store] = (await Promise.all(backends.map((backend) => backend.open(now)))) as [
          EventStore,
          EventStore,
        ];
        const told: [string, number][] = [];
        for (const work of steps) {
          const expected = withoutPositions(await answerOf(work(model)));
          const actual = withoutPositions(await answerOf(work(store)));
          expect(actual.answer).toEqual(expected.answer);
          if (!isAborted(actual.answer)) told.push(...actual.told);
        }
        const log = await readAll(store);
        expect(await contentsOf(store, log)).toEqual(await contentsOf(model, await readAll(model)));
        const positions = new Map(log.map(({ eventId, position }) => [eventId, position]));
        for (const [eventId, position] of told) expect(position).toBe(positions.get(eventId));
        expect([...positions.values()].toSorted((a, b) => a - b)).toEqual([...positions.values()]);
        expect((await store.status()).frontier).toBeGreaterThanOrEqual(log.at(-1)?.position ?? 0);
        for (const [index, one] of [model, store].entries()) {
          await one.close();
          await backends[index]?.close();
        }
      }),
      { numRuns: runs(usual) },
    );
  },
);
