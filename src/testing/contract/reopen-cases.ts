import type { EventStore } from "../../storage/index.ts";
import { equal, matches } from "../expect.ts";
import type { Able } from "./backend.ts";
import { appendOne, commitOf, ids, numbered, readAll, storedIds, take, thing, upTo, write } from "./events.ts";
import type { Suite } from "./suite.ts";

/** What a second store finds on the contents of a first one: after it, and beside it. */
export function reopenCases(suite: Suite<EventStore>, able: Able): void {
  const { describe } = suite;

  describe("what is stored", () => {
    const { test } = suite.where(
      able.durable && able.reopens,
      able.durable ? "createStore returns no { reopen }" : "the contents end with the store",
    );

    test("is there for the next store on the same contents", async ({ createBackend }) => {
      const { store, reopen } = await createBackend();
      await write(store, commitOf("t", 0, [{ eventId: "a", body: { n: 1 } }, "b"], { idempotencyKey: "k" }));
      await store.saveSnapshot({ ...thing, version: 2, state: { n: 1 } });
      const before = await readAll(store);
      await store.close();
      const next = await reopen();
      equal(await readAll(next), before);
      matches(await next.getSnapshot(thing), { state: { n: 1 } });
      equal(ids((await next.findByIdempotencyKey({ ...thing, idempotencyKey: "k" })) ?? []), ["a", "b"]);
      matches(await write(next, commitOf("t", 2, ["c"])), [{ version: 3 }]);
      const positions = (await readAll(next)).map(({ position }) => position);
      equal(
        positions,
        [...new Set(positions)].toSorted((a, b) => a - b),
      );
    });

    test("stays erased for the next store on the same contents", async ({ createBackend }) => {
      const { store, reopen } = await createBackend();
      await write(store, commitOf("t", 0, [{ body: { secret: 1 } }]));
      await store.erase(thing, { actor: "alice", reason: "because" });
      await store.close();
      matches(await (await reopen()).load(thing), Array(2).fill({ body: null, isErased: true }));
    });
  });

  if (!able.durable) {
    suite.test("what ends with the store is said to survive nothing", async ({ createStore }) => {
      const { durability } = await (await createStore()).status();
      equal(durability.survives, "none");
    });
  }

  describe("two stores on the same contents", () => {
    const { test } = suite.where(able.concurrentStores, "the contents belong to one store at a time");

    test("see what each other stored, and a position means the same to both", async ({ createBackend }) => {
      const { store, reopen } = await createBackend();
      const other = await reopen();
      await write(store, commitOf("t", 0, ["a"]));
      await write(other, commitOf("t", 1, ["b"]));
      equal(await readAll(store), await readAll(other));
      equal(await storedIds(store, "t"), ["a", "b"]);
    });

    test("A4: of both one writes a version, and the other is told so", async ({ createBackend }) => {
      const { store, reopen } = await createBackend();
      const other = await reopen();
      const rows = await Promise.all(
        upTo(20).map((n) => appendOne(n % 2 === 0 ? store : other, commitOf("t", 0, [`e${n}`]))),
      );
      equal(rows.filter(({ status }) => status === "written").length, 1, "written");
      equal(rows.filter(({ status }) => status === "conflict").length, 19, "conflicts");
    });

    test("wake each other's subscriptions", async ({ createBackend }) => {
      const { store, reopen } = await createBackend();
      const other = await reopen();
      const subscription = store.subscribe();
      const seen = take(subscription, 3);
      for (const id of numbered(1, 3)) await write(other, commitOf("t", "any", [id]));
      equal(ids(await seen), numbered(1, 3));
      await subscription.return?.();
    });

    test("give a subscription every event once and in order, while both write", async ({ createBackend }) => {
      const { store, reopen } = await createBackend();
      const other = await reopen();
      const subscription = store.subscribe({ after: 0 });
      const seen = take(subscription, 60);
      const writes = upTo(60).map((n) => write(n % 2 === 0 ? store : other, commitOf("t", "any", [`e${n}`])));
      await Promise.all(writes);
      equal(ids(await seen), ids(await readAll(other)));
      await subscription.return?.();
    });
  });
}
