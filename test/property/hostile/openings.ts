// Every store, through every driver and ORM that it can be had through, on a database of its own.
import { DatabaseSync } from "node:sqlite";
import { PGlite } from "@electric-sql/pglite";
import { createClient } from "@libsql/client";
import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { PrismaPg } from "@prisma/adapter-pg";
import Database from "better-sqlite3";
import { drizzle as drizzleOnLibsql } from "drizzle-orm/libsql";
import { drizzle as drizzleOnMysql } from "drizzle-orm/mysql2";
import { drizzle as drizzleOnPg } from "drizzle-orm/node-postgres";
import { drizzle as drizzleOnPglite } from "drizzle-orm/pglite";
import { drizzle as drizzleOnPostgresJs } from "drizzle-orm/postgres-js";
import knex from "knex";
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { createPool as createPoolOfCallbacks } from "mysql2";
import { createPool } from "mysql2/promise";
import pg from "pg";
import postgres from "postgres";
import type { EventStore } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import * as mysql from "ventyd/mysql";
import * as pgs from "ventyd/postgres";
import * as sqlite from "ventyd/sqlite";
import { createSqliteFile } from "../../orms/temp-sqlite.ts";
import { generateStockClient, type Provider } from "../../prisma/open-prisma.ts";
import { createMysqlDatabase, createPostgresDatabase } from "../../support/servers.ts";

interface Opened {
  readonly store: EventStore;
  close(): Promise<unknown>;
}

/** Opens a store, its tables made, whose bodies may be as large as a store allows. */
export type Opening = () => Promise<Opened>;

const options = { maxBodyBytes: 16 * 1024 * 1024 };

async function ready(store: EventStore, close: () => unknown): Promise<Opened> {
  await store.migrate();
  return {
    store,
    async close() {
      await store.close();
      await close();
    },
  };
}

type Made<TDatabase> = readonly [database: TDatabase, close: () => unknown];

const onPostgres =
  <T extends pgs.PostgresDatabase>(make: (url: string) => Promise<Made<T>> | Made<T>): Opening =>
  async () => {
    const { url, drop } = await createPostgresDatabase();
    const [database, close] = await make(url);
    return ready(pgs.createPostgresStore(database, options), async () => {
      await close();
      await drop();
    });
  };

const onMysql =
  <T extends mysql.MysqlDatabase>(make: (url: string) => Promise<Made<T>> | Made<T>): Opening =>
  async () => {
    const { url, drop } = await createMysqlDatabase();
    const [database, close] = await make(url);
    return ready(mysql.createMysqlStore(database, options), async () => {
      await close();
      await drop();
    });
  };

/** `make` gives the store itself: what it takes depends on whether it is a driver or an ORM. */
const onSqlite =
  (make: (file: string) => Promise<Made<EventStore>> | Made<EventStore>): Opening =>
  async () => {
    const { file, drop } = createSqliteFile();
    const [store, close] = await make(file);
    return ready(store, async () => {
      await close();
      await drop();
    });
  };

const sqliteOptions = { ...options, onWarning: () => {} };

async function prismaOf(provider: Provider, adapter: object) {
  const StockClient = await generateStockClient(provider);
  return new StockClient({ adapter });
}

function poolOf(url: string): pg.Pool {
  return new pg.Pool({ connectionString: url, max: 3 });
}

export const memory: Opening = () => ready(createMemoryStore(options), () => {});

export const drivers: Readonly<Record<string, Opening>> = {
  "better-sqlite3": onSqlite((file) => {
    const database = new Database(file);
    return [sqlite.createSqliteStore(database, sqliteOptions), () => database.close()];
  }),
  "node:sqlite": onSqlite((file) => {
    const database = new DatabaseSync(file);
    return [sqlite.createSqliteStore(database, sqliteOptions), () => database.close()];
  }),
  libsql: onSqlite((file) => {
    const database = new Libsql(file);
    return [sqlite.createSqliteStore(database, sqliteOptions), () => database.close()];
  }),
  pg: onPostgres((url) => {
    const pool = poolOf(url);
    return [pool, () => pool.end()];
  }),
  "postgres.js": onPostgres((url) => {
    const sql = postgres(url, { max: 3, onnotice: () => {} });
    return [sql, () => sql.end()];
  }),
  PGlite: () => {
    const database = new PGlite();
    return ready(pgs.createPostgresStore(database, options), () => database.close());
  },
  mysql2: onMysql((url) => {
    const pool = createPool({ uri: url, connectionLimit: 3 });
    return [pool, () => pool.end()];
  }),
};

