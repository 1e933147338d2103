// Where properties are tried: each kind of store, opened for every run on tables with nothing in them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";
import Database from "better-sqlite3";
import { createPool } from "mysql2/promise";
import pg from "pg";
import type { EventStore } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { createMysqlStore } from "ventyd/mysql";
import { createPostgresStore } from "ventyd/postgres";
import { createSqliteStore } from "ventyd/sqlite";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";

/** What the store of one run is kept in. */
export interface Backend {
  /** Opens a store; again, where another one can be opened on the same contents. */
  open(now: () => Date): Promise<EventStore>;
  readonly canReopen: boolean;
  /** When its stores are closed. */
  close(): Promise<void> | void;
}

/** A kind of store, made ready for any number of runs. */
export interface Place {
  begin(): Promise<Backend> | Backend;
  close(): Promise<void>;
}

type OpenPlace = () => Promise<Place>;

const withoutServer = (begin: Place["begin"]): OpenPlace => {
  return async () => ({ begin, close: async () => {} });
};

const memory = withoutServer(() => ({
  canReopen: false,
  open: async (now) => createMemoryStore({ now }),
  close: () => {},
}));

function sqliteIn(file: string): Backend {
  const databases: Database.Database[] = [];
  return {
    canReopen: file !== ":memory:",
    async open(now) {
      const database = new Database(file);
      databases.push(database);
      // What a loss of power takes is not what is tried here.
      database.pragma("journal_mode = WAL");
      database.pragma("synchronous = OFF");
      const store = createSqliteStore(database, { now, onWarning: () => {} });
      await store.migrate();
      return store;
    },
    close: () => {
      for (const database of databases) database.close();
    },
  };
}

const sqliteInMemory = withoutServer(() => sqliteIn(":memory:"));

const sqliteFile = withoutServer(() => {
  const folder = mkdtempSync(path.join(tmpdir(), "ventyd-test-"));
  const backend = sqliteIn(path.join(folder, "test.db"));
  return {
    ...backend,
    async close() {
      await backend.close();
      rmSync(folder, { recursive: true });
    },
  };
});

/** Gives each run a schema of its own: PostgreSQL's, or what MariaDB means by the word, a database. */
function inSchemas(
  prefix: string,
  run: (sql: string) => Promise<unknown>,
  open: (options: { schema: string; now: () => Date }) => EventStore,
  close: () => Promise<unknown>,
  drop = "",
): Place {
  let runs = 0;
  return {
    async begin() {
      const schema = `${prefix}r${++runs}`;
      await run(`CREATE SCHEMA ${schema}`);
      return {
        canReopen: true,
        async open(now) {
          const store = open({ schema, now });
          await store.migrate();
          return store;
        },
        close: async () => void (await run(`DROP SCHEMA ${schema} ${drop}`)),
      };
    },
    close: async () => void (await close()),
  };
}

const postgres: OpenPlace = async () => {
  const { url, drop } = await createPostgresDatabase();
  // A schema that is dropped tells of each of its tables.
  const options = "-c client_min_messages=warning";
  const pool = new pg.Pool({ connectionString: url, max: 5, options });
  return inSchemas(
    "",
    (sql) => pool.query(sql),
    (options) => createPostgresStore(pool, options),
    () => pool.end().then(drop),
    "CASCADE",
  );
};

const pglite: OpenPlace = async () => {
  const database = new PGlite();
  await database.query("SET client_min_messages = warning");
  return inSchemas(
    "",
    (sql) => database.query(sql),
    (options) => createPostgresStore(database, options),
    () => database.close(),
    "CASCADE",
  );
};

const mariadb: OpenPlace = async () => {
  const { url, drop } = await createMysqlDatabase();
  const pool = createPool({ uri: url, connectionLimit: 5 });
  return inSchemas(
    `${new URL(url).pathname.slice(1)}_`,
    (sql) => pool.query(sql),
    (options) => createMysqlStore(pool, options),
    () => pool.end().then(drop),
  );
};

/** Opens a place of each kind. */
export const places = {
  "the memory store": memory,
  "SQLite in memory": sqliteInMemory,
  "a SQLite file": sqliteFile,
  PostgreSQL: postgres,
  PGlite: pglite,
  MariaDB: mariadb,
} as const satisfies Record<string, OpenPlace>;

export type PlaceName = keyof typeof places;
