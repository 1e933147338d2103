import { AttributionError } from "../../errors/index.ts";
import { createRepository } from "../../repository/create-repository.ts";
import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { equal, matches, rejects } from "../expect.ts";
import { commitOf, readAll, thing, write } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Thing } from "./thing.ts";

const who = { actor: "alice", reason: "because" };

/** What the store's own attribution policy promises. */
export function policyCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite.where(can.metadata, "the store keeps no metadata");

  describe("the attribution policy of the store", () => {
    test("is none unless one is given", async ({ createStore }) => {
      matches(await write(await createStore(), commitOf("t", 0, [{ metadata: {} }])), [{ metadata: {} }]);
    });

    test('"required" refuses an append without an actor or a reason, and writes nothing', async ({ createStore }) => {
      const store = await createStore({ attribution: "required" });
      const incomplete = [
        [{}, ["actor", "reason"]],
        [{ actor: "alice" }, ["reason"]],
        [{ reason: "because" }, ["actor"]],
      ] as const;
      for (const [metadata, missing] of incomplete) {
        const append = store.append([commitOf("t", 0, [{ metadata: who }, { metadata }])]);
        const facts = { ...thing, eventName: "thing:happened", missing };
        matches(await rejects(append, AttributionError), facts);
      }
      equal(await readAll(store), []);
      await write(store, commitOf("t", 0, [{ metadata: who }]));
    });

    test('"actor" asks for an actor alone', async ({ createStore }) => {
      const store = await createStore({ attribution: "actor" });
      matches(await rejects(store.append([commitOf("t", 0, [{}])]), AttributionError), { missing: ["actor"] });
      await write(store, commitOf("t", 0, [{ metadata: { actor: "alice" } }]));
    });

    test("as a list asks for an actor everywhere, and for a reason where it says so", async ({ createStore }) => {
      const store = await createStore({ attribution: ["thing:closed"] });
      const metadata = { actor: "alice" };
      await write(store, commitOf("t", 0, [{ metadata }]));
      await rejects(store.append([commitOf("t", 1, [{}])]), AttributionError);
      const closing = { eventName: "thing:closed", metadata };
      matches(await rejects(store.append([commitOf("t", 1, [closing])]), AttributionError), { missing: ["reason"] });
      await write(store, commitOf("t", 1, [{ ...closing, metadata: who }]));
    });

    test("binds a repository that asks for nothing itself", async ({ createStore }) => {
      const store = await createStore({ attribution: "required" });
      const things = createRepository(Thing, { adapter: store, attribution: "optional" });
      const entity = Thing.create({ body: { text: "one" } });
      await rejects(things.commit(entity, { actor: "alice" }), AttributionError);
      equal(entity.uncommittedEvents.length, 1);
      await things.commit(entity, who);
      equal((await readAll(store)).length, 1);
    });

    test("binds whoever uses the store as an adapter of two methods", async ({ createStore }) => {
      const store = await createStore({ attribution: "actor" });
      const { metadata: _, ...event } = { ...commitOf("t", 0, [{}]).events[0], ...thing } as never as {
        metadata: object;
        eventId: string;
        eventName: string;
        eventCreatedAt: string;
        entityName: string;
        entityId: string;
        body: object;
      };
      await rejects(store.commitEvents({ ...thing, events: [event], state: {}, expectedVersion: 0 }), AttributionError);
      equal(await readAll(store), []);
    });

    test("that is none of these is refused when the store is made", async ({ createStore }) => {
      await createStore({ attribution: "actor" });
      await rejects(createStore({ attribution: "always" as "actor" }), { code: "invalid_option" });
    });
  });
}
