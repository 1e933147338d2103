import { createSqliteStore } from "ventyd/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { commitOf } from "../../src/testing/contract/events.ts";
import { tempFile } from "../support/temp-database.ts";
import { nodeDrivers } from "./executors/node-drivers.ts";

describe.each(Object.entries(nodeDrivers))("%s", (_name, driver) => {
  const open = (file = tempFile()) => {
    const database = driver.open(file);
    onTestFinished(() => void database.close());
    const pragma = (name: string) =>
      Object.values((database.prepare(`PRAGMA ${name}`) as { all(): object[] }).all()[0] ?? {})[0];
    return { database, pragma };
  };
  const settings = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete", "cache_size"];

  test("nothing is set that was not asked for", async () => {
    const { database, pragma } = open();
    database.exec("PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 77");
    const before = settings.map(pragma);
    const store = createSqliteStore(database, { onWarning: () => {} });
    await store.migrate();
    await store.append([commitOf("t", 0, ["a"])]);
    await store.transaction(async () => void (await store.append([commitOf("t", 1, ["b"])])));
    database.exec("BEGIN IMMEDIATE");
    await store.append([commitOf("t", 2, ["c"])], { transaction: database });
    database.exec("COMMIT");
    await store.erase({ entityName: "thing", entityId: "t" }, { actor: "a", reason: "r" });
    await store.close();
    expect(settings.map(pragma)).toEqual(before);
  });

  test("recommended is WAL, and durable: on the store's connections, in its transactions and on the handle", async () => {
    const { database, pragma } = open();
    database.exec("PRAGMA synchronous = OFF");
    const warnings: unknown[] = [];
    const store = createSqliteStore(database, {
      pragmas: "recommended",
      onWarning: (warning) => warnings.push(warning),
    });
    onTestFinished(() => store.close());
    await store.migrate();
    await store.append([commitOf("t", 0, ["a"])]);
    expect(await store.status()).toMatchObject({
      durability: { survives: "power_loss", because: "journal_mode = wal, synchronous = FULL" },
    });
    expect([pragma("journal_mode"), pragma("synchronous")]).toEqual(["wal", 2]);
    const inside = await store.transaction(async ({ client }) =>
      Object.values((client.prepare("PRAGMA synchronous") as { all(): object[] }).all()[0] ?? {}),
    );
    expect(inside).toEqual([2]);
    expect(warnings).toEqual([]);
  });

  test("recommended stays when the file is opened again without it, but for what each connection must say itself", async () => {
    const file = tempFile();
    const first = createSqliteStore(open(file).database, { pragmas: "recommended" });
    await first.migrate();
    await first.close();
    expect(open(file).pragma("journal_mode")).toBe("wal");
  });

  test("recommended leaves a database in memory as it is", async () => {
    const { database, pragma } = open(":memory:");
    const before = settings.map(pragma);
    const store = createSqliteStore(database, { pragmas: "recommended" });
    await store.migrate();
    expect(settings.map(pragma)).toEqual(before);
  });

  test("any other word is refused", () => {
    expect(() => createSqliteStore(open().database, { pragmas: "fast" as never })).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });
});
