import { readdirSync } from "node:fs";
import { createSqliteStore, type SqliteDatabase, type SqliteStoreOptions } from "ventyd/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { commitOf } from "../../src/testing/contract/events.ts";
import { rejection, tempFile } from "../support/temp-database.ts";
import { nodeDrivers } from "./executors/node-drivers.ts";

describe.each(Object.entries(nodeDrivers))("%s: the application's handle", (_name, driver) => {
  function open(file = tempFile()) {
    const database = driver.open(file);
    onTestFinished(() => {
      // Some cases close it themselves, and not every driver lets it be closed again.
      if ("isOpen" in database ? database.isOpen : (database as { open: boolean }).open) database.close();
    });
    return database;
  }
  async function openStore(options: SqliteStoreOptions = {}) {
    const file = tempFile();
    const database = open(file);
    const store = createSqliteStore(database, { pragmas: "recommended", ...options });
    onTestFinished(() => store.close());
    await store.migrate();
    await store.append([commitOf("t", 0, ["a"])]);
    return { file, database, store };
  }
  const versions = async (store: ReturnType<typeof createSqliteStore>) =>
    (await store.load({ entityName: "thing", entityId: "t" })).map(({ eventId }) => eventId);

  test("that is closed is no transaction to join", async () => {
    const { store, database } = await openStore();
    database.close();
    const error = await rejection(store.append([commitOf("t", 1, ["b"])], { transaction: database }));
    expect(error).toMatchObject({ code: "transaction_ended" });
  });

  test("is needed no more once the store is made: it may be closed", async () => {
    const { store, database } = await openStore();
    database.close();
    await store.append([commitOf("t", 1, ["b"])]);
    await store.transaction(async () => void (await store.append([commitOf("t", 2, ["c"])])));
    expect(await versions(store)).toEqual(["a", "b", "c"]);
  });

  test("that is closed is nobody's excuse while others write", async () => {
    const { store, file, database } = await openStore({ busyTimeout: 50 });
    const holder = open(file);
    holder.exec("BEGIN IMMEDIATE");
    database.close();
    expect(await rejection(store.append([commitOf("t", 1, ["b"])]))).toMatchObject({ code: "database_busy" });
    holder.exec("ROLLBACK");
    await store.append([commitOf("t", 1, ["b"])]);
  });

  test("of a transaction that has ended is none to join, and to nothing", async () => {
    const { store } = await openStore();
    const late = await store.transaction(async ({ client }) => client);
    const error = await rejection(store.append([commitOf("t", 1, ["b"])], { transaction: late }));
    expect(error).toMatchObject({ code: "transaction_ended" });
    expect(() => late.exec("DELETE FROM ventyd_log")).toThrow();
    expect(await versions(store)).toEqual(["a"]);
  });

  test("of a transaction, closed inside of it, takes that transaction along and nothing else", async () => {
    const { store } = await openStore({ busyTimeout: 200 });
    const work = store.transaction(async ({ client }) => {
      await store.append([commitOf("t", 1, ["b"])]);
      client.close();
    });
    expect(await rejection(work)).toHaveProperty("code");
    expect(await versions(store)).toEqual(["a"]);
    await store.append([commitOf("t", 1, ["c"])]);
    await store.transaction(async () => void (await store.append([commitOf("t", 2, ["d"])])));
    expect(await versions(store)).toEqual(["a", "c", "d"]);
  });

  test("in a transaction that finds others writing says so, and can go on when they have ended", async () => {
    const { store, file, database } = await openStore();
    const other = open(file);
    database.exec("BEGIN");
    other.exec("BEGIN IMMEDIATE");
    const join = () => store.append([commitOf("t", 1, ["b"])], { transaction: database });
    expect(await rejection(join())).toMatchObject({
      code: "database_busy",
      message: expect.stringContaining("IMMEDIATE"),
    });
    expect(await rejection(join())).toMatchObject({ code: "database_busy" });
    other.exec("ROLLBACK");
    await join();
    database.exec("COMMIT");
    expect(await versions(store)).toEqual(["a", "b"]);
  });

  test("in a transaction that began before others wrote says so, and can still be committed", async () => {
    const { store, database } = await openStore();
    database.exec("CREATE TABLE mine (x)");
    const count = database.prepare("SELECT count(*) AS n FROM ventyd_log") as { all(): unknown[] };
    database.exec("BEGIN");
    expect(count.all()).toHaveLength(1);
    await store.append([commitOf("t", 1, ["b"])]);
    const error = await rejection(store.append([commitOf("t", 2, ["c"])], { transaction: database }));
    expect(error).toMatchObject({ code: "database_busy" });
    database.exec("COMMIT");
    expect(await versions(store)).toEqual(["a", "b"]);
  });

  test("makes no store while a transaction is open on it", async () => {
    const database = open();
    database.exec("BEGIN");
    expect(() => createSqliteStore(database)).toThrow(expect.objectContaining({ code: "invalid_option" }));
    database.exec("ROLLBACK");
    expect(() => createSqliteStore(database).close()).not.toThrow();
  });

  test("that has read nothing yet does not wait for its own patience while the store is made", async () => {
    const file = tempFile();
    const holder: SqliteDatabase = open(file);
    holder.exec("CREATE TABLE t (x); BEGIN EXCLUSIVE");
    const database = open(file);
    database.exec("PRAGMA busy_timeout = 20000");
    const since = performance.now();
    for (const options of [{ busyTimeout: 100 }, { busyTimeout: 100, pragmas: "recommended" }] as const)
      expect(() => createSqliteStore(database, options)).toThrow(expect.objectContaining({ code: "database_busy" }));
    expect(performance.now() - since).toBeLessThan(5_000);
    holder.exec("ROLLBACK");
    await createSqliteStore(database, { onWarning: () => {} }).close();
  });

  test("and the store's own connections are all that is open, however many transactions there have been", async () => {
    const { store } = await openStore();
    const openFiles = () => readdirSync("/proc/self/fd").length;
    const transact = (n: number) =>
      store.transaction(async ({ client }) => {
        client.prepare("SELECT 1");
        await store.append([commitOf(`t${n}`, 0, [`e${n}`])]);
      });
    await transact(0);
    const before = openFiles();
    for (let n = 1; n <= 200; n++) await transact(n);
    expect(openFiles() - before).toBeLessThan(20);
  });
});
