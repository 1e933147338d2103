import type Database from "better-sqlite3";
import { StaleBuildError } from "ventyd";
import { createSqliteStore, type SqliteStoreOptions } from "ventyd/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { commitOf, readAll, storedIds, write } from "../../src/testing/contract/events.ts";
import { openDatabase, openMemoryStore, openStore, rawRows, rejection, tempFile } from "../support/temp-database.ts";

function storeOn(database: Database.Database, options: SqliteStoreOptions = {}) {
  const store = createSqliteStore(database, options);
  onTestFinished(() => store.close());
  return store;
}

/** What a newer version of the library would leave behind. */
function migrateFurther(database: Database.Database, breaking: boolean): void {
  database
    .prepare("INSERT INTO ventyd_migrations (id, name, breaking, applied_at) VALUES (999, 'from the future', ?, '')")
    .run(breaking ? 1 : 0);
}

describe("migrate", () => {
  test("must come first: until then every call is schema_missing and names the cure", async () => {
    for (const database of [openDatabase(tempFile()), openDatabase(":memory:")]) {
      const store = storeOn(database);
      const thing = { entityName: "thing", entityId: "t" };
      const calls = {
        append: () => store.append([commitOf("t", 0, ["a"])]),
        load: () => store.load(thing),
        loadHistory: () => store.loadHistory(thing),
        findByIdempotencyKey: () => store.findByIdempotencyKey({ ...thing, idempotencyKey: "k" }),
        read: () => readAll(store),
        entities: () => store.entities({ entityName: "thing" }),
        getSnapshot: () => store.getSnapshot(thing),
        saveSnapshot: () => store.saveSnapshot({ ...thing, version: 1, state: {} }),
        transaction: () => store.transaction(async () => {}),
      };
      for (const [name, call] of Object.entries(calls)) {
        expect(await rejection(call()), name).toMatchObject({
          code: "schema_missing",
          message: expect.stringContaining("store.migrate()"),
        });
      }
      await store.migrate();
      expect(await store.append([commitOf("t", 0, ["a"])])).toMatchObject([{ status: "written" }]);
      expect(await storedIds(store, "t")).toEqual(["a"]);
    }
  });

  test("by another store is enough", async () => {
    const file = tempFile();
    const [early, late] = [storeOn(openDatabase(file)), storeOn(openDatabase(file))];
    expect(await rejection(early.load({ entityName: "thing", entityId: "t" }))).toMatchObject({
      code: "schema_missing",
    });
    await late.migrate();
    expect(await early.append([commitOf("t", 0, ["a"])])).toMatchObject([{ status: "written" }]);
  });

  test("again changes nothing, also with events in the log", async () => {
    const { store, database } = await openStore();
    await write(store, commitOf("t", 0, ["a", "b"]));
    const schema = () => database.prepare("SELECT * FROM sqlite_master ORDER BY name").all();
    const before = { schema: schema(), rows: rawRows(database), status: await store.status() };
    await store.migrate();
    await Promise.all([store.migrate(), store.migrate()]);
    expect({ schema: schema(), rows: rawRows(database), status: await store.status() }).toEqual(before);
  });

  test("leaves the application's own tables alone", async () => {
    const database = openDatabase(tempFile());
    database.exec("CREATE TABLE mine (id INTEGER PRIMARY KEY); INSERT INTO mine VALUES (1)");
    await storeOn(database).migrate();
    expect(database.prepare("SELECT id FROM mine").pluck().all()).toEqual([1]);
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").pluck().all();
    expect(tables.filter((name) => !/^(ventyd|sqlite)_/.test(name as string))).toEqual(["mine"]);
  });

  test("takes back all of a migration that fails, and can be repeated", async () => {
    const database = openDatabase(tempFile());
    // Something of that name is in the way of the last table.
    database.exec("CREATE TABLE ventyd_maintenance (id INTEGER)");
    const store = storeOn(database);
    expect(await rejection(store.migrate())).toMatchObject({ code: "driver_error" });
    expect(database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all()).toEqual([
      "ventyd_maintenance",
    ]);
    database.exec("DROP TABLE ventyd_maintenance");
    await store.migrate();
    expect(await store.append([commitOf("t", 0, ["a"])])).toMatchObject([{ status: "written" }]);
  });

  test("makes every column that later versions count on", async () => {
    const { database } = await openStore();
    const columns = (table: string) =>
      (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name).toSorted();
    expect(columns("ventyd_log")).toEqual(
      [
        "position",
        "tenant",
        "entity_name",
        "entity_id",
        "version",
        "event_id",
        "event_name",
        "event_created_at",
        "event_created_ms",
        "recorded_ms",
        "actor",
        "correlation_id",
        "idempotency_key",
        "idempotency_size",
        "schema_tag",
        "flags",
        "erased_at",
        "previous_hash",
        "hash",
      ].toSorted(),
    );
    expect(columns("ventyd_content")).toEqual(["body", "metadata", "position"]);
    expect(columns("ventyd_snapshots")).toEqual(
      ["tenant", "entity_name", "entity_id", "fingerprint", "version", "event_id", "state"].toSorted(),
    );
  });

  test("G4, B1: the tables themselves keep versions and event ids apart, whoever writes", async () => {
    const { store, database } = await openStore();
    await write(store, commitOf("t", 0, ["a"]));
    const copy = (overrides: string) =>
      database.exec(
        `INSERT INTO ventyd_log (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms)
         SELECT entity_name, entity_id, ${overrides}, event_name, event_created_at, event_created_ms, recorded_ms FROM ventyd_log`,
      );
    expect(() => copy("version, 'b'")).toThrow(/stored already/);
    expect(() => copy("2, event_id")).toThrow(/stored already/);
    copy("2, 'b'");
  });
});

