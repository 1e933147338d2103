import type { StreamEnd } from "../../../storage/index.ts";
import type { GatherKey, GatherRange, SqlDialect } from "../dialect.ts";
import type { SqlConnection } from "../executor.ts";
import { ExecutorFailure } from "../executor-failure.ts";
import { type GatheredEvent, nameOf, type PendingInsert } from "../gathered-log.ts";
import { appliedMigrations, sqliteSchema } from "../migrations/sqlite.ts";
import { classify, isInTransaction } from "./sqlite-errors.ts";
import {
  contentColumns,
  type EndRow,
  eventsOfKey,
  lastPosition,
  listEntities,
  loadEvents,
  loadHistory,
  missingEvents,
  readEnd,
  readPage,
  readRow,
  type StoredRow,
  storedColumns,
  selectEnd,
  timeSpans,
} from "./sqlite-reads.ts";
import { findSnapshot, saveSnapshot } from "./sqlite-snapshots.ts";
import type { Steps } from "./sqlite-steps.ts";
import { beginToWrite, emptyContents, insertContents, insertIntoLog, logValues } from "./sqlite-writes.ts";

/** Runs statements on a connection that answers later. */
export async function runSteps<T>(connection: SqlConnection, steps: Steps<T>): Promise<T> {
  let next = steps.next();
  while (!next.done) {
    const { sql, params } = next.value;
    let found: readonly object[];
    try {
      found = await connection.execute(sql, params);
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(found);
  }
  return next.value;
}

/**
 * The SQL of SQLite, through an executor; on the same tables, with the same statements, as the store that has connections of its own. One transaction writes at
 * a time, so positions are given in the order of commits.
 *
 * @param options.busyTimeout milliseconds for which work is begun anew while others hold the database.
 */
export function sqliteDialect({ busyTimeout: patience }: { readonly busyTimeout: number }): SqlDialect {
  return { ...dialect, patience };
}

const dialect: SqlDialect = {
  ...sqliteSchema,
  appliedMigrations: (connection) => runSteps(connection, appliedMigrations()),

  async lockMigrations(connection) {
    // Where there are no tables yet, making one takes the write lock.
    await connection.execute(sqliteSchema.migrationsTable);
    await connection.execute("DELETE FROM ventyd_migrations WHERE 0");
  },

  async savepoint(connection) {
    // SQLite would begin a transaction of its own. This fails whether one is open or not, and says why.
    const refusal = await connection.execute("VACUUM INTO NULL").catch((error: unknown) => error);
    if (!isInTransaction(refusal))
      throw new ExecutorFailure("no_transaction", "no transaction is open", { cause: refusal });
    await connection.execute("SAVEPOINT ventyd");
  },

  async limitTransaction(connection) {
    // What has read first, and finds then that somebody has written since, cannot write any more.
    await connection.execute(beginToWrite);
  },

  async lock(connection, streams) {
    await connection.execute(beginToWrite);
    const ends = new Map<string, StreamEnd>();
    for (const stream of streams) {
      const [end] = await connection.execute<EndRow>(selectEnd, [stream.entityName, stream.entityId]);
      if (end !== undefined) ends.set(nameOf(stream), readEnd(end));
    }
    return { ends, nowMs: Date.now() };
  },

  async gather(connection, { ids, ranges, keys }) {
    if (ids.length + ranges.length + keys.length === 0) return [];
    const found = await connection.execute<GatheredRow>(gatherSql, [
      JSON.stringify(ids),
      JSON.stringify(
        ranges.map(({ entityName, entityId, firstVersion, count }: GatherRange) => [
          entityName,
          entityId,
          firstVersion,
          count,
        ]),
      ),
      JSON.stringify(keys.map(({ entityName, entityId, key }: GatherKey) => [entityName, entityId, key])),
    ]);
    return found.map(({ key, keySize, ...row }): GatheredEvent => {
      return { event: readRow(row), key, keySize: keySize === null ? null : Number(keySize) };
    });
  },

  async write(connection, { inserts, emptied }) {
    for (const stream of emptied) await runSteps(connection, emptyContents(stream));
    for (let n = 0; n < inserts.length; n += rowsAtOnce)
      await insertEvents(connection, inserts.slice(n, n + rowsAtOnce));
  },

  load: (connection, query) => runSteps(connection, loadEvents(query)),
  loadHistory: (connection, query) => runSteps(connection, loadHistory(query)),
  eventsOfKey: async (connection, { key, ...stream }) => (await runSteps(connection, eventsOfKey(stream, key))) ?? null,
  readPage: (connection, query) => runSteps(connection, readPage(query)),
  timeSpans: (connection, query) => runSteps(connection, timeSpans(query)),
  lastPosition: (connection) => runSteps(connection, lastPosition()),
  listEntities: (connection, ...asked) => runSteps(connection, listEntities(...asked)),
  missingEvents: (connection, eventIds) => runSteps(connection, missingEvents(eventIds)),
  findSnapshot: (connection, args) => runSteps(connection, findSnapshot(args)),
  saveSnapshot: (connection, args) => runSteps(connection, saveSnapshot(args)),
  classify,
};

type GatheredRow = StoredRow & { readonly key: string | null; readonly keySize: number | bigint | null };

const isStream = (log: string, asked: string) =>
  `${log}.tenant = '' AND ${log}.entity_name = json_extract(${asked}.value, '$[0]') AND ${log}.entity_id = json_extract(${asked}.value, '$[1]')`;

/** CROSS JOIN keeps SQLite from going over the log and looking each event up in what was asked. */
const gatherSql = `
WITH wanted (position) AS (
  SELECT l.position FROM json_each(?) asked CROSS JOIN ventyd_log l ON l.event_id = asked.value
  UNION
  SELECT l.position FROM json_each(?) asked CROSS JOIN ventyd_log l ON ${isStream("l", "asked")}
    AND l.version >= json_extract(asked.value, '$[2]') AND l.version < json_extract(asked.value, '$[2]') + json_extract(asked.value, '$[3]')
  UNION
  SELECT l.position FROM json_each(?) asked
    CROSS JOIN ventyd_log f ON ${isStream("f", "asked")} AND f.idempotency_key = json_extract(asked.value, '$[2]')
    CROSS JOIN ventyd_log l ON l.tenant = '' AND l.entity_name = f.entity_name AND l.entity_id = f.entity_id
      AND l.version >= f.version AND l.version < f.version + f.idempotency_size
)
SELECT ${storedColumns}, ${contentColumns}, idempotency_key AS key, idempotency_size AS keySize
FROM wanted CROSS JOIN ventyd_log USING (position) JOIN ventyd_content USING (position) ORDER BY version`;

/** A statement takes 32,766 parameters, and so many rows have fewer. */
const rowsAtOnce = 500;

/** The narrow rows first, which draw the positions, then what stands beside them. */
async function insertEvents(connection: SqlConnection, inserts: readonly PendingInsert[]): Promise<void> {
  const drawn = await connection.execute<{ id: string; position: number | bigint }>(
    `${insertIntoLog(inserts.length)} RETURNING event_id AS id, position`,
    inserts.flatMap(({ stream, encoded, at, isErased }) => logValues(stream, encoded, at, isErased)),
  );
  const positions = new Map(drawn.map(({ id, position }) => [id, Number(position)]));
  for (const { answer } of inserts) answer.position = positions.get(answer.eventId) as number;
  await connection.execute(
    insertContents(inserts.length),
    inserts.flatMap(({ answer, bodyText, metadataText }) => [answer.position, bodyText, metadataText]),
  );
}
