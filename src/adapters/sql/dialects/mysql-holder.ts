import type { FrontierHolder } from "../../../storage/index.ts";
import { pause } from "../../../util/timers.ts";
import type { SqlExecutor } from "../executor.ts";
import type { MysqlTableNames } from "../migrations/mysql.ts";
import { waitedFor } from "../waited-for.ts";
import { one, type Row, textOrNull } from "./mysql-rows.ts";

/** Milliseconds between two questions: what the server says of locks it renews when nobody has asked for a tenth of a second. */
const interval = 150;
let askedAt = Number.NEGATIVE_INFINITY;

/** Whose open append has drawn a position: he for whom a lock on its row would wait. */
export function mysqlHolder(
  executor: SqlExecutor<unknown>,
  t: MysqlTableNames,
  position: number,
): Promise<FrontierHolder | undefined> {
  return waitedFor(
    executor,
    async (connection) => {
      // It may be on the connection of the last wait, of which it would be told again.
      await pause(Math.max(0, interval - (performance.now() - askedAt)));
      const { id } = await one(connection, "SELECT CONNECTION_ID() AS id");
      await connection.execute("SET SESSION innodb_lock_wait_timeout = 1");
      const statement = connection.execute(`SELECT position FROM ${t.log} WHERE position = ? FOR UPDATE`, [position]);
      const ask = async () => {
        const [holder] = await executor.execute<Row>(
          `SELECT blocking_pid AS pid, TIME_TO_SEC(blocking_trx_age) AS seconds, blocking_query AS query
           FROM sys.innodb_lock_waits WHERE waiting_pid = ? LIMIT 1`,
          [Number(id)],
        );
        askedAt = performance.now();
        if (holder === undefined) return undefined;
        // A second is the shortest time that can be waited.
        await executor.execute(`KILL QUERY ${Number(id)}`);
        const { pid, seconds, query } = holder;
        return { pid: Number(pid), ageMs: Number(seconds) * 1_000, query: textOrNull(query) ?? undefined };
      };
      return { statement, ask };
    },
    interval,
  );
}
