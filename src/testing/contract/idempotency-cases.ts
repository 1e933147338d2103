import { IdempotencyMismatchError } from "../../errors/index.ts";
import { createRepository } from "../../repository/create-repository.ts";
import type { EventStore } from "../../storage/index.ts";
import { equal, matches, ok, rejects } from "../expect.ts";
import { appendOne, commitOf, eventsOf, ids, storedIds, thing, upTo, write } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Thing } from "./thing.ts";

/** What an idempotency key promises. */
export function idempotencyCases({ describe, test }: Suite<EventStore>): void {
  const find = { ...thing, idempotencyKey: "k" };

  describe("an idempotency key", () => {
    test("answers a second commit with the first, whatever its ids and expected version", async ({ createStore }) => {
      const store = await createStore();
      const events = await write(store, commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" }));
      await write(store, commitOf("t", 2, ["c"]));
      for (const expectedVersion of [0, 3, 9, "any"] as const) {
        const again = commitOf("t", expectedVersion, ["x", "y"], { idempotencyKey: "k" });
        equal(await appendOne(store, again), { status: "duplicate", version: 2, events });
      }
      equal(await storedIds(store, "t"), ["a", "b", "c"]);
    });

    const others = [
      ["another name", [{ eventName: "thing:else" }, {}]],
      ["fewer events", [{}]],
      ["more events", [{}, {}, {}]],
    ] as const;
    for (const [title, events] of others) {
      test(`that stands for other events is a mismatch: ${title}`, async ({ createStore }) => {
        const store = await createStore();
        await write(store, commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" }));
        const row = await appendOne(store, commitOf("t", 2, events, { idempotencyKey: "k" }));
        equal(row, { status: "key_mismatch" });
        equal(await storedIds(store, "t"), ["a", "b"]);
      });
    }

    test("belongs to its entity: another id or another name may use the same", async ({ createStore }) => {
      const store = await createStore();
      for (const [entityName, entityId] of [
        ["thing", "t"],
        ["thing", "u"],
        ["gadget", "t"],
      ] as const) {
        const event = { eventId: `${entityName}-${entityId}` };
        await write(store, commitOf(entityId, 0, [event], { entityName, idempotencyKey: "k" }));
        const found = await store.findByIdempotencyKey({ entityName, entityId, idempotencyKey: "k" });
        equal(ids(found ?? []), [event.eventId]);
      }
    });

    test("finds all events of its commit, and none of those around it", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      const events = await write(store, commitOf("t", 1, ["b", "c", "d"], { idempotencyKey: "k" }));
      await write(store, commitOf("t", 4, ["e"]));
      equal(await store.findByIdempotencyKey(find), events);
    });

    test("that is not known finds null, also where other keys are", async ({ createStore }) => {
      const store = await createStore();
      equal(await store.findByIdempotencyKey(find), null);
      await write(store, commitOf("t", 0, ["a"]));
      await write(store, commitOf("t", 1, ["b"], { idempotencyKey: "K" }));
      equal(await store.findByIdempotencyKey(find), null);
    });

    test("of a commit that completes a stored prefix never stands for later events of others", async ({
      createStore,
    }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      await write(store, commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" }));
      await write(store, commitOf("t", 2, ["c"]));
      ok(!ids((await store.findByIdempotencyKey(find)) ?? []).includes("c"), "the key does not find c");
      const retry = await appendOne(store, commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" }));
      matches(retry, { status: "duplicate", version: 2, events: [{ eventId: "a" }, { eventId: "b" }] });
    });

    test("of a commit whose answer was lost and that has grown since: the rest is written, and a retry is a duplicate", async ({
      createStore,
    }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"], { idempotencyKey: "k" }));
      const grown = commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" });
      const events = await write(store, grown);
      equal(ids(events), ["a", "b"]);
      equal(await appendOne(store, grown), { status: "duplicate", version: 2, events });
      equal(await storedIds(store, "t"), ["a", "b"]);
    });

    test("of racing commits lets one be written, and answers the others with it", async ({ createStore }) => {
      const store = await createStore();
      const rows = await Promise.all(
        upTo(20).map((n) => appendOne(store, commitOf("t", "any", [`e${n}`], { idempotencyKey: "k" }))),
      );
      equal(rows.map(({ status }) => status).toSorted(), [...Array(19).fill("duplicate"), "written"]);
      equal(new Set(rows.map((row) => eventsOf(row)[0]?.eventId)).size, 1);
    });

    test("stays with its commit, though one that repeats an event of it at another place is refused", async ({
      createStore,
    }) => {
      const store = await createStore();
      const events = await write(store, commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" }));
      const row = await appendOne(store, commitOf("t", 2, ["c", "b"], { idempotencyKey: "k" }));
      equal(row, { status: "corrupt_retry", actualVersion: 2 });
      equal(await store.findByIdempotencyKey(find), events);
      equal(await storedIds(store, "t"), ["a", "b"]);
    });

    test("of a refused commit is free again", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      const refused = await appendOne(store, commitOf("t", 0, ["x"], { idempotencyKey: "k" }));
      matches(refused, { status: "conflict" });
      await write(store, commitOf("t", 1, [{ eventId: "y", eventName: "thing:else" }], { idempotencyKey: "k" }));
      equal(await storedIds(store, "t"), ["a", "y"]);
    });

    test("of an aborted transaction is free again", async ({ createStore }) => {
      const store = await createStore();
      const work = store.transaction(async () => {
        await write(store, commitOf("t", 0, ["a"], { idempotencyKey: "k" }));
        throw new Error("aborted");
      });
      await rejects(work, { message: "aborted" });
      equal(await store.findByIdempotencyKey(find), null);
      await write(store, commitOf("t", 0, ["b"], { idempotencyKey: "k" }));
    });

    test("given to a repository answers a command that arrives twice with what the first one stored", async ({
      createStore,
    }) => {
      const things = createRepository(Thing, { adapter: await createStore() });
      await things.create({ entityId: "t", body: { text: "one" } });
      const rename = () => things.mutate({ entityId: "t" }, (entity) => entity.rename("two"), { idempotencyKey: "k" });
      const first = await rename();
      const second = await rename();
      matches(first, { version: 2, duplicate: false });
      matches(second, { version: 2, duplicate: true, events: first.events, position: first.position });
      const loaded = await things.findOneOrThrow({ entityId: "t" });
      loaded.tag("x");
      await rejects(things.commit(loaded, { idempotencyKey: "k" }), IdempotencyMismatchError);
    });
  });
}
