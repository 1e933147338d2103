import type { EventStore } from "../../storage/index.ts";
import { equal, matches, ok, rejects } from "../expect.ts";
import type { Able } from "./backend.ts";
import { appendOne, commitOf, deferred, noon, readAll, storedIds, thing, write } from "./events.ts";
import type { Suite } from "./suite.ts";

const who = { actor: "alice", reason: "because" };

/** Every method of a store that asks or writes something. */
function callsOf(store: EventStore): { readonly [name: string]: () => Promise<unknown> } {
  return {
    append: () => store.append([commitOf("d", 0, ["d"])]),
    load: () => store.load(thing),
    loadHistory: () => store.loadHistory(thing),
    findByIdempotencyKey: () => store.findByIdempotencyKey({ ...thing, idempotencyKey: "k" }),
    read: () => readAll(store),
    subscribe: async () => store.subscribe().next(),
    entities: () => store.entities({ entityName: "thing" }),
    import: () => store.import([{ ...thing, eventId: "a", eventName: "x", eventCreatedAt: noon, body: 1 }]),
    erase: () => store.erase(thing, who),
    getEventsByEntityId: () => store.getEventsByEntityId(thing),
    getSnapshot: () => store.getSnapshot(thing),
    saveSnapshot: () => store.saveSnapshot({ ...thing, version: 1, state: {} }),
    transaction: () => store.transaction(async () => {}),
  };
}

/** What `migrate`, `status` and `close` promise. */
export function lifecycleCases(suite: Suite<EventStore>, able: Able): void {
  const { describe, test } = suite;

  describe("migrate", () => {
    suite
      .where(able.migrations, "the backend has no tables")
      .test("must have been called: every other call says so before", async ({ createBackend, skip }) => {
        const { store } = await createBackend({ migrated: false });
        if ((await store.status()).schemaVersion > 0) skip("createStore has migrated the store");
        for (const [name, call] of Object.entries(callsOf(store))) {
          await rejects(call(), { code: "schema_missing" }, name);
        }
        equal((await store.status()).schemaVersion, 0);
        await store.migrate();
        await write(store, commitOf("t", 0, ["a"]));
      });

    if (!able.migrations) {
      test("is not needed where there are no tables", async ({ createBackend }) => {
        const { store } = await createBackend({ migrated: false });
        await write(store, commitOf("t", 0, ["a"]));
        await store.migrate();
        equal(await storedIds(store, "t"), ["a"]);
      });
    }

    test("may be called again, also by several at once, and leaves what is stored alone", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      const before = await readAll(store);
      const { schemaVersion } = await store.status();
      await Promise.all([store.migrate(), store.migrate()]);
      equal(await readAll(store), before);
      equal((await store.status()).schemaVersion, schemaVersion);
    });
  });

  describe("status", () => {
    test("names the last position as the frontier", async ({ createStore }) => {
      const store = await createStore();
      equal((await store.status()).frontier, 0);
      const [, last] = await write(store, commitOf("t", 0, ["a", "b"]));
      equal((await store.status()).frontier, last?.position);
    });

    test("says what an acknowledged commit survives, and why", async ({ createStore }) => {
      const { durability } = await (await createStore()).status();
      const expected = able.durable ? ["power_loss", "process_crash"] : ["none"];
      ok(expected.includes(durability.survives), `${durability.survives} is ${expected.join(" or ")}`);
      ok(durability.because.length > 0, "it says why");
    });
  });

  describe("close", () => {
    test("waits for what is under way; every call after it is refused", async ({ createStore }) => {
      const store = await createStore();
      const appends = ["a", "b", "c"].map((id) => appendOne(store, commitOf(id, 0, [id])));
      await store.close();
      matches(await Promise.all(appends), Array(3).fill({ status: "written" }));
      const calls = { ...callsOf(store), migrate: () => store.migrate(), status: () => store.status() };
      for (const [name, call] of Object.entries(calls)) await rejects(call(), { code: "store_closed" }, name);
    });

    test("lets a transaction that is under way do what it has still to do", async ({ createStore }) => {
      const store = await createStore();
      const [begun, closing] = [deferred(), deferred()];
      const work = store.transaction(async () => {
        begun.resolve();
        await closing.promise;
        await write(store, commitOf("a", 0, ["a1"]));
        return storedIds(store, "a");
      });
      await begun.promise;
      const closed = store.close();
      closing.resolve();
      equal(await work, ["a1"]);
      await closed;
    });

    test("may be called again, and again ends only when the store is closed", async ({ createStore }) => {
      const store = await createStore();
      const [begun, release] = [deferred(), deferred()];
      let ended = false;
      const work = store.transaction(async () => {
        begun.resolve();
        await release.promise;
        ended = true;
      });
      await begun.promise;
      const closings = [store.close(), store.close()].map((closing) => closing.then(() => ended));
      release.resolve();
      equal(await Promise.all(closings), [true, true]);
      await work;
      await store.close();
    });
  });
}
