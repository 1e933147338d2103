import Database from "better-sqlite3";
import {
  CamelCasePlugin,
  type Dialect,
  Kysely,
  MysqlDialect,
  PostgresDialect,
  SqliteDialect,
  sql,
  type Transaction,
} from "kysely";
import { createPool } from "mysql2";
import pg from "pg";
import { createMysqlStore, fromKysely as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromKysely as fromPostgres } from "ventyd/postgres";
import { createSqliteStore, fromKysely as fromSqlite } from "ventyd/sqlite";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";
import { ormStoreTests } from "./store-tests.ts";
import { createSqliteFile } from "./temp-sqlite.ts";

interface Tables {
  application: { text: string };
}

/** The application's part. */
async function open(dialect: Dialect) {
  const db = new Kysely<Tables>({ dialect, plugins: [new CamelCasePlugin()] });
  await sql`CREATE TABLE application (text TEXT)`.execute(db);
  return {
    db,
    transaction: (work: (trx: Transaction<Tables>) => Promise<void>) => db.transaction().execute(work),
    insert: (trx: Transaction<Tables>, one: string) => trx.insertInto("application").values({ text: one }).execute(),
    texts: async () => (await db.selectFrom("application").selectAll().execute()).map((row) => row.text),
  };
}

ormStoreTests("Kysely on pg", async () => {
  const { url, drop } = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  const { db, ...rest } = await open(new PostgresDialect({ pool }));
  return {
    ...rest,
    store: createPostgresStore(fromPostgres(db)),
    driverStore: createPostgresStore(pool),
    fromOrm: fromPostgres,
    close: () => db.destroy().then(drop),
  };
});

ormStoreTests("Kysely on mysql2", async () => {
  const { url, drop } = await createMysqlDatabase();
  const pool = createPool({ uri: url, connectionLimit: 5, charset: "latin1" });
  const { db, ...rest } = await open(new MysqlDialect({ pool }));
  return {
    ...rest,
    store: createMysqlStore(fromMysql(db)),
    driverStore: createMysqlStore(pool),
    fromOrm: fromMysql,
    close: () => db.destroy().then(drop),
  };
});

ormStoreTests("Kysely on better-sqlite3", async () => {
  const { file, drop } = createSqliteFile();
  const { db, ...rest } = await open(new SqliteDialect({ database: new Database(file) }));
  const store = createSqliteStore(fromSqlite(db));
  return { ...rest, store, fromOrm: fromSqlite, close: () => db.destroy().then(drop) };
});
