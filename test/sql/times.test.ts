import mysql from "mysql2/promise";
import pg from "pg";
import type { EventStore } from "ventyd";
import { createMysqlStore } from "ventyd/mysql";
import { createPostgresStore } from "ventyd/postgres";
import { createSqliteStore } from "ventyd/sqlite";
import { expect, onTestFinished, test } from "vitest";
import { commitOf, ids, numbered, readAll, upTo, write } from "../../src/testing/contract/events.ts";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";
import { openDatabase, tempFile } from "../support/temp-database.ts";

interface Opened {
  readonly store: EventStore;
  run(sql: string): Promise<readonly { readonly [column: string]: unknown }[]>;
}

type Open = (options: { now: () => Date }) => Promise<Opened>;

const stores: readonly (readonly [name: string, open: Open])[] = [
  [
    "SQLite",
    async (options) => {
      const database = openDatabase(tempFile());
      const run = async (sql: string) => {
        const statement = database.prepare(sql);
        if (statement.reader) return statement.all() as { [column: string]: unknown }[];
        statement.run();
        return [];
      };
      return { store: createSqliteStore(database, options), run };
    },
  ],
  [
    "PostgreSQL",
    async (options) => {
      const { url, drop } = await createPostgresDatabase();
      const pool = new pg.Pool({ connectionString: url });
      onTestFinished(() => pool.end().then(drop));
      return { store: createPostgresStore(pool, options), run: async (sql) => (await pool.query(sql)).rows };
    },
  ],
  [
    "MariaDB",
    async (options) => {
      const { url, drop } = await createMysqlDatabase();
      const pool = mysql.createPool(url);
      onTestFinished(() => pool.end().then(drop));
      return { store: createMysqlStore(pool, options), run: async (sql) => (await pool.query(sql))[0] as never };
    },
  ],
];

/** A hundred days, of two hundred events each. */
async function openDays(open: Open) {
  const first = Date.parse("2024-01-01T00:00:00Z");
  const day = (n: number) => new Date(first + (n - 1) * 86_400_000);
  let clock = day(1);
  const { store, run } = await open({ now: () => clock });
  onTestFinished(() => store.close());
  await store.migrate();
  for (const n of upTo(100)) {
    clock = day(n);
    await write(store, commitOf(`t${n}`, 0, numbered((n - 1) * 200 + 1, n * 200)));
    // Whoever reads writes down what has been decided.
    await readAll(store, { order: "desc", limit: 1 });
  }
  return { store, run, ofDay: (n: number) => ({ recordedFrom: day(n), recordedBefore: day(n + 1) }) };
}

test.each(stores)("%s: a span of time is looked for only where it can be", async (_, open) => {
  const { store, run, ofDay } = await openDays(open);
  for (const n of [1, 50, 100]) {
    expect(ids(await readAll(store, ofDay(n)))).toEqual(numbered((n - 1) * 200 + 1, n * 200));
    const backwards = await readAll(store, { ...ofDay(n), order: "desc", limit: 2 });
    expect(ids(backwards)).toEqual([`e${n * 200}`, `e${n * 200 - 1}`]);
  }
  const notes = await run("SELECT * FROM ventyd_times ORDER BY after_position");
  expect(notes.length).toBeGreaterThanOrEqual(3);
  const bounds = notes.map(({ after_position, last_position }) => [Number(after_position), Number(last_position)]);
  // Without a gap, and up to near the end.
  expect(bounds.map(([after]) => after)).toEqual([0, ...bounds.slice(0, -1).map(([, last]) => last)]);
  expect(bounds.at(-1)?.[1]).toBeGreaterThan(20_000 - 4_096);

  // With notes that say otherwise it is found no more.
  await run("UPDATE ventyd_times SET earliest_ms = 0, latest_ms = 0 WHERE after_position = 0");
  expect(await readAll(store, ofDay(1))).toEqual([]);
  expect(await readAll(store, ofDay(50))).toHaveLength(200);
  expect(await readAll(store)).toHaveLength(20_000);
});