describe("a database that newer code has migrated", () => {
  test.for(["a store that is made later", "a store that migrates"])(
    "stops %s when that was breaking",
    async (which) => {
      const { database } = await openStore();
      migrateFurther(database, true);
      const store = storeOn(database);
      const error = await rejection(
        which.includes("migrates") ? store.migrate() : store.append([commitOf("t", 0, ["a"])]),
      );
      expect(error).toBeInstanceOf(StaleBuildError);
      expect(error).toMatchObject({ code: "stale_build", message: expect.stringContaining("from the future") });
      expect(rawRows(database)).toEqual([]);
    },
  );

  test("goes on working when that was additive", async () => {
    const { database } = await openStore();
    database.exec("ALTER TABLE ventyd_log ADD COLUMN added TEXT");
    migrateFurther(database, false);
    const store = storeOn(database);
    await store.migrate();
    await write(store, commitOf("t", 0, ["a"]));
    expect(await storedIds(store, "t")).toEqual(["a"]);
    expect((await store.status()).schemaVersion).toBe(999);
  });
});

describe("the log", () => {
  const changes = [
    "UPDATE ventyd_log SET actor = 'forged'",
    "UPDATE ventyd_log SET position = position + 100",
    "DELETE FROM ventyd_log",
    "DELETE FROM ventyd_log WHERE position = 1",
    "UPDATE ventyd_content SET body = '{}'",
    "DELETE FROM ventyd_content",
  ];

  const row =
    "(entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms)";
  // REPLACE deletes what is in its way, and asks no trigger before it does.
  test.for([
    "REPLACE INTO ventyd_log SELECT * FROM ventyd_log",
    "INSERT OR REPLACE INTO ventyd_content SELECT position, '{}', NULL FROM ventyd_content",
    `REPLACE INTO ventyd_log ${row} VALUES ('thing', 't', 9, 'a', 'x', '', 0, 0)`,
    `REPLACE INTO ventyd_log ${row} VALUES ('thing', 't', 1, 'z', 'x', '', 0, 0)`,
    `REPLACE INTO ventyd_log ${row.replace(")", ", idempotency_key)")} VALUES ('thing', 't', 9, 'z', 'x', '', 0, 0, 'key')`,
  ])("refuses %s", async (sql) => {
    const { store, database } = await openStore();
    await write(store, commitOf("t", 0, ["a", "b"], { idempotencyKey: "key" }));
    const before = rawRows(database);
    expect(() => database.exec(sql)).toThrow(/ventyd/);
    expect(rawRows(database)).toEqual(before);
  });

  test.for(changes)("refuses %s", async (sql) => {
    const { store, database } = await openStore();
    await write(store, commitOf("t", 0, ["a", "b"]));
    const before = rawRows(database);
    expect(() => database.exec(sql)).toThrow(/append-only/);
    await expect(store.transaction(async ({ client }) => void client.exec(sql))).rejects.toThrow(/append-only/);
    expect(rawRows(database)).toEqual(before);
  });

  test.for(changes)("lets maintenance that says why do %s", async (sql) => {
    const { store, database } = await openStore();
    await write(store, commitOf("t", 0, ["a"]));
    database.exec("BEGIN IMMEDIATE; INSERT INTO ventyd_maintenance VALUES ('a test')");
    expect(database.prepare(sql).run().changes).toBe(1);
    database.exec("DELETE FROM ventyd_maintenance; COMMIT");
    expect(() => database.exec("UPDATE ventyd_log SET actor = 'later'; DELETE FROM ventyd_content")).toThrow(
      /append-only|^$/,
    );
  });

  test("never hands a position out again, not even one that was deleted", async () => {
    const { store, database } = await openStore();
    const events = await write(store, commitOf("t", 0, ["a", "b"]));
    database.exec("BEGIN IMMEDIATE; INSERT INTO ventyd_maintenance VALUES ('a test')");
    database.exec("DELETE FROM ventyd_log; DELETE FROM ventyd_content; DELETE FROM ventyd_maintenance; COMMIT");
    const [event] = await write(store, commitOf("t", 0, ["c"]));
    expect(event?.position).toBeGreaterThan(events[1]?.position as number);
  });

  test("keeps its positions in a copy of the file, and goes on above them", async () => {
    const { store, database } = await openStore();
    await write(store, commitOf("t", 0, ["a", "b", "c"]));
    const events = await readAll(store);
    const file = tempFile();
    await database.backup(file);
    const restored = storeOn(openDatabase(file));
    expect(await readAll(restored)).toEqual(events);
    const [next] = await write(restored, commitOf("t", 3, ["d"]));
    expect(next?.position).toBeGreaterThan(events[2]?.position as number);
  });
});

