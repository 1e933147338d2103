import { createRepository, type EventStore } from "ventyd";
import { createMemoryStore, type MemoryStore } from "ventyd/memory";
import { describe, expect, test } from "vitest";
import { commitOf, ids, readAll, storedIds, thing, write } from "../../src/testing/contract/events.ts";
import { Note, told as textsOf } from "../repository/note.ts";
import { deferred, rejection } from "../support/promises.ts";

const who = { actor: "alice", reason: "because" };
const aborted = new Error("aborted");
const key = { ...thing, idempotencyKey: "k" };
const snapshot = (version: number) => ({ ...thing, version, state: { version } });
const imported = { ...thing, eventName: "thing:happened", eventCreatedAt: "2024-02-01T00:00:00Z", body: {} };

/** Everything that a store answers about what is in it. */
async function everything(store: EventStore): Promise<unknown> {
  const { frontier } = await store.status();
  return {
    log: await readAll(store, { transaction: null }),
    newestFirst: await readAll(store, { transaction: null, order: "desc", limit: 3 }),
    ofActor: await readAll(store, { transaction: null, actors: ["alice"] }),
    loaded: await store.load(thing, { transaction: null }),
    history: await store.loadHistory(thing, { transaction: null }),
    other: await store.load({ ...thing, entityId: "u" }, { transaction: null }),
    underKey: await store.findByIdempotencyKey(key, { transaction: null }),
    entities: await store.entities({ entityName: "thing", transaction: null }),
    frontier,
  };
}

/** A store with an entity of two events, one under a key, and two snapshots. */
async function filledStore(): Promise<MemoryStore> {
  const store = createMemoryStore();
  const metadata = { actor: "alice", reason: "why", ip: "::1" };
  await write(store, commitOf("t", 0, [{ eventId: "t1", body: { secret: 1 }, metadata }]));
  await write(store, commitOf("t", 1, [{ eventId: "t2", body: { secret: 2 }, metadata }]));
  await store.saveSnapshot(snapshot(1));
  await store.saveSnapshot(snapshot(2));
  return store;
}

const writes: readonly (readonly [string, (store: MemoryStore) => Promise<unknown>])[] = [
  ["an append to an entity", (store) => write(store, commitOf("t", 2, ["t3"]))],
  ["an append that creates an entity", (store) => write(store, commitOf("u", 0, ["u1", "u2"]))],
  ["an append under a key", (store) => write(store, commitOf("t", 2, ["t3"], { idempotencyKey: "k" }))],
  ["an import", (store) => store.import([{ ...imported, eventId: "t3", version: 3 }])],
  ["an erasure", (store) => store.erase(thing, who)],
  [
    "several, one after the other",
    async (store) => {
      await write(store, commitOf("u", 0, ["u1"]));
      await store.saveSnapshot({ ...snapshot(1), entityId: "u" });
      await store.erase({ ...thing, entityId: "u" }, who);
      await write(store, commitOf("t", 2, ["t3"], { idempotencyKey: "k" }));
      await store.erase(thing, who);
    },
  ],
];

