import { DatabaseSync } from "node:sqlite";
import { PGlite } from "@electric-sql/pglite";
import { createPool } from "mysql2/promise";
import pg from "pg";
import type { EventStore } from "ventyd";
import { createMysqlStore } from "ventyd/mysql";
import { createPostgresStore, type Migration } from "ventyd/postgres";
import { createSqliteStore } from "ventyd/sqlite";
import { expect, test } from "vitest";
import { Database } from "../../examples/executor/database.ts";
import { fromDatabase } from "../../examples/executor/from-database.ts";
import { commitOf, readAll, thing } from "../../src/testing/contract/events.ts";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";

interface FreshDatabase {
  readonly store: EventStore & { migrations(): readonly Migration[] };
  /** Runs a statement by hand. */
  run(sql: string): unknown;
  close(): unknown;
}

const databases: { readonly [name: string]: () => Promise<FreshDatabase> } = {
  async SQLite() {
    const database = new DatabaseSync(":memory:");
    return { store: createSqliteStore(database), run: (sql) => database.exec(sql), close: () => database.close() };
  },
  async "SQLite through an executor"() {
    const database = new Database(":memory:");
    return {
      store: createSqliteStore(fromDatabase(database)),
      run: (sql) => database.use((client) => client.query(sql)),
      close: () => database.close(),
    };
  },
  async PostgreSQL() {
    const { url, drop } = await createPostgresDatabase();
    const pool = new pg.Pool({ connectionString: url });
    return { store: createPostgresStore(pool), run: (sql) => pool.query(sql), close: () => pool.end().then(drop) };
  },
  async PGlite() {
    const database = new PGlite();
    return { store: createPostgresStore(database), run: (sql) => database.query(sql), close: () => database.close() };
  },
  async MariaDB() {
    const { url, drop } = await createMysqlDatabase();
    const pool = createPool(url);
    return { store: createMysqlStore(pool), run: (sql) => pool.query(sql), close: () => pool.end().then(drop) };
  },
};

for (const [name, open] of Object.entries(databases)) {
  test(`the statements of migrations(), run by hand on ${name}, make a store that works, and migrate() finds them done`, async () => {
    const { store, run, close } = await open();
    try {
      for (const { sql } of store.migrations()) for (const statement of sql) await run(statement);
      const { schemaVersion } = await store.status();
      expect(schemaVersion).toBe(store.migrations().at(-1)?.id);
      expect(await store.append([commitOf("t", 0, ["a", "b"])])).toMatchObject([{ status: "written", version: 2 }]);
      await store.saveSnapshot({ ...thing, version: 2, state: 1 });
      await store.migrate();
      await store.append([commitOf("t", 2, ["c"])]);
      expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["a", "b", "c"]);
      expect(await store.getSnapshot(thing)).toMatchObject({ state: 1 });
      expect((await store.status()).schemaVersion).toBe(schemaVersion);
      await store.close();
    } finally {
      await close();
    }
  });
}
