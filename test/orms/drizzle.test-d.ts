import { PGlite } from "@electric-sql/pglite";
import { createClient } from "@libsql/client";
import Database from "better-sqlite3";
import { drizzle as onBetterSqlite3 } from "drizzle-orm/better-sqlite3";
import { drizzle as onLibsql } from "drizzle-orm/libsql";
import { drizzle as onMysql } from "drizzle-orm/mysql2";
import { drizzle as onPg } from "drizzle-orm/node-postgres";
import { drizzle as onPglite } from "drizzle-orm/pglite";
import { drizzle as onPostgresJs } from "drizzle-orm/postgres-js";
import { drizzle as oldestOnBetterSqlite3 } from "drizzle-orm-oldest/better-sqlite3";
import { drizzle as oldestOnLibsql } from "drizzle-orm-oldest/libsql";
import { drizzle as oldestOnMysql } from "drizzle-orm-oldest/mysql2";
import { drizzle as oldestOnPg } from "drizzle-orm-oldest/node-postgres";
import { drizzle as oldestOnPglite } from "drizzle-orm-oldest/pglite";
import { drizzle as oldestOnPostgresJs } from "drizzle-orm-oldest/postgres-js";
import callbacks from "mysql2";
import mysql from "mysql2/promise";
import pg from "pg";
import postgres from "postgres";
import { createRepository, defineEntity } from "ventyd";
import { createMysqlStore, fromDrizzle as fromMysql, type MysqlStore } from "ventyd/mysql";
import { createPostgresStore, fromDrizzle, type PostgresStore } from "ventyd/postgres";
import { createSqliteStore, fromDrizzle as fromSqlite, type SqliteStore } from "ventyd/sqlite";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";

const Note = defineEntity("note", {
  state: z.object({}),
  events: { written: z.object({}) },
  initial: "written",
  reduce: { written: () => ({}) },
});

/** What a database of Drizzle gives to the function that runs in its transaction. */
type TransactionOf<TDatabase extends { transaction(work: never): unknown }> = Parameters<
  Parameters<TDatabase["transaction"]>[0]
>[0];

test("the client of a store's transaction is Drizzle's own transaction, on PostgreSQL", () => {
  const pool = new pg.Pool();
  const [db, oldest] = [onPg({ client: pool, schema: {} }), oldestOnPg({ client: pool })];
  expectTypeOf(createPostgresStore(fromDrizzle(db))).toEqualTypeOf<PostgresStore<TransactionOf<typeof db>>>();
  expectTypeOf(createPostgresStore(fromDrizzle(oldest))).toEqualTypeOf<PostgresStore<TransactionOf<typeof oldest>>>();
  const [js, oldestJs] = [onPostgresJs({ client: postgres() }), oldestOnPostgresJs({ client: postgres() })];
  expectTypeOf(createPostgresStore(fromDrizzle(js))).toEqualTypeOf<PostgresStore<TransactionOf<typeof js>>>();
  expectTypeOf(createPostgresStore(fromDrizzle(oldestJs))).toEqualTypeOf<
    PostgresStore<TransactionOf<typeof oldestJs>>
  >();
  const [lite, oldestLite] = [onPglite({ client: new PGlite() }), oldestOnPglite({ client: new PGlite() })];
  expectTypeOf(createPostgresStore(fromDrizzle(lite))).toEqualTypeOf<PostgresStore<TransactionOf<typeof lite>>>();
  expectTypeOf(createPostgresStore(fromDrizzle(oldestLite))).toEqualTypeOf<
    PostgresStore<TransactionOf<typeof oldestLite>>
  >();
  void createPostgresStore(fromDrizzle(db)).transaction(async ({ client }) => {
    expectTypeOf(client).not.toBeAny();
    expectTypeOf(client.select).toBeFunction();
  });
});

test("the client of a store's transaction is Drizzle's own transaction, on MySQL", () => {
  const [db, oldest] = [onMysql({ client: mysql.createPool({}) }), oldestOnMysql({ client: mysql.createPool({}) })];
  const withCallbacks = onMysql({ client: callbacks.createPool({}) });
  expectTypeOf(createMysqlStore(fromMysql(db))).toEqualTypeOf<MysqlStore<TransactionOf<typeof db>>>();
  expectTypeOf(createMysqlStore(fromMysql(oldest))).toEqualTypeOf<MysqlStore<TransactionOf<typeof oldest>>>();
  expectTypeOf(createMysqlStore(fromMysql(withCallbacks))).toEqualTypeOf<
    MysqlStore<TransactionOf<typeof withCallbacks>>
  >();
});

test("the client of a store's transaction is Drizzle's own on libsql, and the database on better-sqlite3", () => {
  const client = createClient({ url: "file:app.db" });
  const [db, oldest] = [onLibsql({ client }), oldestOnLibsql({ client })];
  const ofDb = createSqliteStore(fromSqlite(db));
  expectTypeOf(ofDb.transaction<void>)
    .parameter(0)
    .parameter(0)
    .toHaveProperty("client")
    .toEqualTypeOf<TransactionOf<typeof db>>();
  expectTypeOf(createSqliteStore(fromSqlite(oldest)).transaction<void>)
    .parameter(0)
    .parameter(0)
    .toHaveProperty("client")
    .toEqualTypeOf<TransactionOf<typeof oldest>>();
  const sync = createSqliteStore(fromSqlite(onBetterSqlite3({ client: new Database("app.db") })));
  expectTypeOf(sync).toEqualTypeOf<SqliteStore<Database.Database>>();
  const oldestSync = createSqliteStore(fromSqlite(oldestOnBetterSqlite3({ client: new Database("app.db") })));
  expectTypeOf(oldestSync).toEqualTypeOf<SqliteStore<Database.Database>>();
});

test("a transaction of Drizzle is joined, as it is by a store on it, and by fromDrizzle in any", () => {
  const db = onPg({ client: new pg.Pool() });
  const note = Note.create({ body: {} });
  const notes = createRepository(Note, { adapter: createPostgresStore(fromDrizzle(db)) });
  const ofDriver = createRepository(Note, { adapter: createPostgresStore(new pg.Pool()) });
  void db.transaction(async (tx) => {
    void notes.commit(note, { transaction: tx });
    void notes.commit(note, { transaction: fromDrizzle(tx) });
    void ofDriver.commit(note, { transaction: fromDrizzle(tx) });
    // @ts-expect-error: a transaction of Drizzle is none of the driver's
    void ofDriver.commit(note, { transaction: tx });
    // @ts-expect-error: the database is no transaction
    void notes.commit(note, { transaction: db });
  });
  void oldestOnPg({ client: new pg.Pool() }).transaction(async (tx) => {
    void ofDriver.commit(note, { transaction: fromDrizzle(tx) });
  });
  void onMysql({ client: mysql.createPool({}) }).transaction(async (tx) => {
    void createRepository(Note, { adapter: createMysqlStore(mysql.createPool({})) }).commit(note, {
      transaction: fromMysql(tx),
    });
  });
});

test("what is no Drizzle is refused", () => {
  // @ts-expect-error: a pool needs no ORM around it
  fromDrizzle(new pg.Pool());
  // @ts-expect-error: the transactions of better-sqlite3 end before anything that is awaited
  fromDrizzle(onBetterSqlite3({ client: new Database("app.db") }));
  // @ts-expect-error: a Drizzle without transactions
  fromSqlite({ $client: {} });
});