describe("a transaction", () => {
  test.for(writes)("keeps %s to itself until it has ended, and nobody waits for it", async ([, work]) => {
    const store = await filledStore();
    const before = await everything(store);
    const [written, release] = [deferred(), deferred()];
    const transaction = store.transaction(async () => {
      await work(store);
      written.resolve();
      await release.promise;
    });
    await written.promise;
    expect(await everything(store)).toEqual(before);
    release.resolve();
    await transaction;
    expect(await everything(store)).not.toEqual(before);
  });

  test.for(writes)("that is aborted takes back %s, and it can be done again", async ([, work]) => {
    const store = await filledStore();
    const before = await everything(store);
    const attempt = store.transaction(async () => {
      await work(store);
      throw aborted;
    });
    expect(await rejection(attempt)).toBe(aborted);
    expect(await everything(store)).toEqual(before);
    expect(await store.getSnapshot(thing)).toEqual({ version: 2, state: { version: 2 } });

    const untouched = await filledStore();
    const told = async (of: EventStore) =>
      (await readAll(of)).map(({ position, entityId, version, eventName, body }) => ({
        position,
        entityId,
        version,
        eventName,
        body,
      }));
    await work(store);
    await work(untouched);
    expect(await told(store)).toEqual(await told(untouched));
  });

  test("that is aborted leaves no key behind, which would stand for whatever comes to its place", async () => {
    const store = await filledStore();
    const attempt = store.transaction(async () => {
      await write(store, commitOf("t", 2, ["t3"], { idempotencyKey: "k" }));
      throw aborted;
    });
    expect(await rejection(attempt)).toBe(aborted);
    await write(store, commitOf("t", 2, ["other"]));
    expect(await store.findByIdempotencyKey(key)).toBeNull();
    expect(await write(store, commitOf("t", 3, ["t3"], { idempotencyKey: "k" }))).toMatchObject([{ version: 4 }]);
  });

  test("keeps snapshots that it saves, and those that an erasure deletes, to itself until it has ended", async () => {
    const store = await filledStore();
    const versionOutside = async () => (await store.getSnapshot(thing))?.version;
    for (const outcome of ["abort", "commit"] as const) {
      const [written, release] = [deferred(), deferred()];
      const transaction = store.transaction(async () => {
        await store.saveSnapshot(snapshot(3));
        expect(await versionOutside()).toBe(3);
        written.resolve();
        await release.promise;
        if (outcome === "abort") throw aborted;
      });
      await written.promise;
      expect(await versionOutside()).toBe(2);
      release.resolve();
      await transaction.catch(() => {});
      expect(await versionOutside()).toBe(outcome === "abort" ? 2 : 3);
    }
    await store.transaction(async () => {
      await store.erase(thing, who);
      expect(await store.getSnapshot(thing)).toBeNull();
      await store.saveSnapshot(snapshot(4));
      expect(await store.getSnapshot(thing)).toBeNull();
    });
    expect(await versionOutside()).toBeUndefined();
  });

  test("sees its own erasure, others see the contents until it has ended", async () => {
    const store = await filledStore();
    const bodies = async (options = {}) => (await store.loadHistory(thing, options)).map(({ body }) => body);
    await store.transaction(async () => {
      await store.erase(thing, who);
      expect(await bodies()).toEqual([null, null, null]);
      expect(await bodies({ transaction: null })).toEqual([{ secret: 1 }, { secret: 2 }]);
      expect((await readAll(store)).map(({ body, isErased }) => [body, isErased])).toEqual(Array(3).fill([null, true]));
      expect((await store.loadHistory(thing)).map(({ metadata }) => metadata)).toEqual([
        { actor: "alice", reason: "why" },
        { actor: "alice", reason: "why" },
        who,
      ]);
      expect(await rejection(store.append([commitOf("t", 3, ["t4"])]))).toMatchObject({ code: "entity_erased" });
      const retry = await store.append([commitOf("t", 0, ["t1", "t2"])]);
      expect(retry).toMatchObject([{ status: "duplicate", events: [{ body: null }, { body: null }] }]);
    });
    expect(await bodies()).toEqual([null, null, null]);
  });

  test("shows others the past as it is without what it has written", async () => {
    const store = createMemoryStore();
    const on = (day: string) => ({ eventId: day, eventCreatedAt: `2024-01-${day}T00:00:00Z` });
    await write(store, commitOf("t", 0, [on("01"), on("20")]));
    const at = Date.parse("2024-01-15T00:00:00Z");
    await store.transaction(async () => {
      // Dated before version 2: with it, all three had happened by the 15th.
      await write(store, commitOf("t", 2, [on("10")]));
      expect(ids(await store.load({ ...thing, at }))).toEqual(["01", "20", "10"]);
      expect(ids(await store.load({ ...thing, at }, { transaction: null }))).toEqual(["01"]);
      expect(ids(await store.load({ ...thing, position: 3 }))).toHaveLength(3);
      const ahead = store.load({ ...thing, position: 3 }, { transaction: null });
      expect(await rejection(ahead)).toMatchObject({ code: "cursor_ahead", after: 3, head: 2 });
      expect(await rejection(readAll(store, { after: 3, transaction: null }))).toMatchObject({ head: 2 });
    });
    expect(ids(await store.load({ ...thing, at }))).toEqual(["01", "20", "10"]);
  });

  test("lists, for others, no entity that it has created, and knows those that were aborted no more", async () => {
    const store = createMemoryStore();
    const listed = async (options = {}) =>
      (await store.entities({ entityName: "thing", ...options })).map(({ entityId, version }) => [entityId, version]);
    await write(store, commitOf("b", 0, ["b1"]));
    const attempt = store.transaction(async () => {
      await write(store, commitOf("a", 0, ["a1"]));
      await write(store, commitOf("b", 1, ["b2"]));
      expect(await listed()).toEqual([
        ["a", 1],
        ["b", 2],
      ]);
      expect(await listed({ transaction: null, limit: 1 })).toEqual([["b", 1]]);
      throw aborted;
    });
    expect(await rejection(attempt)).toBe(aborted);
    await write(store, commitOf("c", 0, ["c1"]));
    expect(await listed()).toEqual([
      ["b", 1],
      ["c", 1],
    ]);
    await write(store, commitOf("a", 0, ["a1", "a2"]));
    expect(await listed()).toEqual([
      ["a", 2],
      ["b", 1],
      ["c", 1],
    ]);
  });

  test("goes on after a step in it that was refused: what came before stays, of the step nothing does", async () => {
    const store = await filledStore();
    await store.transaction(async () => {
      await store.saveSnapshot(snapshot(3));
      await write(store, commitOf("u", 0, ["u1"], { idempotencyKey: "k" }));
      const rows = await store.append([
        commitOf("u", 1, ["u2"], { idempotencyKey: "l" }),
        commitOf("v", 0, ["v1"]),
        commitOf("t", 0, ["x"]),
      ]);
      expect(rows.map(({ status }) => status)).toEqual(["held_back", "held_back", "conflict"]);
      const none = store.erase({ ...thing, entityId: "v" }, who);
      expect(await rejection(none)).toMatchObject({ code: "entity_not_found" });
      expect(await store.findByIdempotencyKey({ ...key, entityId: "u", idempotencyKey: "l" })).toBeNull();
      expect(await write(store, commitOf("u", 1, ["u2"], { idempotencyKey: "l" }))).toMatchObject([{ position: 4 }]);
    });
    expect(ids(await readAll(store))).toEqual(["t1", "t2", "u1", "u2"]);
    expect(await store.getSnapshot(thing)).toMatchObject({ version: 3 });
    expect(await store.findByIdempotencyKey({ ...key, entityId: "u" })).toMatchObject([{ eventId: "u1" }]);
  });

  test("of a repository's calls keeps or loses them as a whole", async () => {
    const store = createMemoryStore();
    const notes = createRepository(Note, { adapter: store });
    await notes.create({ entityId: "old", body: { text: "old" } });
    const work = (fail: boolean) =>
      store.transaction(async () => {
        await notes.create({ entityId: "new", body: { text: "new" } });
        await notes.mutate({ entityId: "old" }, (note) => note.edit("changed"));
        expect((await notes.findOneOrThrow({ entityId: "old" })).state.text).toBe("changed");
        if (fail) throw aborted;
      });
    expect(await rejection(work(true))).toBe(aborted);
    expect([await textsOf(store, "old"), await textsOf(store, "new")]).toEqual([["old"], []]);
    await work(false);
    expect([await textsOf(store, "old"), await textsOf(store, "new")]).toEqual([["old", "changed"], ["new"]]);
  });
});

