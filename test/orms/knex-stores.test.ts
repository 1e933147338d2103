import knex, { type Knex } from "knex";
import { createPool } from "mysql2";
import pg from "pg";
import { createMysqlStore, fromKnex as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromKnex as fromPostgres } from "ventyd/postgres";
import { createSqliteStore, fromKnex as fromSqlite } from "ventyd/sqlite";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";
import { ormStoreTests } from "./store-tests.ts";
import { createSqliteFile } from "./temp-sqlite.ts";

/** The application's part. */
async function open(config: Knex.Config) {
  const db = knex({
    ...config,
    log: { warn() {} },
    useNullAsDefault: true,
    postProcessResponse: (rows) => (Array.isArray(rows) ? rows.map((row) => ({ ...row, more: 1 })) : rows),
    wrapIdentifier: (name, wrap) => wrap(name.toLowerCase()),
  });
  await db.raw("CREATE TABLE application (text TEXT)");
  return {
    db,
    transaction: (work: (trx: Knex.Transaction) => Promise<void>) => db.transaction(work),
    insert: (trx: Knex.Transaction, text: string) => trx("APPLICATION").insert({ text }),
    texts: async () => (await db("application").select("text")).map(({ text }) => text as string),
  };
}

ormStoreTests("Knex on pg", async () => {
  const { url, drop } = await createPostgresDatabase();
  const { db, ...rest } = await open({ client: "pg", connection: url });
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  return {
    ...rest,
    store: createPostgresStore(fromPostgres(db)),
    driverStore: createPostgresStore(pool),
    fromOrm: fromPostgres,
    close: () => Promise.all([pool.end(), db.destroy()]).then(drop),
  };
});

ormStoreTests("Knex on mysql2", async () => {
  const { url, drop } = await createMysqlDatabase();
  const { db, ...rest } = await open({ client: "mysql2", connection: { uri: url, charset: "latin1" } as never });
  const pool = createPool({ uri: url, connectionLimit: 5 });
  return {
    ...rest,
    store: createMysqlStore(fromMysql(db)),
    driverStore: createMysqlStore(pool),
    fromOrm: fromMysql,
    close: () => Promise.all([pool.promise().end(), db.destroy()]).then(drop),
  };
});

ormStoreTests("Knex on better-sqlite3", async () => {
  const { file, drop } = createSqliteFile();
  const { db, ...rest } = await open({ client: "better-sqlite3", connection: { filename: file } });
  const store = createSqliteStore(fromSqlite(db));
  return { ...rest, store, fromOrm: fromSqlite, close: () => db.destroy().then(drop) };
});
