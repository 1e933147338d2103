import type { FrontierHolder } from "../../../storage/index.ts";
import type { SqlExecutor } from "../executor.ts";
import { type TableNames, tombstone } from "../migrations/postgres.ts";
import { waitedFor } from "../waited-for.ts";

/** Milliseconds for which whoever holds a position is waited for. */
const patience = 100;

/** Whose open append has drawn a position: he for whom a tombstone in its place would wait. */
export function postgresHolder(
  executor: SqlExecutor<unknown>,
  t: TableNames,
  position: number,
): Promise<FrontierHolder | undefined> {
  return waitedFor(
    executor,
    async (connection) => {
      const [own] = await connection.execute<{ pid: number }>(
        "SELECT pg_backend_pid() AS pid, set_config('lock_timeout', $1::text, true)",
        [String(patience)],
      );
      const statement = connection.execute(
        `INSERT INTO ${t.log} (position, entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms)
         VALUES ($1::bigint, $2, $1::bigint::text, 0, '$tombstone:' || $1::bigint, '$tombstone', '', 0, 0) ON CONFLICT DO NOTHING`,
        [position, tombstone],
      );
      const ask = async () => {
        const [holder] = await executor.execute<{ pid: number; ageMs: string | number | null; query: string | null }>(
          `SELECT b.pid, (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint AS "ageMs", CASE WHEN a.xact_start IS NOT NULL THEN a.query END AS query
           FROM unnest(pg_blocking_pids($1::int)) AS b (pid) LEFT JOIN pg_stat_activity a ON a.pid = b.pid`,
          [own?.pid as number],
        );
        if (holder === undefined) return undefined;
        const { pid, ageMs, query } = holder;
        return { pid: Number(pid), ageMs: ageMs === null ? undefined : Number(ageMs), query: query ?? undefined };
      };
      return { statement, ask };
    },
    10,
  );
}
