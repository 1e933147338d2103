import { createRepository } from "../../repository/create-repository.ts";
import type { EventStore } from "../../storage/index.ts";
import { pause } from "../../util/timers.ts";
import { equal, matches, ok, rejects } from "../expect.ts";
import type { Able } from "./backend.ts";
import { commitOf, ids, readAll, storedIds, thing } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Thing } from "./thing.ts";

/** What joining a transaction promises that the application has opened. */
export function applicationTransactionCases(suite: Suite<EventStore>, { applicationTransactions }: Able): void {
  const { describe, test } = suite.where(applicationTransactions, "the backend has no transactions of its own to join");

  describe("a transaction of the application's", () => {
    test("takes in what is appended with its handle: stored when it is committed, gone when it is aborted", async ({
      createBackend,
    }) => {
      const { store, openTransaction } = await createBackend();
      for (const end of ["abort", "commit"] as const) {
        const { client, ...ends } = await openTransaction();
        const rows = await store.append([commitOf("t", 0, ["a"])], { transaction: client });
        matches(rows, [{ status: "written", version: 1 }]);
        await ends[end]();
        equal(await storedIds(store, "t"), end === "commit" ? ["a"] : []);
      }
    });

    test("reads its own writes, and nobody outside reads them before it is committed", async ({ createBackend }) => {
      const { store, openTransaction } = await createBackend();
      const { client, abort } = await openTransaction();
      await store.append([commitOf("t", 0, ["a"])], { transaction: client });
      equal(ids(await store.load(thing, { transaction: client })), ["a"]);
      equal(ids(await readAll(store, { transaction: client })), ["a"]);
      // A store may have one connection only: there a reader outside waits for the end.
      const outside = Promise.all([store.load(thing), readAll(store)]);
      await pause(0);
      await abort();
      equal(await outside, [[], []]);
    });

    test("is joined by a repository, and takes it all back when it is aborted", async ({ createBackend }) => {
      const { store, openTransaction } = await createBackend();
      const things = createRepository(Thing, { adapter: store });
      await things.create({ entityId: "t", body: { text: "one" } });
      const { client, abort } = await openTransaction();
      await things.mutate({ entityId: "t" }, (entity) => entity.rename("two"), { transaction: client });
      matches(await things.findOneOrThrow({ entityId: "t", transaction: client }), { state: { text: "two" } });
      await abort();
      matches(await things.findOneOrThrow({ entityId: "t" }), { version: 1, state: { text: "one" } });
    });

    test("is joined by a load that starts from a snapshot", async ({ createBackend }) => {
      const { store, openTransaction } = await createBackend();
      const things = createRepository(Thing, { adapter: store, snapshot: { frequency: 2 } });
      await things.create({ entityId: "t", body: { text: "one" } });
      await things.mutate({ entityId: "t" }, (entity) => entity.rename("two"));
      const { client, abort } = await openTransaction();
      await things.mutate({ entityId: "t" }, (entity) => entity.tag("x"), { transaction: client });
      const found = await things.findOneOrThrow({ entityId: "t", transaction: client });
      matches(found, { version: 3, state: { text: "two", tags: ["x"] } });
      await abort();
      matches(await things.findOneOrThrow({ entityId: "t" }), { version: 2, state: { text: "two", tags: [] } });
    });

    test("cannot be joined when it has ended", async ({ createBackend }) => {
      const { store, openTransaction } = await createBackend();
      const { client, commit } = await openTransaction();
      await commit();
      const append = store.append([commitOf("t", 0, ["a"])], { transaction: client });
      await rejects(append, { code: "transaction_ended" });
      equal(await readAll(store), []);
    });
  });

  suite.test(
    "a transaction that is none of the store's is refused, and nothing is written outside of it",
    async ({ createStore }) => {
      const store = await createStore();
      for (const transaction of [{}, { client: {} }, 1]) {
        const append = store.append([commitOf("t", 0, ["a"])], { transaction });
        const { code } = (await rejects(append, Error)) as Error & { code?: string };
        ok(code === "transaction_mismatch" || code === "unsupported", `${code} is transaction_mismatch or unsupported`);
      }
      equal(await readAll(store), []);
    },
  );
}
