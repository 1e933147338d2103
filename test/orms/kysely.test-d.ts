import Database from "better-sqlite3";
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect, type Transaction } from "kysely";
import {
  Kysely as OldestKysely,
  PostgresDialect as OldestPostgresDialect,
  type Transaction as OldestTransaction,
} from "kysely-oldest";
import { createPool } from "mysql2";
import pg from "pg";
import { createRepository, defineEntity } from "ventyd";
import { createMysqlStore, fromKysely as fromMysql, type MysqlStore } from "ventyd/mysql";
import { createPostgresStore, fromKysely, type PostgresStore } from "ventyd/postgres";
import { createSqliteStore, fromKysely as fromSqlite } from "ventyd/sqlite";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";

interface Tables {
  orders: { product: string };
}

const Note = defineEntity("note", {
  state: z.object({}),
  events: { written: z.object({}) },
  initial: "written",
  reduce: { written: () => ({}) },
});

const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new pg.Pool() }) });
const oldest = new OldestKysely<Tables>({ dialect: new OldestPostgresDialect({ pool: new pg.Pool() }) });

test("the client of a store's transaction is Kysely's own transaction, with the application's tables", () => {
  const store = createPostgresStore(fromKysely(db));
  expectTypeOf(store).toEqualTypeOf<PostgresStore<Transaction<Tables>>>();
  expectTypeOf(createPostgresStore(fromKysely(oldest))).toEqualTypeOf<PostgresStore<OldestTransaction<Tables>>>();
  const onMysql = new Kysely<Tables>({ dialect: new MysqlDialect({ pool: createPool({}) }) });
  expectTypeOf(createMysqlStore(fromMysql(onMysql))).toEqualTypeOf<MysqlStore<Transaction<Tables>>>();
  const onSqlite = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Database("app.db") }) });
  expectTypeOf(createSqliteStore(fromSqlite(onSqlite)).transaction<void>)
    .parameter(0)
    .parameter(0)
    .toHaveProperty("client")
    .toEqualTypeOf<Transaction<Tables>>();
  void store.transaction(async ({ client }) => {
    void client.insertInto("orders").values({ product: "lamp" }).execute();
    // @ts-expect-error: the application has no such table
    void client.insertInto("stock");
  });
});

test("a transaction of Kysely is joined, controlled ones too, and by fromKysely in any store", async () => {
  const note = Note.create({ body: {} });
  const notes = createRepository(Note, { adapter: createPostgresStore(fromKysely(db)) });
  const ofDriver = createRepository(Note, { adapter: createPostgresStore(new pg.Pool()) });
  const controlled = await db.startTransaction().execute();
  void notes.commit(note, { transaction: controlled });
  void ofDriver.commit(note, { transaction: fromKysely(controlled) });
  void db.transaction().execute(async (trx) => {
    void notes.commit(note, { transaction: trx });
    void ofDriver.commit(note, { transaction: fromKysely(trx) });
    // @ts-expect-error: a transaction of Kysely is none of the driver's
    void ofDriver.commit(note, { transaction: trx });
    // @ts-expect-error: the database is no transaction
    void notes.commit(note, { transaction: db });
  });
  void oldest.transaction().execute(async (trx) => {
    void ofDriver.commit(note, { transaction: fromKysely(trx) });
  });
});

test("what is no Kysely is refused", () => {
  // @ts-expect-error: a pool needs no ORM around it
  fromKysely(new pg.Pool());
  // @ts-expect-error: a dialect opens nothing yet
  fromKysely(new PostgresDialect({ pool: new pg.Pool() }));
});
