import { pause } from "../../../util/timers.ts";
import type { SqlConnection } from "../executor.ts";
import type { MysqlTableNames } from "../migrations/mysql.ts";
import { tombstone } from "../tombstone.ts";
import { classify, refusedInsert } from "./mysql-errors.ts";

/** How often a hole that somebody holds is looked at, and how many milliseconds lie between: other fencers hold it for less. */
const looks = 4;
const betweenLooks = 10;

/** One that is being written is not waited for: a second is the shortest time that can be waited. */
export async function assertFree(connection: SqlConnection, t: MysqlTableNames, hole: number): Promise<void> {
  for (let look = 1; ; look++) {
    try {
      await connection.execute(`SELECT position FROM ${t.log} WHERE position = ? FOR UPDATE NOWAIT`, [hole]);
      return;
    } catch (error) {
      if (classify(error) !== "lock_timeout" || look === looks) throw error;
      await pause(betweenLooks);
    }
  }
}

export async function insertTombstone(connection: SqlConnection, t: MysqlTableNames, hole: number): Promise<void> {
  try {
    await connection.execute(
      `INSERT INTO ${t.log} (position, entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms)
       VALUES (?, ?, ?, 0, ?, '$tombstone', '', 0, 0)`,
      [hole, tombstone, String(hole), `$tombstone:${hole}`],
    );
  } catch (error) {
    // There is an event after all, or a tombstone of somebody else's.
    if (refusedInsert(error)?.failure !== "stolen_position") throw error;
  }
}
