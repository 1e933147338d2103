import { pause } from "../../../util/timers.ts";
import type { SqlConnection } from "../executor.ts";
import type { MysqlTableNames } from "../migrations/mysql.ts";
import { waitAsLittleAsCanBe } from "../mysql-limits.ts";
import { tombstone } from "../tombstone.ts";
import { isHeld } from "./mysql-errors.ts";
import type { MysqlServer } from "./mysql-session.ts";

/** How often a hole that somebody holds is looked at, and how many milliseconds lie between: other fencers hold it for less. */
const looks = 4;
const betweenLooks = 10;

/** How many holes are decided at once, and by how much more those may be that come after some that were free. */
const mostHoles = 500;
const growth = 8;

/**
 * Decides holes, lowest first, up to the first one that somebody holds.
 *
 * Whoever waits for a hole while he holds another can be waited for by a writer whom the holder of the first one waits for. MariaDB lets one wait for nothing at
 * all; on MySQL, where a second is the shortest time, each hole is decided by itself.
 */
export async function fenceHoles(
  connection: SqlConnection,
  t: MysqlTableNames,
  holes: readonly number[],
  { isMariaDb }: MysqlServer,
): Promise<void> {
  await connection.execute(waitAsLittleAsCanBe);
  for (let next = 0, size = 1, look = 1; next < holes.length; ) {
    const some = holes.slice(next, next + size);
    try {
      await assertFree(connection, t, some);
      await insertTombstones(connection, t, some);
      next += some.length;
      if (isMariaDb) size = Math.min(size * growth, mostHoles);
    } catch (error) {
      if (!isHeld(error)) throw error;
      if (size > 1) size = Math.ceil(size / growth);
      else if (next > 0) return;
      // Whoever asks for several comes again for the first.
      else if (holes.length > 1 || look++ === looks) throw error;
      else await pause(betweenLooks);
    }
    await connection.execute("COMMIT AND CHAIN");
  }
}

/**
 * Rejects where somebody holds one of them. An insert that is refused would tell that too, and leave a lock: InnoDB lets whoever holds the position after rows that
 * are taken back hold the gap before it.
 */
async function assertFree(connection: SqlConnection, t: MysqlTableNames, holes: readonly number[]): Promise<void> {
  const sql = `SELECT position FROM ${t.log} WHERE position IN (${holes.map(() => "?").join(", ")}) FOR UPDATE NOWAIT`;
  await connection.execute(sql, holes);
}

/** Lets be what is there: an event after all, or a tombstone of somebody else's. */
export async function insertTombstones(connection: SqlConnection, t: MysqlTableNames, holes: readonly number[]) {
  await connection.execute(
    `INSERT IGNORE INTO ${t.log} (position, entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms)
     VALUES ${holes.map(() => "(?, ?, ?, 0, ?, '$tombstone', '', 0, 0)").join(", ")}`,
    holes.flatMap((hole) => [hole, tombstone, String(hole), `$tombstone:${hole}`]),
  );
}
