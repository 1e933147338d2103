import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { onTestFinished, test } from "vitest";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";
import { killJoined } from "./joined.ts";
import { openKysely } from "./open-kysely.ts";

const script = fileURLToPath(new URL("./kysely-child.ts", import.meta.url));

test.each([
  ["pg", createPostgresDatabase],
  ["mysql2", createMysqlDatabase],
] as const)(
  "a process that is killed inside a transaction of Kysely on %s leaves all of it or nothing: the application's rows and the events",
  async (driver, createDatabase) => {
    const { url, drop } = await createDatabase();
    const { db, store } = openKysely(driver, url);
    onTestFinished(() => db.destroy().then(drop));
    await store.migrate();
    await sql`CREATE TABLE application (text varchar(100))`.execute(db);
    const rows = async () => (await db.selectFrom("application").selectAll().execute()).map(({ text }) => text);
    await killJoined({ script, args: [driver, url] }, store, rows);
    await store.close();
  },
);
