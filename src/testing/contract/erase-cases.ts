import { withAttribution } from "../../attribution/attribution.ts";
import { AttributionError, EntityErasedError, EntityExistsError, EntityNotFoundError } from "../../errors/index.ts";
import { createRepository } from "../../repository/create-repository.ts";
import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { equal, matches, rejects } from "../expect.ts";
import { appendOne, commitOf, newEvent, readAll, storedIds, thing, versions, write } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Thing } from "./thing.ts";

const who = { actor: "officer", reason: "asked to be forgotten" };

/** What `erase` promises. */
export function eraseCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite.where(can.metadata, "the store keeps no metadata");

  /** A thing of three events with everything that can be said about them, a snapshot of it, and another thing. */
  async function open(createStore: (options: { now: () => Date }) => Promise<EventStore>) {
    const store = await createStore({ now: () => new Date("2024-02-01T00:00:00Z") });
    const metadata = { actor: "alice", reason: "why", correlationId: "c", causationId: "e0", ip: "::1" };
    await write(
      store,
      commitOf("t", 0, [
        { eventId: "a", body: { secret: 1 }, metadata },
        { eventId: "b", body: { secret: 2 }, metadata: { ip: "::2" } },
      ]),
    );
    await write(store, commitOf("u", 0, [{ eventId: "u", body: { secret: 3 }, metadata }]));
    await write(store, commitOf("t", 2, [{ eventId: "c", body: { secret: 4 } }], { idempotencyKey: "k" }));
    await store.saveSnapshot({ ...thing, version: 3, state: { secret: 5 } });
    await store.saveSnapshot({ ...thing, entityId: "u", version: 1, state: { secret: 6 } });
    return store;
  }

  describe("erase", () => {
    test("empties every body, and takes the metadata that is the application's own", async ({ createStore }) => {
      const store = await open(createStore);
      await store.erase(thing, who);
      for (const events of [await store.loadHistory(thing), await readAll(store, { entityNames: ["thing"] })]) {
        const own = events.filter(({ entityId }) => entityId === "t");
        matches(own, Array(4).fill({ body: null, isErased: true }));
        equal(
          own.map(({ metadata }) => metadata),
          [{ actor: "alice", reason: "why", correlationId: "c", causationId: "e0" }, {}, {}, who],
        );
      }
      matches(await store.load(thing), Array(4).fill({ body: null, isErased: true }));
    });

    test("leaves names, ids, versions, positions and times as they were", async ({ createStore }) => {
      const store = await open(createStore);
      const envelope = ({ body: _, metadata: __, ...rest }: Awaited<ReturnType<typeof store.loadHistory>>[number]) =>
        rest;
      const before = (await store.loadHistory(thing)).map(envelope);
      await store.erase(thing, who);
      const after = (await store.loadHistory(thing)).map(envelope);
      equal(
        after.slice(0, 3).map(({ isErased: _, ...rest }) => rest),
        before,
      );
      equal(versions(after), [1, 2, 3, 4]);
    });

    test("says by an event of the log who did it and why, and answers with that event", async ({ createStore }) => {
      const store = await open(createStore);
      const result = await store.erase(thing, { ...who, correlationId: "ticket", metadata: { law: "GDPR" } });
      const last = (await readAll(store)).at(-1);
      matches(last, {
        ...thing,
        eventName: "thing:$erased",
        version: 4,
        body: null,
        metadata: { ...who, correlationId: "ticket" },
        recordedAt: "2024-02-01T00:00:00.000Z",
      });
      equal(result, { version: 4, position: last?.position, events: [last], duplicate: false });
    });

    test("names that event after the separator that the entity's names have", async ({ createStore }) => {
      const store = await open(createStore);
      const { events } = await store.erase({ ...thing, namespaceSeparator: "." }, who);
      matches(events, [{ eventName: "thing.$erased" }]);
    });

    test("takes the snapshots with it", async ({ createStore }) => {
      const store = await open(createStore);
      await store.saveSnapshot({ ...thing, version: 2, fingerprint: "old", state: { secret: 7 } });
      await store.erase(thing, who);
      equal(await store.getSnapshot(thing), null);
      equal(await store.getSnapshot({ ...thing, fingerprint: "old" }), null);
    });

    test("touches no other entity, nor its snapshots", async ({ createStore }) => {
      const store = await open(createStore);
      await write(store, commitOf("t", 0, [{ body: { kept: true } }], { entityName: "gadget" }));
      await store.erase(thing, who);
      matches(await store.load({ ...thing, entityId: "u" }), [{ body: { secret: 3 }, isErased: undefined }]);
      matches(await store.load({ ...thing, entityName: "gadget" }), [{ body: { kept: true }, isErased: undefined }]);
      matches(await store.getSnapshot({ ...thing, entityId: "u" }), { state: { secret: 6 } });
    });

    test("lets nothing be added any more, at no version", async ({ createStore }) => {
      const store = await open(createStore);
      await store.erase(thing, who);
      for (const expectedVersion of [4, "any"] as const) {
        const error = await rejects(store.append([commitOf("t", expectedVersion, ["x"])]), EntityErasedError);
        matches(error, thing);
      }
      equal((await appendOne(store, commitOf("t", 3, ["x"]))).status, "conflict");
      equal((await storedIds(store, "t")).length, 4);
    });

    test("still knows what was stored before: a retry, or the same idempotency key, is a duplicate", async ({
      createStore,
    }) => {
      const store = await open(createStore);
      await store.erase(thing, who);
      const retry = await appendOne(store, commitOf("t", 0, ["a", "b"]));
      matches(retry, { status: "duplicate", version: 2, events: [{ body: null }, { body: null }] });
      const repeated = await appendOne(store, commitOf("t", 0, ["x"], { idempotencyKey: "k" }));
      matches(repeated, { status: "duplicate", version: 3, events: [{ eventId: "c", body: null }] });
    });

    test("a second time changes nothing, and answers with the first", async ({ createStore }) => {
      const store = await open(createStore);
      const first = await store.erase(thing, who);
      const before = await readAll(store);
      equal(await store.erase(thing, { actor: "other", reason: "again" }), { ...first, duplicate: true });
      equal(await readAll(store), before);
    });

    test("of two that race erases once", async ({ createStore }) => {
      const store = await open(createStore);
      const results = await Promise.all([store.erase(thing, who), store.erase(thing, who)]);
      equal(results.map(({ duplicate }) => duplicate).toSorted(), [false, true]);
      equal((await storedIds(store, "t")).length, 4);
    });

    test("without an actor or a reason is refused, and nothing happens", async ({ createStore }) => {
      const store = await open(createStore);
      const before = await readAll(store);
      for (const [given, missing] of [
        [{}, ["actor", "reason"]],
        [{ actor: "officer" }, ["reason"]],
        [{ reason: "asked", actor: " " }, ["actor"]],
      ] as const) {
        matches(await rejects(store.erase(thing, given), AttributionError), { missing });
      }
      equal(await readAll(store), before);
    });

    test("takes an attribution that surrounds the call", async ({ createStore }) => {
      const store = await open(createStore);
      const { events } = await withAttribution(who, () => store.erase(thing, {}));
      matches(events, [{ metadata: who }]);
    });

    test("of an entity that is not there is an error", async ({ createStore }) => {
      const store = await open(createStore);
      const before = await readAll(store);
      await rejects(store.erase({ ...thing, entityId: "none" }, who), EntityNotFoundError);
      equal(await readAll(store), before);
    });

    test("inside a transaction takes effect with it, or not at all", async ({ createStore }) => {
      const store = await open(createStore);
      const before = await readAll(store);
      const eraseIn = (isKept: boolean) =>
        store.transaction(async () => {
          await store.erase(thing, who);
          matches(await store.load(thing), Array(4).fill({ body: null }));
          if (!isKept) throw new Error("aborted");
        });
      await rejects(eraseIn(false), { message: "aborted" });
      equal(await readAll(store), before);
      matches(await store.getSnapshot(thing), { state: { secret: 5 } });
      await eraseIn(true);
      matches(await store.load(thing), Array(4).fill({ body: null }));
      equal(await store.getSnapshot(thing), null);
    });

    test("of an entity that was erased in another store cannot be undone by appending to it", async ({
      createStore,
    }) => {
      const store = await createStore();
      const erased = newEvent({ eventName: "thing:$erased", body: null, isErased: true });
      await write(store, { ...thing, expectedVersion: 0, events: [newEvent({ body: null, isErased: true }), erased] });
      await rejects(store.append([commitOf("t", 2, ["x"])]), EntityErasedError);
    });
  });

  describe("an erased entity", () => {
    async function openErased(createStore: () => Promise<EventStore>) {
      const store = await createStore();
      const things = createRepository(Thing, { adapter: store });
      const entityId = "t";
      await things.create({ entityId, body: { text: "one" } }, { actor: "alice", reason: "first" });
      await things.mutate({ entityId }, (entity) => entity.rename("two"), { actor: "bob", reason: "second" });
      await store.erase(thing, who);
      return { things, entityId };
    }

    test("cannot be loaded, neither as it is nor as it was", async ({ createStore }) => {
      const { things, entityId } = await openErased(createStore);
      const at = "9999-01-01T00:00:00Z";
      for (const point of [{}, { version: 1 }, { at }, { knownAt: at }]) {
        await rejects(things.findOne({ entityId, ...point } as { entityId: string }), EntityErasedError);
      }
      await rejects(
        things.mutate({ entityId }, (entity) => entity.rename("three")),
        EntityErasedError,
      );
    });

    test("keeps its id: another one cannot be created under it", async ({ createStore }) => {
      const { things, entityId } = await openErased(createStore);
      await rejects(things.create({ entityId, body: { text: "new" } }), EntityExistsError);
    });

    test("still tells who did what, when and why, and no longer what it was", async ({ createStore }) => {
      const { things, entityId } = await openErased(createStore);
      const history = await things.history({ entityId });
      matches(history, [
        { event: { eventName: "thing:made", metadata: { actor: "alice", reason: "first" } } },
        { event: { eventName: "thing:renamed", metadata: { actor: "bob", reason: "second" } } },
        { event: { eventName: "thing:$erased", metadata: who } },
      ]);
      matches(history, Array(3).fill({ before: null, after: null, changes: [] }));
    });

    test("cannot be changed by whoever loaded it before", async ({ createStore }) => {
      const store = await createStore();
      const things = createRepository(Thing, { adapter: store });
      const { entity } = await things.create({ entityId: "t", body: { text: "one" } });
      await store.erase(thing, who);
      entity.rename("two");
      await rejects(things.commit(entity), { code: "concurrency_conflict", actualVersion: 2 });
    });
  });
}
