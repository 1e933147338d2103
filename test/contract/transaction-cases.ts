import { describe, expect, test } from "vitest";
import { deferred, rejection } from "../support/promises.ts";
import { appendOne, type CreateStore, commitOf, readAll, storedIds, write } from "./events.ts";

/** What `transaction`, `status` and `close` promise, whatever the engine. */
export function transactionCases(createStore: CreateStore): void {
  describe("transaction", () => {
    test("writes everything, and gives back what its callback returned", async () => {
      const store = await createStore();
      const value = await store.transaction(async () => {
        await write(store, commitOf("a", 0, ["a1"]));
        await write(store, commitOf("b", 0, ["b1"]));
        return "done";
      });
      expect(value).toBe("done");
      expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["a1", "b1"]);
    });

    test("writes nothing when its callback rejects, and rejects with the very same error", async () => {
      const store = await createStore();
      const error = new Error("no");
      const work = store.transaction(async () => {
        await write(store, commitOf("a", 0, ["a1"]));
        throw error;
      });
      expect(await rejection(work)).toBe(error);
      expect(await readAll(store)).toEqual([]);
      expect(await write(store, commitOf("a", 0, ["a1"]))).toHaveLength(1);
    });

    test("writes nothing when its callback throws before the first await", async () => {
      const store = await createStore();
      const work = store.transaction(() => {
        throw new Error("at once");
      });
      await expect(work).rejects.toThrow("at once");
      expect(await write(store, commitOf("a", 0, ["a1"]))).toHaveLength(1);
    });

    test("reads its own writes, and nobody outside ever reads what it then aborts", async () => {
      const store = await createStore();
      const [written, release] = [deferred(), deferred()];
      const work = store.transaction(async () => {
        await write(store, commitOf("a", 0, ["a1"]));
        expect(await storedIds(store, "a")).toEqual(["a1"]);
        expect(await readAll(store)).toHaveLength(1);
        expect(await store.entities({ entityName: "thing" })).toHaveLength(1);
        written.resolve();
        await release.promise;
        throw new Error("aborted");
      });
      await written.promise;
      // In memory there is one connection: there a reader outside waits for the end.
      const outside = [storedIds(store, "a"), readAll(store), store.entities({ entityName: "thing" })];
      setImmediate(() => release.resolve());
      await expect(work).rejects.toThrow("aborted");
      expect(await Promise.all(outside)).toEqual([[], [], []]);
    });

    test("a refused append inside leaves the transaction usable, and takes only itself back", async () => {
      const store = await createStore();
      await write(store, commitOf("x", 0, ["x1"]));
      await store.transaction(async () => {
        await write(store, commitOf("a", 0, ["a1"]));
        const rows = await store.append([commitOf("b", 0, ["b1"]), commitOf("x", 0, ["x2"])]);
        expect(rows.map(({ status }) => status)).toEqual(["held_back", "conflict"]);
        expect(await storedIds(store, "b")).toEqual([]);
        await write(store, commitOf("a", 1, ["a2"]));
      });
      expect(await storedIds(store, "a")).toEqual(["a1", "a2"]);
      expect(await storedIds(store, "b")).toEqual([]);
    });

    test("that is nested joins the outer one: one end for both", async () => {
      const store = await createStore();
      const nest = (outcome: "keep" | "throw") =>
        store.transaction(async (outer) => {
          await write(store, commitOf("a", 0, ["a1"]));
          await store.transaction(async (inner) => {
            expect(inner).toBe(outer);
            await write(store, commitOf("b", 0, ["b1"]));
          });
          if (outcome === "throw") throw new Error("no");
        });
      await expect(nest("throw")).rejects.toThrow("no");
      expect(await readAll(store)).toEqual([]);
      await nest("keep");
      expect(await readAll(store)).toHaveLength(2);
    });

    test("an inner one that fails and is caught does not take the outer one with it", async () => {
      const store = await createStore();
      await store.transaction(async () => {
        await store.transaction(async () => Promise.reject(new Error("inner"))).catch(() => {});
        await write(store, commitOf("a", 0, ["a1"]));
      });
      expect(await storedIds(store, "a")).toEqual(["a1"]);
    });

    test("is joined by its handle from where no context leads", async () => {
      const store = await createStore();
      const [handle, release] = [deferred<never>(), deferred()];
      const work = store.transaction(async (transaction) => {
        handle.resolve(transaction as never);
        await release.promise;
        throw new Error("aborted");
      });
      const transaction = await handle.promise;
      const rows = await store.append([commitOf("a", 0, ["a1"])], { transaction });
      expect(rows[0]?.status).toBe("written");
      expect(await store.load({ entityName: "thing", entityId: "a" }, { transaction })).toHaveLength(1);
      release.resolve();
      await expect(work).rejects.toThrow("aborted");
      expect(await storedIds(store, "a")).toEqual([]);
    });

    test("cannot be used after its end, neither by its handle nor by what it left running", async () => {
      const store = await createStore();
      const release = deferred();
      let transaction: unknown;
      let leftRunning: Promise<unknown> = Promise.resolve();
      await store.transaction(async (handle) => {
        transaction = handle;
        leftRunning = rejection(release.promise.then(() => store.append([commitOf("a", 0, ["a1"])])));
      });
      const late = store.append([commitOf("a", 0, ["a1"])], { transaction: transaction as never });
      expect(await rejection(late)).toMatchObject({ code: "transaction_ended" });
      release.resolve();
      expect(await leftRunning).toMatchObject({ code: "transaction_ended" });
      expect(await readAll(store)).toEqual([]);
    });

    test("that has ended is not mistaken for the one that others have open now", async () => {
      const store = await createStore();
      const [release, begun] = [deferred(), deferred()];
      let leftRunning: Promise<unknown> = Promise.resolve();
      await store.transaction(async () => {
        leftRunning = rejection(begun.promise.then(() => store.append([commitOf("a", 0, ["late"])])));
      });
      const other = store.transaction(async () => {
        await write(store, commitOf("b", 0, ["b1"]));
        begun.resolve();
        await release.promise;
      });
      expect(await leftRunning).toMatchObject({ code: "transaction_ended" });
      release.resolve();
      await other;
      expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["b1"]);
    });

    test("of another store is refused", async () => {
      const [store, other] = [await createStore(), await createStore()];
      await other.transaction(async (transaction) => {
        const commit = store.append([commitOf("a", 0, ["a1"])], { transaction });
        expect(await rejection(commit)).toMatchObject({ code: "transaction_mismatch" });
        expect(await rejection(store.load({ entityName: "thing", entityId: "a" }, { transaction }))).toMatchObject({
          code: "transaction_mismatch",
        });
        // Without it the call is outside, for the surrounding transaction is not this store's.
        await write(store, commitOf("b", 0, ["b1"]));
      });
      expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["b1"]);
      expect(await readAll(other)).toEqual([]);
    });

    test("that takes too long is aborted, what it does later is refused, and others go on", async () => {
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
      expect(await rejection(work)).toMatchObject({ code: "transaction_timeout", retryable: true });
      expect(await readAll(store)).toEqual([]);
      await write(store, commitOf("a", 0, ["b1"]));
      release.resolve();
      expect(await rejection(straggler)).toMatchObject({ code: "transaction_ended" });
      expect(await storedIds(store, "a")).toEqual(["b1"]);
    });

    test.for([0, -1, 0.5, Number.NaN])("refuses a timeout of %d", async (timeout) => {
      const store = await createStore();
      await expect(store.transaction(async () => {}, { timeout })).rejects.toMatchObject({ code: "invalid_option" });
    });

    test("lets appends of others wait for its end, and then go on in their order", async () => {
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
      expect(await storedIds(store, "t")).toEqual(["in", "w1", "w2", "w3"]);
    });

    test("that is called with { transaction: null } inside fails at once and names why, it does not wait for itself", async () => {
      const store = await createStore();
      await store.transaction(
        async () => {
          const commit = store.append([commitOf("a", 0, ["a1"])], { transaction: null });
          expect(await rejection(commit)).toMatchObject({
            code: "transaction_open",
            message: expect.stringContaining("store.transaction()"),
          });
          await write(store, commitOf("b", 0, ["b1"]));
        },
        { timeout: 4_000 },
      );
      expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["b1"]);
    });

    test("is not closed or migrated from its inside: that fails at once, it does not wait for itself", async () => {
      const store = await createStore();
      await store.transaction(
        async () => {
          expect(await rejection(store.migrate())).toMatchObject({ code: "transaction_open" });
          expect(await rejection(store.close())).toMatchObject({ code: "transaction_open" });
          await write(store, commitOf("a", 0, ["a1"]));
        },
        { timeout: 1_000 },
      );
      expect(await storedIds(store, "a")).toEqual(["a1"]);
    });

    test("shows in the status while it is open", async () => {
      const store = await createStore();
      expect((await store.status()).openTransaction).toBeUndefined();
      await store.transaction(async () => {
        expect((await store.status()).openTransaction?.ageMs).toBeGreaterThanOrEqual(0);
      });
      expect((await store.status()).openTransaction).toBeUndefined();
    });
  });

  describe("close", () => {
    test("waits for what is under way; every call after it is refused", async () => {
      const store = await createStore();
      const appends = ["a", "b", "c"].map((id) => appendOne(store, commitOf(id, 0, [id])));
      await store.close();
      expect((await Promise.all(appends)).map(({ status }) => status)).toEqual(Array(3).fill("written"));

      const thing = { entityName: "thing", entityId: "a" };
      const calls: Record<string, () => Promise<unknown>> = {
        append: () => store.append([commitOf("d", 0, ["d"])]),
        load: () => store.load(thing),
        loadHistory: () => store.loadHistory(thing),
        findByIdempotencyKey: () => store.findByIdempotencyKey({ ...thing, idempotencyKey: "k" }),
        read: () => readAll(store),
        entities: () => store.entities({ entityName: "thing" }),
        getEventsByEntityId: () => store.getEventsByEntityId(thing),
        getSnapshot: () => store.getSnapshot(thing),
        saveSnapshot: () => store.saveSnapshot({ ...thing, version: 1, state: {} }),
        transaction: () => store.transaction(async () => {}),
        migrate: () => store.migrate(),
        status: () => store.status(),
      };
      for (const [name, call] of Object.entries(calls)) {
        expect(await rejection(call()), name).toMatchObject({ code: "store_closed" });
      }
    });

    test("lets a transaction that is under way do what it has still to do", async () => {
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
      expect(await work).toEqual(["a1"]);
      await closed;
    });

    test("may be called again, and again ends only when the store is closed", async () => {
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
      expect(await Promise.all(closings)).toEqual([true, true]);
      await work;
      await store.close();
    });
  });
}
