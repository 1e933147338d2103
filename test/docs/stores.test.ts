import { existsSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import Database from "better-sqlite3";
import { createPool } from "mysql2/promise";
import pg from "pg";
import type { EventStore } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { createMysqlStore } from "ventyd/mysql";
import { createPostgresStore } from "ventyd/postgres";
import { createSqliteStore } from "ventyd/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { storeProfiles } from "../../src/adapters/profiles.ts";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";
import { deferred, rejection, tempFile } from "../support/temp-database.ts";

/** A store, and what the application has beside it. */
interface Opened {
  readonly store: EventStore;
  /** Another store on the same contents, as another process would have it. */
  readonly another?: EventStore;
  readonly run?: (sql: string) => unknown;
  /** Begins a transaction of the application's; what it gives takes it back. */
  readonly begin?: () => Promise<{ client: unknown; abort(): Promise<unknown> }>;
}

const open: { readonly [name: string]: () => Promise<Opened> } = {
  memory: async () => ({ store: createMemoryStore() }),
  async SQLite() {
    const file = tempFile();
    const database = new Database(file);
    onTestFinished(() => void database.close());
    const store = createSqliteStore(database, { pragmas: "recommended" });
    const another = createSqliteStore(new Database(file), { busyTimeout: 50 });
    const begin = async () => {
      database.exec("BEGIN IMMEDIATE");
      return { client: database, abort: async () => database.exec("ROLLBACK") };
    };
    return { store, another, begin };
  },
  async PostgreSQL() {
    const { url, drop } = await createPostgresDatabase();
    const pool = new pg.Pool({ connectionString: url });
    onTestFinished(() => pool.end().then(drop));
    const begin = async () => {
      const client = await pool.connect();
      await client.query("BEGIN");
      return { client, abort: () => client.query("ROLLBACK").finally(() => client.release()) };
    };
    const run = (sql: string) => pool.query(sql);
    return { store: createPostgresStore(pool), another: createPostgresStore(pool), run, begin };
  },
  async PGlite() {
    const database = new PGlite();
    onTestFinished(() => database.close());
    const begin = async () => {
      const [begun, end] = [deferred<unknown>(), deferred<void>()];
      const ended = database.transaction(async (transaction) => {
        begun.resolve(transaction);
        await end.promise;
        await transaction.rollback();
      });
      return {
        client: await begun.promise,
        abort: async () => {
          end.resolve();
          await ended;
        },
      };
    };
    return { store: createPostgresStore(database), run: (sql) => database.exec(sql), begin };
  },
  async MariaDB() {
    const { url, drop } = await createMysqlDatabase();
    const pool = createPool({ uri: url });
    onTestFinished(() => pool.end().then(drop));
    const begin = async () => {
      const client = await pool.getConnection();
      await client.beginTransaction();
      return { client, abort: () => client.rollback().finally(() => client.release()) };
    };
    return { store: createMysqlStore(pool), another: createMysqlStore(pool), run: (sql) => pool.query(sql), begin };
  },
};

const commit = (entityId: string) => ({
  entityName: "thing",
  entityId,
  expectedVersion: 0,
  events: [
    {
      eventId: crypto.randomUUID(),
      eventName: "thing:made",
      eventCreatedAt: "2024-01-01T00:00:00Z",
      body: null,
      metadata: {},
      bodyIsOutput: true,
    },
  ],
});

async function openMigrated(name: string): Promise<Opened> {
  const opened = await (open[name] as () => Promise<Opened>)();
  await opened.store.migrate();
  // Before what the stores stand on goes.
  onTestFinished(() => opened.store.close());
  onTestFinished(() => opened.another?.close());
  return opened;
}

const tested = storeProfiles.filter((profile) => profile.tested !== undefined);

test("every store that is told of as tested has its contract in a test", () => {
  expect(tested.map(({ name }) => name)).toEqual(Object.keys(open));
  for (const { tested: { by = "" } = {} } of tested) expect(existsSync(by), by).toBe(true);
});

test("every driver that is told of comes from a package that the tests have, or with its runtime", () => {
  for (const { drivers } of storeProfiles)
    for (const { name, package: packageName } of drivers)
      expect(packageName === undefined ? /^`\w+:sqlite`$/.test(name) : packageName in manifest.devDependencies).toBe(
        true,
      );
});

describe.each(tested)("the table of stores is right about $name:", ({ name, abilities, hears, survives }) => {
  test("whether it joins a transaction that the application has opened", async () => {
    const { store, begin } = await openMigrated(name);
    if (abilities.joins === true) {
      const { client, abort } = await (begin as NonNullable<Opened["begin"]>)();
      await store.append([commit("a")], { transaction: client });
      await abort();
      expect(await store.load({ entityName: "thing", entityId: "a" })).toEqual([]);
    } else {
      const mismatch = await rejection(store.append([commit("a")], { transaction: {} }));
      expect(mismatch).toMatchObject({ code: "transaction_mismatch" });
    }
  });

  test("whether two stores have one log", async () => {
    const { store, another } = await openMigrated(name);
    await store.append([commit("a")]);
    expect(another !== undefined).toBe(abilities.sharedLog);
    if (another !== undefined) expect(await another.load({ entityName: "thing", entityId: "a" })).toHaveLength(1);
  });

  test("whether transactions write at the same time", async () => {
    const { store, another = store } = await openMigrated(name);
    const [written, free] = [deferred(), deferred()];
    const writing = store.transaction(
      async () => {
        await store.append([commit("a")]);
        written.resolve();
        await free.promise;
      },
      { timeout: abilities.concurrentWriters === true ? 30_000 : 500 },
    );
    await Promise.race([written.promise, writing]);
    const other = another.transaction(() => another.append([commit("b")]));
    if (abilities.concurrentWriters === true) {
      await other;
      free.resolve();
      await writing;
    } else {
      const [first] = await Promise.allSettled([writing, other]);
      expect(first).toMatchObject({ status: "rejected", reason: { code: "transaction_timeout" } });
    }
  });

  test("whether it refuses TRUNCATE", async () => {
    const { run } = await openMigrated(name);
    expect(run !== undefined).toBe(abilities.guardsTruncate !== undefined);
    if (run === undefined) return;
    const truncated = Promise.resolve(run("TRUNCATE TABLE ventyd_log"));
    if (abilities.guardsTruncate === true) expect(await rejection(truncated)).toBeInstanceOf(Error);
    else await truncated;
  });

  test("how a subscription hears of other processes", async () => {
    const { store, run } = await openMigrated(name);
    const listeners = async () => {
      const result = await run?.(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'",
      );
      return (result as { rows: unknown[] }).rows.length;
    };
    const events = store.subscribe({ after: 0 });
    const first = events.next();
    if (hears.startsWith("by LISTEN")) await expect.poll(listeners, { timeout: 30_000 }).toBe(1);
    await store.append([commit("a")]);
    expect((await first).value).toMatchObject({ entityId: "a" });
    await events.return?.();
  });

  test("what an acknowledged commit survives, unless the server is set to less", async () => {
    const { store } = await openMigrated(name);
    const order = ["none", "process_crash", "power_loss"];
    const { durability } = await store.status();
    expect(order.indexOf(durability.survives)).toBeLessThanOrEqual(order.indexOf(survives));
  });
});