describe("status", () => {
  test("tells frontier, schema and durability", async () => {
    const { store } = await openStore();
    expect(await store.status()).toEqual({
      frontier: 0,
      schemaVersion: expect.any(Number),
      durability: { survives: expect.any(String), because: expect.any(String) },
      openTransaction: undefined,
    });
    const [, last] = await write(store, commitOf("t", 0, ["a", "b"]));
    expect((await store.status()).frontier).toBe(last?.position);
  });

  const settings = [
    ["WAL", "FULL", "power_loss"],
    ["WAL", "NORMAL", "process_crash"],
    ["WAL", "OFF", "process_crash"],
    ["DELETE", "FULL", "power_loss"],
    ["DELETE", "EXTRA", "power_loss"],
    ["DELETE", "NORMAL", "process_crash"],
    ["DELETE", "OFF", "process_crash"],
  ] as const;
  test.for(settings)(
    "says what an acknowledged commit survives: %s, %s: %s",
    async ([journal, synchronous, survives]) => {
      const database = openDatabase(tempFile());
      database.pragma(`journal_mode = ${journal}`);
      database.pragma(`synchronous = ${synchronous}`);
      const store = storeOn(database);
      await store.migrate();
      const { durability } = await store.status();
      expect(durability).toEqual({
        survives,
        because: expect.stringMatching(new RegExp(`${journal}.*${synchronous}`, "i")),
      });
    },
  );

  test("says so for what the driver does by itself: NORMAL in WAL mode", async () => {
    for (const [journal, survives] of [
      ["WAL", "process_crash"],
      ["DELETE", "power_loss"],
    ] as const) {
      const { file } = await openStore({ journal });
      const reopened = storeOn(openDatabase(file));
      expect((await reopened.status()).durability).toMatchObject({ survives });
    }
  });

  test("says that memory survives nothing", async () => {
    const { store } = await openMemoryStore();
    expect((await store.status()).durability).toMatchObject({ survives: "none" });
  });
});

