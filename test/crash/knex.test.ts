import { fileURLToPath } from "node:url";
import knex from "knex";
import { createMysqlStore, fromKnex as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromKnex as fromPostgres } from "ventyd/postgres";
import { createSqliteStore, fromKnex as fromSqlite } from "ventyd/sqlite";
import { expect, onTestFinished, test } from "vitest";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";
import { tempFile } from "../support/temp-database.ts";
import { Worker } from "../support/worker.ts";

const script = fileURLToPath(new URL("./knex-child.ts", import.meta.url));

const points = [
  "the application has written",
  "an entity is committed in it",
  "everything is written",
  "it is acknowledged",
];

const openers = {
  async pg() {
    const { url, drop } = await createPostgresDatabase();
    const db = knex({ client: "pg", connection: url });
    onTestFinished(() => db.destroy().then(drop));
    return { db, place: url, store: createPostgresStore(fromPostgres(db)) };
  },
  async mysql2() {
    const { url, drop } = await createMysqlDatabase();
    const db = knex({ client: "mysql2", connection: url });
    onTestFinished(() => db.destroy().then(drop));
    return { db, place: url, store: createMysqlStore(fromMysql(db)) };
  },
  async "better-sqlite3"() {
    const file = tempFile();
    const db = knex({ client: "better-sqlite3", connection: { filename: file }, useNullAsDefault: true });
    onTestFinished(() => db.destroy());
    return { db, place: file, store: createSqliteStore(fromSqlite(db)) };
  },
};

test.each(Object.entries(openers))(
  "a process that is killed inside a transaction of Knex on %s leaves all of it or nothing: the application's rows and the events",
  async (client, open) => {
    const { db, place, store } = await open();
    await store.migrate();
    await db.raw("CREATE TABLE application (text varchar(100))");
    for (const point of points) {
      const worker = new Worker(script, client, place, point);
      expect(await worker.ended.promise).toBe("SIGKILL");
      const isWritten = point === "it is acknowledged";
      const rows = (await db("application").select("text")).map(({ text }) => text);
      const events = await store.load({ entityName: "counter", entityId: point });
      expect({ point, rows, versions: events.map(({ version }) => version) }).toEqual({
        point,
        rows: isWritten ? [point] : [],
        versions: isWritten ? [1, 2, 3] : [],
      });
    }
    await store.close();
  },
);
