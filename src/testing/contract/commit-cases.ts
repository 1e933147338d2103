import { ConcurrencyError, IdempotencyMismatchError, UnsupportedError } from "../../errors/index.ts";
import { createRepository } from "../../repository/create-repository.ts";
import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { equal, matches, rejects } from "../expect.ts";
import { readAll } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Gadget, Thing } from "./thing.ts";

/** What `commit` of a store promises: entities of several classes in one transaction. */
export function commitCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite.where(can.atomicBatches, "the store has no atomic batches");

  function repositories(store: EventStore) {
    return {
      things: createRepository(Thing, { adapter: store }),
      gadgets: createRepository(Gadget, { adapter: store }),
    };
  }
  const newThing = (entityId = "t") => Thing.create({ entityId, body: { text: "one" } });
  const newGadget = (entityId = "g") => Gadget.create({ entityId, body: { count: 1 } });

  describe("a commit of entities of several classes", () => {
    test("stores them together, with results in their order", async ({ createStore }) => {
      const store = await createStore();
      repositories(store);
      const [gadget, thing] = [newGadget(), newThing()];
      thing.rename("two");
      const results = await store.commit([gadget, thing]);
      matches(results, [
        { version: 1, events: [{ eventName: "gadget:built" }], duplicate: false },
        { version: 2, events: [{ eventName: "thing:made" }, { eventName: "thing:renamed" }], duplicate: false },
      ]);
      const log = await readAll(store);
      equal(
        log.map(({ eventName }) => eventName),
        ["gadget:built", "thing:made", "thing:renamed"],
      );
      equal(
        results.map(({ position }) => position),
        [log[0]?.position, log[2]?.position],
      );
      equal([gadget.uncommittedEvents.length, thing.uncommittedEvents.length], [0, 0]);
    });

    test("stores none of them when one is refused, and all keep their events", async ({ createStore }) => {
      const store = await createStore();
      const { things, gadgets } = repositories(store);
      await store.commit([newThing(), newGadget()]);
      const thing = await things.findOneOrThrow({ entityId: "t" });
      const gadget = await gadgets.findOneOrThrow({ entityId: "g" });
      await gadgets.mutate({ entityId: "g" }, (other) => other.use(1));
      const before = await readAll(store);
      thing.rename("two");
      gadget.use(2);
      matches(await rejects(store.commit([thing, gadget]), ConcurrencyError), { entityName: "gadget", entityId: "g" });
      equal(await readAll(store), before);
      equal([thing.uncommittedEvents.length, gadget.uncommittedEvents.length], [1, 1]);
      matches(await things.commit(thing), { version: 2 });
    });

    test("with nothing to store answers for each with nothing stored", async ({ createStore }) => {
      const store = await createStore();
      repositories(store);
      const [thing, gadget] = [newThing(), newGadget()];
      await store.commit([thing]);
      const nothing = { version: 1, events: [], duplicate: false, position: undefined };
      matches(await store.commit([thing, gadget]), [nothing, { version: 1, duplicate: false }]);
      equal(await store.commit([]), []);
    });

    test("refuses an entity that stands twice in it", async ({ createStore }) => {
      const store = await createStore();
      repositories(store);
      const thing = newThing();
      await rejects(store.commit([thing, newGadget(), thing]), { code: "duplicate_entity" });
      equal(await readAll(store), []);
    });

    test("takes two entities of one id, when their names differ", async ({ createStore }) => {
      const store = await createStore();
      repositories(store);
      matches(await store.commit([newThing("same"), newGadget("same")]), [{ version: 1 }, { version: 1 }]);
    });

    test("belongs to the transaction that surrounds it", async ({ createStore }) => {
      const store = await createStore();
      repositories(store);
      const [thing, gadget] = [newThing(), newGadget()];
      const work = store.transaction(async () => {
        await store.commit([thing, gadget]);
        throw new Error("aborted");
      });
      await rejects(work, { message: "aborted" });
      equal(await readAll(store), []);
      equal([thing.uncommittedEvents.length, gadget.uncommittedEvents.length], [1, 1]);
      matches(await store.commit([thing, gadget]), [{ version: 1 }, { version: 1 }]);
    });

    test("that arrives twice under an idempotency key is answered with the first", async ({ createStore }) => {
      const store = await createStore();
      repositories(store);
      const first = await store.commit([newThing(), newGadget()], { idempotencyKey: "k" });
      const second = await store.commit([newThing(), newGadget()], { idempotencyKey: "k" });
      equal(
        second,
        first.map((result) => ({ ...result, duplicate: true })),
      );
      equal((await readAll(store)).length, 2);
    });

    test("of which only one knows the idempotency key is a mismatch, and writes nothing", async ({ createStore }) => {
      const store = await createStore();
      repositories(store);
      await store.commit([newThing()], { idempotencyKey: "k" });
      const before = await readAll(store);
      for (const entities of [
        [newThing(), newGadget()],
        [newGadget(), newThing()],
      ]) {
        const error = await rejects(store.commit(entities, { idempotencyKey: "k" }), IdempotencyMismatchError);
        matches(error, { entityName: "thing", entityId: "t", idempotencyKey: "k" });
        equal(await readAll(store), before);
        equal(
          entities.map(({ uncommittedEvents }) => uncommittedEvents.length),
          [1, 1],
        );
      }
      matches(await store.commit([newThing("t2"), newGadget()], { idempotencyKey: "k" }), [
        { version: 1, duplicate: false },
        { version: 1, duplicate: false },
      ]);
    });

    test("over a store without repositories is unsupported, and the entities keep their events", async ({
      createStore,
    }) => {
      const store = await createStore();
      const thing = newThing();
      await rejects(store.commit([thing]), UnsupportedError);
      createRepository(Gadget, { adapter: store });
      await rejects(store.commit([newGadget(), thing]), UnsupportedError);
      equal(await readAll(store), []);
      equal(thing.uncommittedEvents.length, 1);
    });

    const attributed = suite.where(can.atomicBatches && can.metadata, "the store keeps no metadata");
    attributed.test("puts each entity under the policy of its own repository", async ({ createStore }) => {
      const store = await createStore();
      createRepository(Thing, { adapter: store, attribution: "required" });
      createRepository(Gadget, { adapter: store });
      const both = [newThing(), newGadget()] as const;
      const missing = await rejects(store.commit(both, { actor: "alice" }), { code: "attribution_missing" });
      matches(missing, { entityName: "thing", missing: ["reason"] });
      equal(await readAll(store), []);
      await store.commit([newGadget("other")]);
      const who = { actor: "alice", reason: "because" };
      await store.commit(both, who);
      matches((await readAll(store)).slice(1), [{ metadata: who }, { metadata: who }]);
    });

    attributed.test(
      "puts an entity under the policy of the repository that loaded it, and a new one under the last",
      async ({ createStore }) => {
        const store = await createStore();
        const strict = createRepository(Thing, { adapter: store, attribution: "required" });
        await strict.create({ entityId: "t", body: { text: "one" } }, { actor: "alice", reason: "because" });
        createRepository(Thing, { adapter: store });
        const loaded = await strict.findOneOrThrow({ entityId: "t" });
        loaded.rename("two");
        await rejects(store.commit([loaded, newThing("new")]), { code: "attribution_missing", entityId: "t" });
        matches(await store.commit([newThing("new")]), [{ version: 1 }]);
      },
    );
  });
}