describe("close", () => {
  test("leaves the application's handle open, and everything readable in it", async () => {
    for (const { store, database } of [await openStore(), await openMemoryStore()]) {
      await write(store, commitOf("t", 0, ["a"]));
      await store.close();
      expect(database.open).toBe(true);
      expect(rawRows(database)).toHaveLength(1);
    }
  });

  test("lets go of the file: the write-ahead log goes with the last connection", async () => {
    const { store, database, file } = await openStore();
    await write(store, commitOf("t", 0, ["a"]));
    await store.close();
    database.close();
    // With a connection of ours still open the log would stay, and this mode could not be had.
    const alone = openDatabase(file);
    expect(alone.pragma("journal_mode = DELETE", { simple: true })).toBe("delete");
  });

  test("lets another store on the same database go on", async () => {
    const { store, database } = await openStore();
    await store.close();
    expect(await rejection(store.append([commitOf("t", 0, ["a"])]))).toMatchObject({ code: "store_closed" });
    expect(await storeOn(database).append([commitOf("t", 0, ["a"])])).toMatchObject([{ status: "written" }]);
  });
});

describe("the application's handle", () => {
  test("that is readonly makes a store to read from, and writing is a clear error", async () => {
    const { store, file } = await openStore();
    await write(store, commitOf("t", 0, ["a"]));
    const readonly = storeOn(openDatabase(file, { readonly: true }));
    expect(await readAll(readonly)).toEqual(await readAll(store));
    expect((await readonly.status()).frontier).toBe(1);
    const error = await rejection(readonly.append([commitOf("t", 1, ["b"])]));
    expect(error).toMatchObject({ code: "driver_error", message: expect.stringContaining("readonly") });
    await write(store, commitOf("t", 1, ["c"]));
    expect(await storedIds(readonly, "t")).toEqual(["a", "c"]);
  });

  test("that gives bigints still gives us numbers", async () => {
    for (const file of [tempFile(), ":memory:"]) {
      const database = openDatabase(file);
      database.defaultSafeIntegers(true);
      const store = storeOn(database);
      await store.migrate();
      const [event] = await write(store, commitOf("t", 0, ["a"]));
      expect(event).toMatchObject({ version: 1, position: 1 });
      expect(await store.status()).toMatchObject({ frontier: 1, schemaVersion: expect.any(Number) });
      database.exec("BEGIN IMMEDIATE");
      expect(await store.append([commitOf("t", 1, ["b"])], { transaction: database })).toMatchObject([
        { version: 2, events: [{ version: 2, position: 2 }] },
      ]);
      database.exec("COMMIT");
      expect(await store.entities({ entityName: "thing" })).toMatchObject([{ version: 2 }]);
    }
  });

  test.for(["ON", "OFF"])("with foreign_keys = %s has it so in our transactions too", async (setting) => {
    const database = openDatabase(tempFile());
    database.pragma(`foreign_keys = ${setting}`);
    database.exec("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a (id))");
    const store = storeOn(database);
    await store.migrate();
    const work = store.transaction(async ({ client }) => void client.exec("INSERT INTO b VALUES (1)"));
    const outcome = await work.then(
      () => "written",
      (error: Error) => error.message,
    );
    expect(outcome).toMatch(setting === "ON" ? /FOREIGN KEY/ : /^written$/);
  });

  test("that is no database of a driver we know is refused", () => {
    for (const stranger of [undefined, null, {}, "app.db", { prepare() {} }, new Map()]) {
      expect(() => createSqliteStore(stranger as never)).toThrow(expect.objectContaining({ code: "unsupported" }));
    }
  });

  test.for([
    { maxBodyBytes: 0 },
    { maxBodyBytes: 16 * 1024 * 1024 + 1 },
    { maxBodyBytes: 1.5 },
    { maxBodyBytes: Number.NaN },
    { busyTimeout: -1 },
    { busyTimeout: Number.NaN },
  ])("with %j is refused when the store is made", (options) => {
    expect(() => createSqliteStore(openDatabase(":memory:"), options)).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });

  test("in a relative path is the same file after the process has gone elsewhere", async () => {
    const file = tempFile();
    const before = process.cwd();
    process.chdir(file.replace(/\/[^/]+$/, ""));
    onTestFinished(() => process.chdir(before));
    const database = openDatabase("test.db");
    process.chdir("/");
    const store = storeOn(database);
    await store.migrate();
    expect(database.prepare("SELECT count(*) FROM ventyd_log").pluck().get()).toBe(0);
  });
});
