import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { drizzle as onMysql } from "drizzle-orm/mysql2";
import { drizzle as onPg } from "drizzle-orm/node-postgres";
import { createPool } from "mysql2/promise";
import pg from "pg";
import { createMysqlStore, fromDrizzle as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromDrizzle as fromPostgres } from "ventyd/postgres";
import { onTestFinished, test } from "vitest";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";
import { killJoined } from "./joined.ts";

const script = fileURLToPath(new URL("./drizzle-child.ts", import.meta.url));
const create = "CREATE TABLE application (text varchar(100))";
const select = sql`SELECT text FROM application`;

test("a process that is killed inside a transaction of Drizzle on pg leaves all of it or nothing: the application's rows and the events", async () => {
  const { url, drop } = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: url });
  onTestFinished(() => pool.end().then(drop));
  const db = onPg({ client: pool });
  const store = createPostgresStore(fromPostgres(db));
  await store.migrate();
  await db.execute(create);
  const rows = async () => (await db.execute<{ text: string }>(select)).rows.map(({ text }) => text);
  await killJoined({ script, args: ["pg", url] }, store, rows);
  await store.close();
});

test("a process that is killed inside a transaction of Drizzle on mysql2 leaves all of it or nothing: the application's rows and the events", async () => {
  const { url, drop } = await createMysqlDatabase();
  const pool = createPool(url);
  onTestFinished(() => pool.end().then(drop));
  const db = onMysql({ client: pool });
  const store = createMysqlStore(fromMysql(db));
  await store.migrate();
  await db.execute(create);
  const rows = async () => {
    const [found] = await db.execute(select);
    return (found as unknown as { text: string }[]).map(({ text }) => text);
  };
  await killJoined({ script, args: ["mysql2", url] }, store, rows);
  await store.close();
});
