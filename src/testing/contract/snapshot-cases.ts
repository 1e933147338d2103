import { createRepository } from "../../repository/create-repository.ts";
import type { EventStore, StoreTransaction } from "../../storage/index.ts";
import { equal, matches } from "../expect.ts";
import { commitOf, deferred, soon, thing, upTo, write } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Thing } from "./thing.ts";

/** What keeping snapshots promises. */
export function snapshotCases({ describe, test }: Suite<EventStore>): void {
  const snapshot = (version: number, more: object = {}) => ({ ...thing, version, state: { version }, ...more });

  describe("snapshots", () => {
    test("give the newest one at or below a version, or null", async ({ createStore }) => {
      const store = await createStore();
      equal(await store.getSnapshot(thing), null);
      await store.saveSnapshot(snapshot(3));
      await store.saveSnapshot(snapshot(7));
      matches(await store.getSnapshot(thing), { version: 7, state: { version: 7 } });
      matches(await store.getSnapshot({ ...thing, upToVersion: 6 }), { version: 3 });
      matches(await store.getSnapshot({ ...thing, upToVersion: 3 }), { version: 3 });
      equal(await store.getSnapshot({ ...thing, upToVersion: 2 }), null);
    });

    test("carry the id of their last event, by which a snapshot of another history can be told", async ({
      createStore,
    }) => {
      const store = await createStore();
      await store.saveSnapshot(snapshot(3, { eventId: "e3" }));
      matches(await store.getSnapshot(thing), { version: 3, eventId: "e3" });
      await store.saveSnapshot(snapshot(3, { eventId: "another" }));
      matches(await store.getSnapshot(thing), { version: 3, eventId: "another" });
      await store.saveSnapshot(snapshot(4));
      matches(await store.getSnapshot(thing), { version: 4, eventId: undefined });
    });

    test("keep the two newest of each fingerprint, so that two builds do not overwrite each other", async ({
      createStore,
    }) => {
      const store = await createStore();
      for (const version of [1, 2, 3]) await store.saveSnapshot(snapshot(version, { fingerprint: "old" }));
      await store.saveSnapshot(snapshot(9, { fingerprint: "new", state: "new" }));
      const versionOf = async (query: object) => (await store.getSnapshot({ ...thing, ...query }))?.version;
      equal(await versionOf({ fingerprint: "old" }), 3);
      equal(await versionOf({ fingerprint: "old", upToVersion: 2 }), 2);
      equal(await versionOf({ fingerprint: "old", upToVersion: 1 }), undefined);
      equal(await versionOf({ fingerprint: "new" }), 9);
    });

    test("of another fingerprint, or of one asked for without, are not found", async ({ createStore }) => {
      const store = await createStore();
      await store.saveSnapshot(snapshot(1, { fingerprint: "one" }));
      equal(await store.getSnapshot({ ...thing, fingerprint: "two" }), null);
      equal(await store.getSnapshot({ ...thing, fingerprint: "ONE" }), null);
      equal(await store.getSnapshot(thing), null);
    });

    test("P7: of two entity names with one id do not overwrite each other", async ({ createStore }) => {
      const store = await createStore();
      await store.saveSnapshot(snapshot(1));
      await store.saveSnapshot({ ...snapshot(2), entityName: "gadget" });
      matches(await store.getSnapshot(thing), { version: 1 });
      matches(await store.getSnapshot({ ...thing, entityName: "gadget" }), { version: 2 });
      equal(await store.getSnapshot({ ...thing, entityId: "T" }), null);
    });

    test("of one version are replaced by the later", async ({ createStore }) => {
      const store = await createStore();
      await store.saveSnapshot(snapshot(1, { state: "first" }));
      await store.saveSnapshot(snapshot(1, { state: "second" }));
      matches(await store.getSnapshot(thing), { version: 1, state: "second" });
    });

    test("are kept and read by a repository, whose states are those that the events give", async ({ createStore }) => {
      const store = await createStore();
      const [with2, without] = [
        createRepository(Thing, { adapter: store, snapshot: { frequency: 2 } }),
        createRepository(Thing, { adapter: store }),
      ];
      await with2.create({ entityId: "t", body: { text: "one" } });
      for (const tag of ["a", "b", "c", "d"]) await with2.mutate(thing, (entity) => entity.tag(tag));
      for (const version of upTo(5)) {
        const [found, expected] = [
          await with2.findOneOrThrow({ ...thing, version }),
          await without.findOneOrThrow({ ...thing, version }),
        ];
        equal(found.toJSON(), expected.toJSON());
      }
      matches(await with2.findOneOrThrow(thing), { version: 5, state: { tags: ["a", "b", "c", "d"] } });
    });

    test("are read inside a transaction by who was handed it, wherever the call comes from", async ({
      createStore,
    }) => {
      const store = await createStore();
      const things = createRepository(Thing, { adapter: store, snapshot: { frequency: 1 } });
      await things.create({ entityId: "t", body: { text: "one" } });
      const handed = deferred<StoreTransaction>();
      // Begun before the transaction: no async context tells this call that it is inside.
      const outside = handed.promise.then((transaction) =>
        things.mutate(thing, (entity) => entity.rename("two"), { transaction }),
      );
      await store.transaction(async (transaction) => {
        handed.resolve(transaction);
        await soon(outside, "the mutation inside");
      });
      matches(await things.findOneOrThrow(thing), { version: 2, state: { text: "two" } });
    });

    test("are no part of the log", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      const { frontier } = await store.status();
      await store.saveSnapshot(snapshot(1));
      equal((await store.status()).frontier, frontier);
    });
  });
}
