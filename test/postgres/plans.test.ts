import pg from "pg";
import { createPostgresStore, type PostgresStore } from "ventyd/postgres";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createPostgresDatabase } from "../support/servers.ts";

const events = 30_000;

/** A part of a plan, with what it has done. */
interface Step {
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Join Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly Step[];
}

/** How many rows a plan has looked at, by itself and below. */
function rowsOf(step: Step): number {
  const { Plans = [] } = step;
  const removed =
    (step["Rows Removed by Filter"] ?? 0) +
    (step["Rows Removed by Join Filter"] ?? 0) +
    (step["Rows Removed by Index Recheck"] ?? 0);
  const own = step["Relation Name"] === undefined ? removed : step["Actual Rows"] + removed;
  return own * step["Actual Loops"] + Plans.reduce((sum, plan) => sum + rowsOf(plan), 0);
}

let database: Awaited<ReturnType<typeof createPostgresDatabase>>;
beforeAll(async () => {
  database = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: database.url });
  await createPostgresStore(pool).migrate();
  // As after a restore: without statistics, which the server gathers when it comes to it.
  for (const table of ["log", "content", "entities"])
    await pool.query(`ALTER TABLE ventyd_${table} SET (autovacuum_enabled = off)`);
  await pool.query(
    `INSERT INTO ventyd_log (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms, actor)
     SELECT 'note', 'n' || n % 3000, n / 3000 + 1, 'e' || n, 'note:written', '2026-01-01T00:00:00.000Z', 0, n, 'a' || n % 10 FROM generate_series(0, ${events - 1}) n`,
  );
  await pool.query("INSERT INTO ventyd_content SELECT position, '{}' FROM ventyd_log");
  await pool.query(
    "INSERT INTO ventyd_entities SELECT tenant, entity_name, entity_id, 10, event_id, 0, 0 FROM ventyd_log WHERE version = 10",
  );
  await pool.query(`UPDATE ventyd_frontier SET position = ${events - 50}`);
  await pool.end();
  return () => database.drop();
});

const all = async (found: AsyncIterable<unknown>) => {
  for await (const _ of found);
};
const calls: { readonly [title: string]: (store: PostgresStore) => Promise<unknown> } = {
  "the frontier": (store) => store.status(),
  "its last events": (store) => all(store.read({ after: events - 3 })),
  "its last events, backwards": (store) => all(store.read({ order: "desc", limit: 3 })),
  "the last events of an actor": (store) => all(store.read({ order: "desc", limit: 3, actors: ["a7"] })),
  "an entity": (store) => store.load({ entityName: "note", entityId: "n7" }),
};

describe.each(["before the server has looked at it", "after"])("%s", (when) => {
  beforeAll(async () => {
    if (when !== "after") return;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("ANALYZE").finally(() => client.end());
  });

  test.each(Object.entries(calls))(
    "of %s of a long log what is asked for is looked at, and little else",
    async (_, call) => {
      const pool = new pg.Pool({ connectionString: database.url });
      onTestFinished(() => pool.end());
      const store = createPostgresStore(pool);
      await store.status();
      const sent: { readonly sql: string; readonly params: readonly unknown[] }[] = [];
      const query = pool.query.bind(pool);
      Object.assign(pool, {
        query(sql: string, params: unknown[] = []) {
          if (/^(SELECT|WITH)\b.*ventyd_(log|content|entities)\b/s.test(sql)) sent.push({ sql, params });
          return query(sql, params);
        },
      });
      await call(store);
      expect(sent).not.toEqual([]);
      for (const { sql, params } of sent) {
        const { rows } = await query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, [...params]);
        expect(rowsOf(rows[0]["QUERY PLAN"][0].Plan), sql).toBeLessThan(500);
      }
    },
  );
});
