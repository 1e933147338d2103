import type { EventStore } from "../../storage/index.ts";
import { pause } from "../../util/timers.ts";
import { equal, matches, ok, rejects } from "../expect.ts";
import { commitOf, deferred, ids, readAll, storedIds, thing, write } from "./events.ts";
import type { Suite } from "./suite.ts";

const aborted = { message: "aborted" };

/** What `transaction` promises. */
export function transactionCases({ describe, test }: Suite<EventStore>): void {
  describe("transaction", () => {
    test("writes everything, and gives back what its callback returned", async ({ createStore }) => {
      const store = await createStore();
      const value = await store.transaction(async () => {
        await write(store, commitOf("a", 0, ["a1"]));
        await write(store, commitOf("b", 0, ["b1"]));
        return "done";
      });
      equal(value, "done");
      equal(ids(await readAll(store)), ["a1", "b1"]);
    });

    test("writes nothing when its callback rejects, and rejects with the very same error", async ({ createStore }) => {
      const store = await createStore();
      const error = new Error("aborted");
      const work = store.transaction(async () => {
        await write(store, commitOf("a", 0, ["a1"]));
        throw error;
      });
      ok((await rejects(work, aborted)) === error, "it is the very same error");
      equal(await readAll(store), []);
      equal(ids(await write(store, commitOf("a", 0, ["a1"]))), ["a1"]);
    });

    test("writes nothing when its callback throws before the first await", async ({ createStore }) => {
      const store = await createStore();
      const work = store.transaction(() => {
        throw new Error("aborted");
      });
      await rejects(work, aborted);
      equal(ids(await write(store, commitOf("a", 0, ["a1"]))), ["a1"]);
    });

    test("reads its own writes, and nobody outside ever reads what it then aborts", async ({ createStore }) => {
      const store = await createStore();
      const [written, release] = [deferred(), deferred()];
      const work = store.transaction(async () => {
        await write(store, commitOf("a", 0, ["a1"]));
        equal(await storedIds(store, "a"), ["a1"]);
        equal((await readAll(store)).length, 1);
        equal((await store.entities({ entityName: "thing" })).length, 1);
        written.resolve();
        await release.promise;
        throw new Error("aborted");
      });
      await written.promise;
      // A store may have one connection only: there a reader outside waits for the end.
      const outside = Promise.all([storedIds(store, "a"), readAll(store), store.entities({ entityName: "thing" })]);
      await pause(0);
      release.resolve();
      await rejects(work, aborted);
      equal(await outside, [[], [], []]);
    });

    test("a refused append inside leaves the transaction usable, and takes only itself back", async ({
      createStore,
    }) => {
      const store = await createStore();
      await write(store, commitOf("x", 0, ["x1"]));
      await store.transaction(async () => {
        await write(store, commitOf("a", 0, ["a1"]));
        matches(await store.append([commitOf("x", 0, ["x2", "x3"])]), [{ status: "conflict" }]);
        matches(await store.append([commitOf("x", 1, ["x4", "a1"])]), [{ status: "corrupt_retry" }]);
        equal(await storedIds(store, "x"), ["x1"]);
        await write(store, commitOf("a", 1, ["a2"]));
      });
      equal(await storedIds(store, "a"), ["a1", "a2"]);
      equal(await storedIds(store, "x"), ["x1"]);
    });

    test("that is nested joins the outer one: one end for both", async ({ createStore }) => {
      const store = await createStore();
      const nest = (isKept: boolean) =>
        store.transaction(async (outer) => {
          await write(store, commitOf("a", 0, ["a1"]));
          await store.transaction(async (inner) => {
            ok(inner === outer, "the inner handle is the outer one");
            await write(store, commitOf("b", 0, ["b1"]));
          });
          if (!isKept) throw new Error("aborted");
        });
      await rejects(nest(false), aborted);
      equal(await readAll(store), []);
      await nest(true);
      equal((await readAll(store)).length, 2);
    });

    test("an inner one that fails and is caught does not take the outer one with it", async ({ createStore }) => {
      const store = await createStore();
      await store.transaction(async () => {
        await store.transaction(async () => Promise.reject(new Error("inner"))).catch(() => {});
        await write(store, commitOf("a", 0, ["a1"]));
      });
      equal(await storedIds(store, "a"), ["a1"]);
    });

    test("is joined by its handle from where no context leads", async ({ createStore }) => {
      const store = await createStore();
      const [handle, release] = [deferred<object>(), deferred()];
      const work = store.transaction(async (transaction) => {
        handle.resolve(transaction);
        await release.promise;
        throw new Error("aborted");
      });
      const transaction = await handle.promise;
      matches(await store.append([commitOf("t", 0, ["a1"])], { transaction }), [{ status: "written" }]);
      equal(ids(await store.load(thing, { transaction })), ["a1"]);
      equal(ids(await readAll(store, { transaction })), ["a1"]);
      release.resolve();
      await rejects(work, aborted);
      equal(await storedIds(store, "t"), []);
    });

    test("cannot be used after its end, neither by its handle nor by what it left running", async ({ createStore }) => {
      const store = await createStore();
      const release = deferred();
      const ended = { code: "transaction_ended" };
      let leftRunning: Promise<unknown> | undefined;
      const transaction = await store.transaction(async (handle) => {
        leftRunning = rejects(
          release.promise.then(() => store.append([commitOf("a", 0, ["a1"])])),
          ended,
        );
        return handle;
      });
      await rejects(store.append([commitOf("a", 0, ["a1"])], { transaction }), ended);
      release.resolve();
      await leftRunning;
      equal(await readAll(store), []);
    });

    test("that has ended is not mistaken for the one that others have open now", async ({ createStore }) => {
      const store = await createStore();
      const [release, begun] = [deferred(), deferred()];
      let leftRunning: Promise<unknown> | undefined;
      await store.transaction(async () => {
        leftRunning = rejects(
          begun.promise.then(() => store.append([commitOf("a", 0, ["late"])])),
          { code: "transaction_ended" },
        );
      });
      const other = store.transaction(async () => {
        await write(store, commitOf("b", 0, ["b1"]));
        begun.resolve();
        await release.promise;
      });
      await leftRunning;
      release.resolve();
      await other;
      equal(ids(await readAll(store)), ["b1"]);
    });

    test("of another store is refused", async ({ createStore }) => {
      const [store, other] = [await createStore(), await createStore()];
      const mismatch = { code: "transaction_mismatch" };
      await other.transaction(async (transaction) => {
        await rejects(store.append([commitOf("t", 0, ["a1"])], { transaction }), mismatch);
        await rejects(store.load(thing, { transaction }), mismatch);
        // Without it the call is outside, for the surrounding transaction is not this store's.
        await write(store, commitOf("b", 0, ["b1"]));
      });
      equal(ids(await readAll(store)), ["b1"]);
      equal(await readAll(other), []);
    });

    test("that takes too long is aborted, what it does later is refused, and others go on", async ({ createStore }) => {
      const store = await createStore();
      const release = deferred();
      let straggler: Promise<unknown> = Promise.resolve();
      const work = store.transaction(
        async () => {
          await write(store, commitOf("a", 0, ["a1"]));
          straggler = release.promise.then(() => store.append([commitOf("a", 1, ["a2"])]));
          straggler.catch(() => {});
          await straggler;
        },
        { timeout: 50 },
      );
      await rejects(work, { code: "transaction_timeout", retryable: true });
      equal(await readAll(store), []);
      await write(store, commitOf("a", 0, ["b1"]));
      release.resolve();
      await rejects(straggler, { code: "transaction_ended" });
      equal(await storedIds(store, "a"), ["b1"]);
    });

    for (const timeout of [0, -1, 0.5, Number.NaN]) {
      test(`refuses a timeout of ${timeout}`, async ({ createStore }) => {
        const store = await createStore();
        const work = async () => store.transaction(async () => {}, { timeout });
        await rejects(work(), { code: "invalid_option" });
      });
    }

    test("lets appends of others wait for its end, and then go on", async ({ createStore }) => {
      const store = await createStore();
      const [begun, release] = [deferred(), deferred()];
      const work = store.transaction(async () => {
        await write(store, commitOf("t", 0, ["in"]));
        begun.resolve();
        await release.promise;
      });
      await begun.promise;
      const waiting = ["w1", "w2", "w3"].map((id) => write(store, commitOf("t", "any", [id])));
      release.resolve();
      await Promise.all([work, ...waiting]);
      const [first, ...others] = await storedIds(store, "t");
      equal([first, ...others.toSorted()], ["in", "w1", "w2", "w3"]);
    });

    test("does not take in a call with { transaction: null }: that is written on its own, or fails at once and names why, it does not wait for itself", async ({
      createStore,
    }) => {
      const store = await createStore();
      let outside: unknown;
      const work = store.transaction(async () => {
        await write(store, commitOf("t", 0, ["in"]));
        outside = await store
          .append([commitOf("u", 0, ["out"])], { transaction: null })
          .catch((error: unknown) => error);
        throw new Error("aborted");
      });
      await rejects(work, aborted);
      equal(await storedIds(store, "t"), []);
      if (!(outside instanceof Error)) return equal(await storedIds(store, "u"), ["out"]);
      // With one writer at a time the call would wait for the transaction, which waits for the call.
      matches(outside, { code: "transaction_open" });
      ok(outside.message.includes("store.transaction()"), "the message names store.transaction()");
      equal(await storedIds(store, "u"), []);
    });

    test("is not closed or migrated from its inside: that fails at once, it does not wait for itself", async ({
      createStore,
    }) => {
      const store = await createStore();
      await store.transaction(async () => {
        await rejects(store.migrate(), { code: "transaction_open" });
        await rejects(store.close(), { code: "transaction_open" });
        await write(store, commitOf("a", 0, ["a1"]));
      });
      equal(await storedIds(store, "a"), ["a1"]);
    });

    test("shows in the status while it is open", async ({ createStore }) => {
      const store = await createStore();
      equal((await store.status()).openTransaction, undefined);
      await store.transaction(async () => {
        const { openTransaction } = await store.status();
        ok((openTransaction?.ageMs as number) >= 0, "the open transaction has an age");
      });
      equal((await store.status()).openTransaction, undefined);
    });
  });
}