export const orms: Readonly<Record<string, Opening>> = {
  "Drizzle on pg": onPostgres((url) => {
    const pool = poolOf(url);
    return [pgs.fromDrizzle(drizzleOnPg({ client: pool })), () => pool.end()];
  }),
  "Drizzle on postgres.js": onPostgres((url) => {
    const sql = postgres(url, { max: 3, onnotice: () => {} });
    return [pgs.fromDrizzle(drizzleOnPostgresJs({ client: sql })), () => sql.end()];
  }),
  "Drizzle on PGlite": () => {
    const client = new PGlite();
    const store = pgs.createPostgresStore(pgs.fromDrizzle(drizzleOnPglite({ client })), options);
    return ready(store, () => client.close());
  },
  "Drizzle on mysql2": onMysql((url) => {
    const pool = createPool({ uri: url, connectionLimit: 3, charset: "latin1" });
    return [mysql.fromDrizzle(drizzleOnMysql({ client: pool })), () => pool.end()];
  }),
  "Drizzle on @libsql/client": onSqlite((file) => {
    const client = createClient({ url: `file:${file}` });
    return [
      sqlite.createSqliteStore(sqlite.fromDrizzle(drizzleOnLibsql({ client })), sqliteOptions),
      () => client.close(),
    ];
  }),
  "Kysely on pg": onPostgres((url) => {
    const db = new Kysely({ dialect: new PostgresDialect({ pool: poolOf(url) }) });
    return [pgs.fromKysely(db), () => db.destroy()];
  }),
  "Kysely on mysql2": onMysql((url) => {
    const pool = createPoolOfCallbacks({ uri: url, connectionLimit: 3, charset: "latin1" });
    const db = new Kysely({ dialect: new MysqlDialect({ pool }) });
    return [mysql.fromKysely(db), () => db.destroy()];
  }),
  "Kysely on better-sqlite3": onSqlite((file) => {
    const db = new Kysely({ dialect: new SqliteDialect({ database: new Database(file) }) });
    return [sqlite.createSqliteStore(sqlite.fromKysely(db), sqliteOptions), () => db.destroy()];
  }),
  "Knex on pg": onPostgres((url) => {
    const db = knex({ client: "pg", connection: url });
    return [pgs.fromKnex(db), () => db.destroy()];
  }),
  "Knex on mysql2": onMysql((url) => {
    const db = knex({ client: "mysql2", connection: { uri: url, charset: "latin1" } as never });
    return [mysql.fromKnex(db), () => db.destroy()];
  }),
  "Knex on better-sqlite3": onSqlite((file) => {
    const db = knex({ client: "better-sqlite3", connection: { filename: file }, useNullAsDefault: true });
    return [sqlite.createSqliteStore(sqlite.fromKnex(db), sqliteOptions), () => db.destroy()];
  }),
  "Prisma on pg": onPostgres(async (url) => {
    const prisma = await prismaOf("postgresql", new PrismaPg({ connectionString: url }));
    return [pgs.fromPrisma(prisma), () => prisma.$disconnect()];
  }),
  "Prisma on the connector for MariaDB": onMysql(async (url) => {
    const prisma = await prismaOf("mysql", new PrismaMariaDb(url));
    return [mysql.fromPrisma(prisma), () => prisma.$disconnect()];
  }),
  "Prisma on better-sqlite3": onSqlite(async (file) => {
    const prisma = await prismaOf("sqlite", new PrismaBetterSqlite3({ url: `file:${file}` }));
    return [sqlite.createSqliteStore(sqlite.fromPrisma(prisma), sqliteOptions), () => prisma.$disconnect()];
  }),
};
