import { createRepository, defineEntity } from "ventyd";
import type { PostgresStore } from "ventyd/postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { SqlExecutor } from "../../src/adapters/sql/executor.ts";
import { readAll } from "../../src/testing/contract/events.ts";

const text = z.object({ text: z.string() });

/** What the stores of these tests keep. */
const Note = defineEntity("note", {
  state: text,
  events: { written: text, changed: text },
  initial: "written",
  reduce: { written: (_, { body }) => body, changed: (_, { body }) => body },
  mutations: { change: ({ dispatch }, to: string) => void dispatch("changed", { text: to }) },
});

/** One database, its ORM, two stores on it, and a table `application` with a column `text`. */
export interface OpenOrm<TTransaction extends object> {
  /** Made with what `fromX(db)` gave. */
  readonly store: PostgresStore<TTransaction>;
  /** Made with the pool of the driver. */
  readonly driverStore?: PostgresStore<object>;
  fromOrm(transaction: TTransaction): SqlExecutor;
  /** A transaction of the application's, by the means of the ORM. */
  transaction(work: (transaction: TTransaction) => Promise<void>): Promise<unknown>;
  insert(transaction: TTransaction, text: string): PromiseLike<unknown>;
  texts(): Promise<readonly string[]>;
  close(): Promise<unknown>;
}

const who = { actor: "alice", reason: "it was wrong" };

/** What a store comes to through an ORM, alone and together with what the application writes. */
export function ormStoreTests<TTransaction extends object>(
  name: string,
  open: () => Promise<OpenOrm<TTransaction>>,
): void {
  describe(name, () => {
    let orm: OpenOrm<TTransaction>;
    let notes: ReturnType<typeof repository>;
    beforeAll(async () => {
      orm = await open();
      await orm.store.migrate();
      notes = repository(orm.store);
    });
    afterAll(async () => {
      await orm.store.close();
      await orm.driverStore?.close();
      await orm.close();
    });
    const repository = (store: PostgresStore<object>) => createRepository(Note, { adapter: store });
    const stored = async (entityId: string) => (await orm.store.load({ entityName: "note", entityId })).length;
    const here = async (one: string) => ({
      rows: (await orm.texts()).filter((t) => t === one).length,
      events: await stored(one),
    });

    test("events are written, refused, undone, read and followed", async () => {
      const seen: string[] = [];
      const follower = (async () => {
        for await (const { eventName } of orm.store.subscribe({ after: 0 })) if (seen.push(eventName) === 5) return;
      })();
      const odd = "\u0000 \\ ' \u{1F600} $1 ? :a \ud800";
      await notes.create({ entityId: "plain", body: { text: odd } }, who);
      await notes.mutate({ entityId: "plain" }, (note) => note.change("b"), who);
      const [one, other] = [
        await notes.findOneOrThrow({ entityId: "plain" }),
        await notes.findOneOrThrow({ entityId: "plain" }),
      ];
      one.change("c");
      await notes.commit(one, who);
      other.change("d");
      await expect(notes.commit(other)).rejects.toMatchObject({ code: "concurrency_conflict", actualVersion: 3 });
      await notes.rollback({ entityId: "plain", toVersion: 1 }, who);
      expect((await notes.findOneOrThrow({ entityId: "plain" })).state).toEqual({ text: odd });
      await Promise.all(
        Array.from({ length: 20 }, (_, n) => notes.create({ entityId: `many ${n}`, body: { text: odd } })),
      );
      expect(await orm.store.entities({ entityName: "note" })).toHaveLength(21);
      expect((await readAll(orm.store)).map(({ position }) => position)).toHaveLength(24);
      const large = "\u20ac".repeat(300_000);
      await notes.create({ entityId: "large", body: { text: large } });
      expect((await notes.findOneOrThrow({ entityId: "large" })).state.text === large).toBe(true);
      await follower;
      expect(seen.slice(0, 4)).toEqual(["note:written", "note:changed", "note:changed", "note:$rolled_back"]);
      expect((await orm.store.status()).frontier).toBeGreaterThanOrEqual(25);
    });

    test("in a transaction of the store, the ORM's own transaction is at hand: both are written, or neither", async () => {
      await orm.store.transaction(async ({ client }) => {
        await orm.insert(client, "both");
        await notes.create({ entityId: "both", body: { text: "a" } });
      });
      expect(await here("both")).toEqual({ rows: 1, events: 1 });
      const aborted = new Error("aborted");
      const work = orm.store.transaction(async ({ client }) => {
        await notes.create({ entityId: "neither", body: { text: "a" } });
        await orm.insert(client, "neither");
        throw aborted;
      });
      await expect(work).rejects.toBe(aborted);
      expect(await here("neither")).toEqual({ rows: 0, events: 0 });
    });

    for (const made of ["with the ORM", "with the driver"] as const) {
      const repositoryOf = () =>
        made === "with the ORM" ? notes : repository(orm.driverStore as PostgresStore<object>);
      test(`a store made ${made} joins a transaction that the application has opened with the ORM`, async ({
        skip,
      }) => {
        if (made === "with the driver" && orm.driverStore === undefined)
          skip("the driver cannot wait inside a transaction");
        const joining = repositoryOf();
        await joining.create({ entityId: `old ${made}`, body: { text: "a" } });
        const stale = await joining.findOneOrThrow({ entityId: `old ${made}` });
        await joining.mutate({ entityId: `old ${made}` }, (note) => note.change("b"));
        stale.change("c");

        const committed = `committed ${made}`;
        await orm.transaction(async (tx) => {
          const transaction = orm.fromOrm(tx);
          await orm.insert(tx, committed);
          await joining.create({ entityId: committed, body: { text: "a" } }, { transaction });
          expect((await joining.findOneOrThrow({ entityId: committed, transaction })).version).toBe(1);
          // What is refused leaves the application's transaction as it was.
          const refused = joining.commit(stale, { transaction });
          await expect(refused).rejects.toMatchObject({ code: "concurrency_conflict", transactionAborted: false });
          await joining.mutate({ entityId: committed }, (note) => note.change("b"), { transaction });
        });
        expect(await here(committed)).toEqual({ rows: 1, events: 2 });

        const aborted = `aborted ${made}`;
        const error = new Error("aborted");
        const work = orm.transaction(async (tx) => {
          await joining.create({ entityId: aborted, body: { text: "a" } }, { transaction: orm.fromOrm(tx) });
          await orm.insert(tx, aborted);
          throw error;
        });
        await expect(work).rejects.toBe(error);
        expect(await here(aborted)).toEqual({ rows: 0, events: 0 });
      });
    }

    test("a store made with the ORM takes its bare transaction", async () => {
      await orm.transaction(async (transaction) => {
        await notes.create({ entityId: "bare", body: { text: "a" } }, { transaction });
        await orm.insert(transaction, "bare");
      });
      expect(await here("bare")).toEqual({ rows: 1, events: 1 });
    });

    test("a transaction of the ORM makes no store, and what is none of the ORM's is not joined", async () => {
      await orm.transaction(async (tx) => {
        expect(() => orm.fromOrm(tx).transaction(async () => {})).toThrow(
          expect.objectContaining({ code: "unsupported" }),
        );
      });
      const commit = notes.create({ body: { text: "a" } }, { transaction: {} as TTransaction });
      await expect(commit).rejects.toMatchObject({ code: "transaction_mismatch" });
    });
  });
}
