import { PGlite } from "@electric-sql/pglite";
import { createClient } from "@libsql/client";
import { drizzle as onLibsql } from "drizzle-orm/libsql";
import { mysqlTable, varchar } from "drizzle-orm/mysql-core";
import { drizzle as onMysql } from "drizzle-orm/mysql2";
import { drizzle as onPg } from "drizzle-orm/node-postgres";
import { pgTable, text } from "drizzle-orm/pg-core";
import { drizzle as onPglite } from "drizzle-orm/pglite";
import { drizzle as onPostgresJs } from "drizzle-orm/postgres-js";
import { sqliteTable, text as sqliteText } from "drizzle-orm/sqlite-core";
import { createPool } from "mysql2/promise";
import pg from "pg";
import postgres from "postgres";
import { createMysqlStore, fromDrizzle as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromDrizzle as fromPostgres } from "ventyd/postgres";
import { createSqliteStore, fromDrizzle as fromSqlite } from "ventyd/sqlite";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";
import { ormStoreTests } from "./store-tests.ts";
import { createSqliteFile } from "./temp-sqlite.ts";

const application = pgTable("application", { text: text() });
const create = "CREATE TABLE application (text TEXT)";

ormStoreTests("Drizzle on pg", async () => {
  const { url, drop } = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  const db = onPg({ client: pool, schema: { application } });
  await db.execute(create);
  const store = createPostgresStore(fromPostgres(db));
  return {
    store,
    driverStore: createPostgresStore(pool),
    fromOrm: (tx) => fromPostgres(tx),
    transaction: (work) => db.transaction(work),
    insert: (tx, one) => tx.insert(application).values({ text: one }),
    texts: async () => (await db.select().from(application)).map((row) => row.text as string),
    close: () => pool.end().then(drop),
  };
});

ormStoreTests("Drizzle on postgres.js", async () => {
  const { url, drop } = await createPostgresDatabase();
  const sql = postgres(url, { max: 5, onnotice: () => {}, transform: postgres.camel });
  const db = onPostgresJs({ client: sql });
  await db.execute(create);
  const store = createPostgresStore(fromPostgres(db));
  return {
    store,
    driverStore: createPostgresStore(sql),
    fromOrm: (tx) => fromPostgres(tx),
    transaction: (work) => db.transaction(work),
    insert: (tx, one) => tx.insert(application).values({ text: one }),
    texts: async () => (await db.select().from(application)).map((row) => row.text as string),
    close: () => sql.end({ timeout: 1 }).then(drop),
  };
});

ormStoreTests("Drizzle on PGlite", async () => {
  const client = new PGlite();
  const db = onPglite({ client });
  await db.execute(create);
  const store = createPostgresStore(fromPostgres(db));
  return {
    store,
    driverStore: createPostgresStore(client),
    fromOrm: (tx) => fromPostgres(tx),
    transaction: (work) => db.transaction(work),
    insert: (tx, one) => tx.insert(application).values({ text: one }),
    texts: async () => (await db.select().from(application)).map((row) => row.text as string),
    close: () => client.close(),
  };
});

ormStoreTests("Drizzle on mysql2", async () => {
  const { url, drop } = await createMysqlDatabase();
  const pool = createPool({ uri: url, connectionLimit: 5, charset: "latin1" });
  const db = onMysql({ client: pool });
  await db.execute(create);
  const table = mysqlTable("application", { text: varchar({ length: 255 }) });
  const store = createMysqlStore(fromMysql(db));
  return {
    store,
    driverStore: createMysqlStore(pool),
    fromOrm: (tx) => fromMysql(tx),
    transaction: (work) => db.transaction(work),
    insert: (tx, one) => tx.insert(table).values({ text: one }),
    texts: async () => (await db.select().from(table)).map((row) => row.text as string),
    close: () => pool.end().then(drop),
  };
});

ormStoreTests("Drizzle on @libsql/client", async () => {
  const { file, drop } = createSqliteFile();
  const client = createClient({ url: `file:${file}` });
  const db = onLibsql({ client });
  await db.run(create);
  const table = sqliteTable("application", { text: sqliteText() });
  const store = createSqliteStore(fromSqlite(db));
  return {
    store,
    fromOrm: (tx) => fromSqlite(tx),
    transaction: (work) => db.transaction(work),
    insert: (tx, one) => tx.insert(table).values({ text: one }),
    texts: async () => (await db.select().from(table)).map((row) => row.text as string),
    async close() {
      client.close();
      await drop();
    },
  };
});
