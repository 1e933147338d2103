import fc from "fast-check";
import type { EntityCommit, EventStore, ImportedEvent } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { commitOf, readAll } from "../../src/testing/contract/events.ts";
import { openMemoryStore, openStore } from "../support/temp-database.ts";

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
  .map((commits) => (store: EventStore) => store.append(commits));

const importing = fc
  .array(fc.record({ entityId, eventId, version: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((events) => (store: EventStore) => {
    const envelope = { entityName: "thing", eventName: "thing:happened", eventCreatedAt: "2024-01-01T12:00:00Z" };
    return store.import(events.map((event): ImportedEvent => ({ ...envelope, body: {}, ...event })));
  });

const erasing = entityId.map((id) => async (store: EventStore) => {
  const { duplicate, version } = await store.erase(
    { entityName: "thing", entityId: id },
    { actor: "alice", reason: "because" },
  );
  return { duplicate, version };
});

const step = fc.oneof({ weight: 6, arbitrary: appending }, importing, { weight: 1, arbitrary: erasing });

/** Several steps in one transaction, which is then kept or aborted. */
const transacting = fc
  .record({ steps: fc.array(step, { minLength: 1, maxLength: 3 }), isKept: fc.boolean() })
  .map(({ steps, isKept }) => (store: EventStore) => {
    return store.transaction(async () => {
      const answers = [];
      for (const work of steps) answers.push(await answerOf(work(store)));
      if (!isKept) throw Object.assign(new Error("aborted"), { answers });
      return answers;
    });
  });

/** What a call came to, its error included, as JSON. */
async function answerOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return JSON.parse(JSON.stringify(await call));
  } catch (error) {
    const { code, message, answers } = error as Error & { code?: string; answers?: unknown };
    return { code, message, answers };
  }
}

/** All that can be read, but for the ids that a store makes up itself. */
async function contentsOf(store: EventStore): Promise<unknown> {
  const log = await readAll(store);
  return {
    log: log.map((event) => (event.eventName === "thing:$erased" ? { ...event, eventId: "made up" } : event)),
    entities: await store.entities({ entityName: "thing" }),
    keys: await Promise.all(
      ["a", "b", "c"].flatMap((id) =>
        ["k", "l"].map(async (idempotencyKey) => {
          const events = await store.findByIdempotencyKey({ entityName: "thing", entityId: id, idempotencyKey });
          return events?.map((event) => event.eventId) ?? null;
        }),
      ),
    ),
    frontier: (await store.status()).frontier,
  };
}

test("whatever is appended, imported, erased or aborted, all stores give the same answers and hold the same", async () => {
  const now = () => new Date("2024-02-01T00:00:00Z");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(step, transacting), { minLength: 1, maxLength: 12 }), async (steps) => {
      const file = await openStore({ now });
      const stores = [createMemoryStore({ now }), (await openMemoryStore({ now })).store, file.store];
      for (const work of steps) {
        const [inMemory, ...others] = await Promise.all(stores.map((store) => answerOf(work(store))));
        for (const other of others) expect(other).toEqual(inMemory);
      }
      const [inMemory, ...others] = await Promise.all(stores.map(contentsOf));
      for (const other of others) expect(other).toEqual(inMemory);
      for (const store of stores) await store.close();
    }),
    { numRuns: 60 },
  );
});
