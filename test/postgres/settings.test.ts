import pg from "pg";
import { createPostgresStore } from "ventyd/postgres";
import { expect, onTestFinished, test } from "vitest";
import { commitOf } from "../../src/testing/contract/events.ts";
import { createPostgresDatabase } from "../support/servers.ts";

async function open(now?: () => Date) {
  const { url, drop } = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: url });
  const store = createPostgresStore(pool, { now });
  onTestFinished(async () => {
    await store.close();
    await pool.end();
    await drop();
  });
  await store.migrate();
  return { pool, store };
}

test.each([
  ["off", "on"],
  ["local", "local"],
])(
  "a commit that joins a transaction with synchronous_commit = %s is on the disk before anybody sees it",
  async (before, within) => {
    const { pool, store } = await open();
    const client = await pool.connect();
    await client.query(`SET synchronous_commit = ${before}`);
    await client.query("BEGIN");
    await store.append([commitOf("a", 0, ["a1"])], { transaction: client });
    expect((await client.query("SHOW synchronous_commit")).rows).toEqual([{ synchronous_commit: within }]);
    await client.query("COMMIT");
    expect((await client.query("SHOW synchronous_commit")).rows).toEqual([{ synchronous_commit: before }]);
    client.release();
  },
);

test.each([0, -1, 1e12])(
  "commits that share a statement are answered for themselves, at whichever time (%d)",
  async (time) => {
    const { store } = await open(() => new Date(time));
    const rows = await Promise.all(
      Array.from({ length: 12 }, (_, n) => store.append([commitOf(`t${n}`, 0, [`a${n}`, `b${n}`])])),
    );
    const events = rows.flatMap(([row]) => (row?.status === "written" ? row.events : []));
    expect(events.map(({ position }) => position).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 24 }, (_, n) => n + 1),
    );
    expect(new Set(events.map(({ recordedAt }) => recordedAt))).toEqual(new Set([new Date(time).toISOString()]));
  },
);
