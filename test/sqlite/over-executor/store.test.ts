import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { createSqliteStore, type SqliteExecutorOptions } from "ventyd/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Connection, Database } from "../../../examples/executor/database.ts";
import { fromDatabase } from "../../../examples/executor/from-database.ts";
import { commitOf, numbered, readAll, thing } from "../../../src/testing/contract/events.ts";
import { rejection, tempFile } from "../../support/temp-database.ts";
import { openTransaction } from "./open-transaction.ts";

const who = { actor: "alice", reason: "because" };

/** A store over the executor of the example. */
function overExecutor(file: string, options: SqliteExecutorOptions = {}) {
  const database = new Database(file);
  onTestFinished(() => database.close());
  return { database, store: createSqliteStore(fromDatabase(database), options) };
}

/** A store that has connections of its own. */
function synchronous(file: string) {
  const database = new DatabaseSync(file);
  const store = createSqliteStore(database);
  onTestFinished(async () => {
    await store.close();
    database.close();
  });
  return { database, store };
}

describe("a file that both kinds of stores use", () => {
  const kinds = { synchronous, overExecutor } as const;
  for (const [first, second] of [
    ["synchronous", "overExecutor"],
    ["overExecutor", "synchronous"],
  ] as const) {
    test(`made by ${first} serves ${second}, and the other way round`, async () => {
      const file = tempFile();
      const [{ store: one }, { store: other }] = [kinds[first](file), kinds[second](file)];
      await one.migrate();
      await other.migrate();
      await one.append([commitOf("t", 0, [{ eventId: "a", body: { n: 1 } }], { idempotencyKey: "k" })]);
      await other.append([commitOf("t", 1, [{ eventId: "b", metadata: { ...who, custom: [1] } }])]);
      await one.append([commitOf("u", 0, ["c"])]);
      await one.saveSnapshot({ ...thing, version: 2, state: { n: 1 } });
      expect(await other.append([commitOf("t", 0, [{ eventId: "a", body: { n: 1 } }])])).toMatchObject([
        { status: "duplicate" },
      ]);
      expect(await other.findByIdempotencyKey({ ...thing, idempotencyKey: "k" })).toMatchObject([{ eventId: "a" }]);
      expect(await other.getSnapshot(thing)).toEqual(await one.getSnapshot(thing));
      await other.erase(thing, who);
      const log = await readAll(one);
      expect(log.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
      expect(await readAll(other)).toEqual(log);
      expect(await other.load(thing)).toEqual(await one.load(thing));
      expect(await other.entities({ entityName: "thing" })).toEqual(await one.entities({ entityName: "thing" }));
      expect(await one.getSnapshot(thing)).toBeNull();
      expect((await other.status()).frontier).toBe(4);
    });
  }

  test("gives each version to one of them, and every event to the subscriptions of both, while both write", async () => {
    const file = tempFile();
    const stores = [synchronous(file).store, overExecutor(file).store];
    await stores[0]?.migrate();
    const subscriptions = stores.map(async (store) => {
      const seen: string[] = [];
      for await (const { eventId } of store.subscribe({ after: 0 })) {
        seen.push(eventId);
        if (seen.length === 41) return seen;
      }
      return seen;
    });
    const append = (n: number, ...args: Parameters<typeof commitOf>) =>
      (stores[n % 2] as (typeof stores)[0]).append([commitOf(...args)]);
    const racing = await Promise.all(numbered(1, 10).map((id, n) => append(n, "race", 0, [id])));
    expect(
      racing
        .flat()
        .map(({ status }) => status)
        .sort(),
    ).toEqual([...Array(9).fill("conflict"), "written"]);
    await Promise.all(Array.from({ length: 40 }, (_, n) => append(n, "t", "any", [`x${n}`])));
    const log = (await readAll(stores[0] as never)).map(({ eventId }) => eventId);
    expect(log.length).toBe(41);
    expect(await Promise.all(subscriptions)).toEqual([log, log]);
  });
});

describe("a store over an executor", () => {
  test("gives the application the handle of its transaction, which commits both or neither", async () => {
    const { store, database } = overExecutor(tempFile());
    await store.migrate();
    await database.use((client) => client.query("CREATE TABLE stock (product TEXT)"));
    const take = async (client: Connection) => void (await client.query("INSERT INTO stock VALUES ('lamp')"));
    const both = (fails: boolean) =>
      store.transaction(async ({ client }) => {
        await take(client);
        await store.append([commitOf("t", 0, ["a"])]);
        if (fails) throw new Error("aborted");
      });
    await rejection(both(true));
    await both(false);
    expect(await database.use((client) => client.query("SELECT * FROM stock"))).toHaveLength(1);
    expect(await readAll(store)).toHaveLength(1);
  });

  test("joins what an executor made of an open transaction, and refuses one of a handle without", async () => {
    const { store, database } = overExecutor(tempFile());
    await store.migrate();
    const { client, abort } = await openTransaction(database);
    const joined = fromDatabase(database).join(client);
    const executor = { ...fromDatabase(database), ...joined };
    await store.append([commitOf("t", 0, ["a"])], { transaction: executor });
    await abort();
    expect(await readAll(store)).toEqual([]);
    const outside = store.append([commitOf("t", 0, ["a"])], { transaction: fromDatabase(database) });
    expect(await rejection(outside)).toMatchObject({ code: "transaction_ended" });
    expect(await readAll(store)).toEqual([]);
  });

  test("tells a transaction that has read, before others wrote, that it must be run again", async () => {
    const file = tempFile();
    const { store, database } = overExecutor(file);
    await store.migrate();
    await database.use((client) => client.query("PRAGMA journal_mode = WAL"));
    const { client, abort } = await openTransaction(database);
    await client.query("SELECT * FROM ventyd_log");
    await overExecutor(file).store.append([commitOf("t", 0, ["a"])]);
    const outdated = store.append([commitOf("u", 0, ["b"])], { transaction: client });
    expect(await outdated).toMatchObject([{ status: "conflict", transactionAborted: true }]);
    await abort();
    expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["a"]);
  });

  test("waits while others hold the database, for as long as it was told, and then writes nothing", async () => {
    const file = tempFile();
    const { store } = overExecutor(file, { busyTimeout: 100 });
    await store.migrate();
    const holder = new DatabaseSync(file);
    onTestFinished(() => holder.close());
    holder.exec("BEGIN IMMEDIATE");
    expect(await rejection(store.append([commitOf("t", 0, ["a"])]))).toMatchObject({ code: "database_busy" });
    expect(await rejection(store.transaction(async () => {}))).toMatchObject({ code: "database_busy" });
    const patient = overExecutor(file).store;
    const waiting = patient.append([commitOf("t", 0, ["b"])]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    holder.exec("COMMIT");
    expect(await waiting).toMatchObject([{ status: "written" }]);
    expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["b"]);
  });

  test("overwrites what it erases, and leaves the settings of the connection", async () => {
    const file = tempFile();
    const { store, database } = overExecutor(file);
    await store.migrate();
    await store.append([commitOf("t", 0, [{ body: "whispered".repeat(2_000) }])]);
    expect(readFileSync(file, "latin1")).toContain("whispered");
    const setting = () => database.use((client) => client.query("PRAGMA secure_delete"));
    const before = await setting();
    await store.erase(thing, who);
    expect(readFileSync(file, "latin1")).not.toContain("whispered");
    expect(await setting()).toEqual(before);
  });

  test("says once when settings allow an acknowledged commit to be lost", async () => {
    const warnings: { code: string; message: string }[] = [];
    const { store, database } = overExecutor(tempFile(), { onWarning: (warning) => warnings.push(warning) });
    await database.use((client) => client.query("PRAGMA synchronous = NORMAL"));
    await store.migrate();
    for (const n of [0, 1]) await store.append([commitOf("t", n, [`e${n}`])]);
    expect(warnings).toMatchObject([{ code: "durability_reduced" }]);
    expect(warnings[0]?.message).toContain("synchronous = NORMAL");
    expect((await store.status()).durability.survives).toBe("process_crash");
  });

  test("leaves pragmas to whoever opens the connections", () => {
    const database = new Database(":memory:");
    onTestFinished(() => database.close());
    const options = { pragmas: "recommended" } as const;
    // @ts-expect-error it is not among the options
    expect(() => createSqliteStore(fromDatabase(database), options)).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });
});