describe("{ transaction }", () => {
  test("takes the client of a transaction for that transaction", async () => {
    const store = createMemoryStore();
    const [handle, release] = [deferred<{ client: never }>(), deferred()];
    const work = store.transaction(async (transaction) => {
      handle.resolve(transaction as never);
      await release.promise;
      throw aborted;
    });
    const { client } = await handle.promise;
    await store.append([commitOf("t", 0, ["t1"])], { transaction: client });
    expect(await store.load(thing, { transaction: client })).toHaveLength(1);
    expect(await storedIds(store, "t")).toEqual([]);
    release.resolve();
    expect(await rejection(work)).toBe(aborted);
    const late = store.load(thing, { transaction: client });
    expect(await rejection(late)).toMatchObject({ code: "transaction_mismatch" });
  });

  test("that is none of this store's is refused", async () => {
    const store = createMemoryStore();
    for (const transaction of [{}, Object.freeze({}), { client: {} }] as never[]) {
      for (const call of [
        store.append([commitOf("t", 0, ["t1"])], { transaction }),
        store.load(thing, { transaction }),
        store.import([], { transaction }),
        readAll(store, { transaction }),
      ]) {
        expect(await rejection(call)).toMatchObject({ code: "transaction_mismatch" });
      }
    }
    expect(await readAll(store)).toEqual([]);
  });

  test("null reads what is committed from within a transaction, and writes nothing there", async () => {
    const store = await filledStore();
    await store.transaction(async () => {
      await write(store, commitOf("t", 2, ["t3"]));
      expect(await store.load(thing, { transaction: null })).toHaveLength(2);
      for (const call of [
        store.append([commitOf("u", 0, ["u1"])], { transaction: null }),
        store.erase(thing, { ...who, transaction: null }),
        store.import([{ ...imported, eventId: "u1" }], { transaction: null }),
      ]) {
        expect(await rejection(call)).toMatchObject({ code: "transaction_open" });
      }
    });
    expect(ids(await readAll(store))).toEqual(["t1", "t2", "t3"]);
  });
});
