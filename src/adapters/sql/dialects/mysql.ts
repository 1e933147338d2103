import { CursorAheadError, VentydError } from "../../../errors/index.ts";
import type { StoredEvent } from "../../../schema/event.ts";
import type { EncodedCommit, EntitySummary, LoadQuery, StreamEnd, StreamName } from "../../../storage/index.ts";
import { checkText } from "../../../util/text.ts";
import type { LockedStream, SqlDialect } from "../dialect.ts";
import type { SqlConnection, SqlValue } from "../executor.ts";
import { type GatheredEvent, GatheredLog, nameOf } from "../gathered-log.ts";
import { type MysqlTableNames, mysqlMigrations } from "../migrations/mysql.ts";
import { idleSeconds, waitAsLittleAsCanBe } from "../mysql-limits.ts";
import { Times } from "../times.ts";
import { tombstone } from "../tombstone.ts";
import { appendAll, appendOne } from "./mysql-append.ts";
import { classify, isRefusal, RefusedInsert } from "./mysql-errors.ts";
import { fenceHoles, insertTombstones } from "./mysql-fence.ts";
import { mysqlHolder } from "./mysql-holder.ts";
import { assertFits, emptyContents, insertEvents, mostText, surelyFits, textLength } from "./mysql-inserts.ts";
import {
  bodyColumn,
  chunks,
  contentColumns,
  latest,
  loadedColumns,
  nowMs,
  ofEntity,
  one,
  type Row,
  readEvent,
  readLoaded,
  storedColumns,
  text,
  textOrNull,
} from "./mysql-rows.ts";
import { assertSession, lookAtServer, type MysqlServer } from "./mysql-session.ts";

/** The SQL of MySQL 8 and MariaDB 10.6; nothing of it is known to one of them only, but for what stands in comments of theirs. */
export function mysqlDialect(t: MysqlTableNames): SqlDialect {
  const fromLog = `FROM ${t.log} l JOIN ${t.content} c ON c.position = l.position`;
  const times = new Times(t, "ON DUPLICATE KEY UPDATE after_position = after_position");
  const migrationsLock = `CONCAT('ventyd:', SHA1(CONCAT(coalesce(?, DATABASE()), '/', ?)))`;
  let server: MysqlServer | undefined;
  const look = async (connection: SqlConnection) => {
    server ??= await lookAtServer(connection);
    return server;
  };
  const migrationsTable: SqlValue[] = [t.database ?? null, t.migrationsName];

  const lastPosition = async (connection: SqlConnection) =>
    Number((await one(connection, `SELECT coalesce(max(position), 0) AS n FROM ${t.log}`)).n);

  /** The part of an entity's stream that a query asks for. */
  async function range(connection: SqlConnection, query: LoadQuery) {
    const { entityName, entityId, afterVersion = 0, version = Number.MAX_SAFE_INTEGER, at, knownAt, position } = query;
    // The server would not refuse what is no well-formed text.
    checkText(entityId, "entityId");
    if (position !== undefined) {
      const head = await lastPosition(connection);
      if (position > head) throw new CursorAheadError({ after: position, head });
    }
    let upTo = version;
    for (const [column, bound] of [
      ["event_created_ms", at],
      ["recorded_ms", knownAt],
      ["position", position],
    ] as const) {
      if (bound === undefined) continue;
      const sql = `SELECT l.version AS n FROM ${t.log} l WHERE ${ofEntity} AND l.${column} <= ? ORDER BY l.version DESC LIMIT 1`;
      const [last] = await connection.execute<Row>(sql, [entityName, entityId, bound]);
      upTo = Math.min(upTo, last === undefined ? 0 : Number(last.n));
    }
    return {
      sql: `${fromLog} WHERE ${ofEntity} AND l.version > ? AND l.version <= ? ORDER BY l.version`,
      params: [entityName, entityId, afterVersion, upTo] as const,
    };
  }

  async function loadHistory(connection: SqlConnection, query: LoadQuery): Promise<StoredEvent[]> {
    const { sql, params } = await range(connection, query);
    return (await connection.execute<Row>(`SELECT ${storedColumns}, ${contentColumns} ${sql}`, params)).map(readEvent);
  }

  async function lock(connection: SqlConnection, streams: readonly LockedStream[], option = "") {
    // The first that a store does may be a call that joins a transaction.
    await look(connection);
    const sorted = streams.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const names = sorted.flatMap(({ entityName, entityId }) => [entityName, entityId]);
    // All of them in their order, where all are waited for. Rows of those that are not made after all say so, and go with the transaction.
    const fresh = sorted.filter(({ mayBeNew }) => mayBeNew);
    const made = fresh.length > 0 && option === "" ? sorted : fresh;
    if (made.length > 0) {
      // Whoever makes the same entity waits here, and finds it made.
      await connection.execute(
        `INSERT INTO ${t.entities} (entity_name, entity_id, version, created_ms, recorded_ms)
         VALUES ${made.map(() => "(?, ?, 0, 0, 0)").join(", ")} ON DUPLICATE KEY UPDATE version = version`,
        made.flatMap(({ entityName, entityId }) => [entityName, entityId]),
      );
    }
    const clock = async () => Number((await one(connection, `SELECT ${nowMs} AS nowMs`)).nowMs);
    if (sorted.length === 0)
      return { ends: new Map<string, StreamEnd>(), seen: new Set<string>(), nowMs: await clock() };
    const rows = await connection.execute<Row>(
      `SELECT e.entity_name AS entityName, e.entity_id AS entityId, e.version, e.event_id AS eventId, e.created_ms AS createdMs,
         e.recorded_ms AS recordedMs, e.is_erased AS isErased, ${nowMs} AS nowMs
       FROM (${sorted.map(() => "SELECT ? AS name, ? AS id").join(" UNION ALL ")}) s
       STRAIGHT_JOIN ${t.entities} e ON e.tenant = '' AND e.entity_name = s.name AND e.entity_id = s.id FOR UPDATE ${option}`,
      names,
    );
    const ends = new Map<string, StreamEnd>();
    const seen = new Set<string>();
    for (const { entityName, entityId, version, eventId, createdMs, recordedMs, isErased } of rows) {
      const name = nameOf({ entityName: text(entityName), entityId: text(entityId) });
      seen.add(name);
      if (Number(version) === 0) continue;
      ends.set(name, {
        version: Number(version),
        eventId: text(eventId),
        createdMs: Number(createdMs),
        recordedMs: Number(recordedMs),
        isErased: Number(isErased) === 1,
      });
    }
    return { ends, seen, nowMs: rows[0] === undefined ? await clock() : Number(rows[0].nowMs) };
  }

  /** Those whose entities stand where they should, and are held by nobody. */
  async function appendSome(connection: SqlConnection, commits: readonly EncodedCommit[], given: number | undefined) {
    const streams = commits.map(({ commit: { entityName, entityId, expectedVersion } }) => ({
      entityName,
      entityId,
      mayBeNew: expectedVersion === 0,
    }));
    // What is being made by somebody cannot be passed over.
    if (streams.some(({ mayBeNew }) => mayBeNew)) await connection.execute(waitAsLittleAsCanBe);
    const { ends, seen, nowMs } = await lock(connection, streams, "SKIP LOCKED");
    const log = new GatheredLog(ends, []);
    const stored = commits.map(({ commit, events }) => {
      const { expectedVersion, expectedEventId, idempotencyKey } = commit;
      const end = log.end(commit);
      const isThere = seen.has(nameOf(commit)) && end.version === expectedVersion && !end.isErased;
      if (!isThere || (expectedEventId !== undefined && expectedEventId !== end.eventId)) return undefined;
      const recordedMs = Math.max(end.recordedMs, given ?? nowMs);
      return events.map((encoded, index) => {
        const isFirst = index === 0 && idempotencyKey !== undefined;
        const key = isFirst ? { text: idempotencyKey, size: events.length } : undefined;
        return log.insert(commit, encoded, { version: end.version + index + 1, recordedMs, key });
      });
    });
    // Two of them have an event in common.
    if (stored.some((events) => events?.includes(undefined))) throw new RefusedInsert("stored_already");
    if (log.inserts.length > 0) await insertEvents(connection, t, log.inserts);
    return stored as (StoredEvent[] | undefined)[];
  }

  return {
    migrations: mysqlMigrations(t),
    lastPosition,
    loadHistory,
    assertSession,
    async savepoint(connection) {
      await look(connection);
      await connection.execute("SAVEPOINT ventyd");
      // What is in no transaction is not told so: a savepoint there is forgotten at once.
      await connection.execute("ROLLBACK TO SAVEPOINT ventyd");
    },

    async appliedMigrations(connection) {
      const exists =
        "SELECT 1 AS n FROM information_schema.tables WHERE table_schema = coalesce(?, DATABASE()) AND table_name = ?";
      if ((await connection.execute(exists, migrationsTable)).length === 0) return [];
      const rows = await connection.execute<Row>(`SELECT id, name, breaking FROM ${t.migrations} ORDER BY id`);
      return rows.map(({ id, name, breaking }) => ({
        id: Number(id),
        name: text(name),
        breaking: Number(breaking) === 1,
      }));
    },

    async lockMigrations(connection) {
      // Locks of the server have names without a database; this one stays when DDL commits.
      const lock = await one(connection, `SELECT GET_LOCK(${migrationsLock}, 600) AS got`, migrationsTable);
      if (Number(lock.got) !== 1) {
        throw new VentydError(
          "database_busy",
          "Database is busy: another process has been migrating for ten minutes. Look what it waits for, then call migrate() again.",
        );
      }
    },

    async unlockMigrations(connection) {
      // Whoever comes next looks for what has been committed.
      await connection.execute("COMMIT");
      await connection.execute(`SELECT RELEASE_LOCK(${migrationsLock})`, migrationsTable);
    },

    migrationsTable: `CREATE TABLE IF NOT EXISTS ${t.migrations} (id int NOT NULL PRIMARY KEY, name varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      breaking tinyint NOT NULL, applied_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)) ENGINE=InnoDB`,

    noteMigration: ({ id, name, breaking }) =>
      `INSERT INTO ${t.migrations} (id, name, breaking) VALUES (${id}, '${name}', ${breaking})`,

    async limitTransaction(connection, longestIdle) {
      // Executors do all else, for the session must get back what it had.
      const seconds = Math.min(Math.ceil(longestIdle / 1_000), 31_536_000);
      if (seconds > idleSeconds) await connection.execute(`SET SESSION wait_timeout = ${seconds}`);
    },

    lock,

    async gather(connection, { ids, ranges, keys, isRepeated }) {
      const columns = `SELECT ${storedColumns}, ${contentColumns}, l.idempotency_key AS \`key\`, l.idempotency_size AS keySize`;
      const found = new Map<number, GatheredEvent>();
      const take = async (sql: string, params: readonly SqlValue[]) => {
        for (const row of await connection.execute<Row>(`${columns} ${sql}`, params)) {
          const { key, keySize } = row;
          found.set(Number(row.position), {
            event: readEvent(row),
            key: textOrNull(key),
            keySize: keySize === null ? null : Number(keySize),
          });
        }
      };
      // A lock on what is not there is a lock on the gap, where others may want to insert: so only where an insert has met what a look did not see.
      const asOf = isRepeated ? latest : "";
      if (ids.length > 0) await take(`${fromLog} WHERE l.event_id IN (${ids.map(() => "?").join(", ")}) ${asOf}`, ids);
      for (const some of chunks(ranges.flatMap(versionsOf), 500)) {
        await take(
          `FROM (${some.map(() => "SELECT ? AS name, ? AS id, ? AS version").join(" UNION ALL ")}) s
           STRAIGHT_JOIN ${t.log} l ON l.tenant = '' AND l.entity_name = s.name AND l.entity_id = s.id AND l.version = s.version
           JOIN ${t.content} c ON c.position = l.position ${latest}`,
          some.flat(),
        );
      }
      if (keys.length > 0) {
        await take(
          `FROM (${keys.map(() => "SELECT ? AS name, ? AS id, ? AS text").join(" UNION ALL ")}) s
           STRAIGHT_JOIN ${t.log} f ON f.tenant = '' AND f.entity_name = s.name AND f.entity_id = s.id AND f.idempotency_key = s.text
           STRAIGHT_JOIN ${t.log} l ON l.tenant = '' AND l.entity_name = s.name AND l.entity_id = s.id AND l.version >= f.version
             AND l.version < f.version + f.idempotency_size
           JOIN ${t.content} c ON c.position = l.position ${asOf}`,
          keys.flatMap(({ entityName, entityId, key }) => [entityName, entityId, key]),
        );
      }
      return [...found.values()].sort((a, b) => a.event.version - b.event.version);
    },

    async appendTogether(executor, commits, { nowMs }) {
      const [first] = commits as readonly [EncodedCommit];
      // Whether the server takes so much is looked at where it is written by itself.
      const size = commits.reduce((sum, { events }) => sum + events.reduce((n, event) => n + textLength(event), 0), 0);
      if (size > surelyFits) return commits.map(() => undefined);
      try {
        const mayCall = executor.withoutProcedures !== true;
        if (mayCall && commits.length === 1 && first.events.length === 1) {
          return [await appendOne(executor, t, first, nowMs)];
        }
        const takesBlocks = mayCall && (await look(executor)).isMariaDb;
        const all = takesBlocks && size <= mostText ? await appendAll(executor, t, commits, nowMs) : undefined;
        return all ?? (await executor.transaction((transaction) => appendSome(transaction, commits, nowMs)));
      } catch (error) {
        if (isRefusal(error)) return commits.map(() => undefined);
        throw error;
      }
    },

    async write(connection, { inserts, emptied }) {
      for (const stream of emptied) await emptyContents(connection, t, stream);
      if (inserts.length > 0) await insertEvents(connection, t, inserts);
    },

    async load(connection, query) {
      const { sql, params } = await range(connection, query);
      const bodyIs = "l.erased_at IS NULL AND l.flags & 1 AS bodyIsOutput, l.erased_at IS NOT NULL AS isErased";
      const rows = await connection.execute<Row>(`SELECT ${loadedColumns}, ${bodyColumn}, ${bodyIs} ${sql}`, params);
      return rows.map(readLoaded(query));
    },

    async eventsOfKey(connection, { entityName, entityId, key }) {
      const sql = `SELECT l.version, l.idempotency_size AS size FROM ${t.log} l WHERE ${ofEntity} AND l.idempotency_key = ?`;
      const [first] = await connection.execute<Row>(sql, [entityName, entityId, key]);
      if (first === undefined) return null;
      const version = Number(first.version);
      const last = version + Number(first.size) - 1;
      return loadHistory(connection, { entityName, entityId, afterVersion: version - 1, version: last });
    },

    timeSpans: (connection, query) => times.spans(connection, query),

    async readPage(connection, { after, before, limit, order, recordedFrom, recordedBefore, ...filters }) {
      const params: SqlValue[] = [after, before, tombstone];
      const conditions = ["l.position > ?", "l.position < ?", "l.entity_name <> ?"];
      for (const [name, column] of Object.entries(filterColumns)) {
        const values = filters[name as keyof typeof filterColumns];
        if (values === undefined) continue;
        if (values.length === 0) return [];
        params.push(...values);
        conditions.push(`l.${column} IN (${values.map(() => "?").join(", ")})`);
      }
      for (const [bound, comparison] of [
        [recordedFrom, ">="],
        [recordedBefore, "<"],
      ] as const) {
        if (bound === undefined) continue;
        params.push(bound);
        conditions.push(`l.recorded_ms ${comparison} ?`);
      }
      params.push(Math.min(limit, 2 ** 31));
      const by = `ORDER BY l.position ${order === "desc" ? "DESC" : "ASC"}`;
      const page = `SELECT l.* FROM ${t.log} l WHERE ${conditions.join(" AND ")} ${by} LIMIT ?`;
      const sql = `SELECT ${storedColumns}, ${contentColumns} FROM (${page}) l STRAIGHT_JOIN ${t.content} c ON c.position = l.position ${by}`;
      return (await connection.execute<Row>(sql, params)).map(readEvent);
    },

    async listEntities(connection, entityName, after, limit) {
      const rows = await connection.execute<Row>(
        `SELECT e.entity_id AS entityId, e.version, f.event_created_at AS createdAt, l.event_created_at AS updatedAt, l.actor AS lastActor
         FROM (SELECT * FROM ${t.entities} WHERE tenant = '' AND entity_name = ? AND entity_id > ? AND version > 0 ORDER BY entity_id LIMIT ?) e
         JOIN ${t.log} f ON f.tenant = '' AND f.entity_name = e.entity_name AND f.entity_id = e.entity_id AND f.version = 1
         JOIN ${t.log} l ON l.tenant = '' AND l.entity_name = e.entity_name AND l.entity_id = e.entity_id AND l.version = e.version
         ORDER BY e.entity_id`,
        [entityName, after, Math.min(limit, 2 ** 31)],
      );
      return rows.map(
        ({ entityId, version, createdAt, updatedAt, lastActor }): EntitySummary => ({
          entityName,
          entityId: text(entityId),
          version: Number(version),
          createdAt: text(createdAt),
          updatedAt: text(updatedAt),
          lastActor: textOrNull(lastActor) ?? undefined,
        }),
      );
    },

    async missingEvents(connection, eventIds) {
      const missing = new Set(eventIds);
      for (const some of chunks(eventIds, 500)) {
        const sql = `SELECT event_id AS id FROM ${t.log} WHERE event_id IN (${some.map(() => "?").join(", ")})`;
        for (const { id } of await connection.execute<Row>(sql, some)) missing.delete(text(id));
      }
      return missing;
    },

    frontier: {
      async reach(connection, from) {
        const { noted, head } = await one(
          connection,
          `SELECT position AS noted, (SELECT coalesce(max(position), 0) FROM ${t.log}) AS head FROM ${t.frontier} WHERE id = 1`,
        );
        const start = Math.max(Number(noted), from);
        const last = Math.min(Number(head), start + reachPage);
        // Rows that follow each other have the same distance from their number in the list: one row for each run of them.
        const runs = await connection.execute<Row>(
          `SELECT min(position) AS first, max(position) AS last FROM (
             SELECT position, position - row_number() OVER (ORDER BY position) AS distance FROM ${t.log} WHERE position > ? AND position <= ?
           ) numbered GROUP BY distance ORDER BY first`,
          [start, last],
        );
        let frontier = start;
        const holes: number[] = [];
        let next = start + 1;
        for (const run of runs) {
          for (; next < Number(run.first); next++) holes.push(next);
          next = Number(run.last) + 1;
          if (holes.length === 0) frontier = Number(run.last);
        }
        for (; next <= last; next++) holes.push(next);
        return { noted: Number(noted), frontier, head: Number(head), holes };
      },

      async fence(connection, holes) {
        await fenceHoles(connection, t, holes, await look(connection));
      },

      async moveFrontier(connection, position) {
        // Whoever moves it at the same time is not waited for, nor is a look that has locked it: all who append would wait behind.
        await connection.execute(
          `UPDATE (SELECT id FROM ${t.frontier} WHERE id = 1 AND position < ? LIMIT 1 FOR UPDATE SKIP LOCKED) free
           STRAIGHT_JOIN ${t.frontier} f ON f.id = free.id SET f.position = ?`,
          [position, position],
        );
        await times.note(connection, position);
      },

      async settle(connection) {
        // The log of InnoDB is written in the order of commits: where this one has come to the disk, all before it have. In a row of its own, which no append
        // looks at.
        await connection.execute(`UPDATE ${t.frontier} SET position = position + 1 WHERE id = 2`);
      },

      holder: (executor, position) => mysqlHolder(executor, t, position),

      async raisePositions(connection) {
        const { frontier, head } = await one(
          connection,
          `SELECT position AS frontier, (SELECT coalesce(max(position), 0) FROM ${t.log}) AS head FROM ${t.frontier} WHERE id = 1`,
        );
        // The counter goes on behind the highest position that was ever given.
        if (Number(frontier) > Number(head)) await insertTombstones(connection, t, [Number(frontier)]);
      },
    },

    async findSnapshot(connection, { entityName, entityId, fingerprint, upToVersion }) {
      const [found] = await connection.execute<Row>(
        `SELECT version, event_id AS eventId, CAST(state AS BINARY) AS state FROM ${t.snapshots} l
         WHERE ${ofEntity} AND fingerprint = ? AND version <= ? ORDER BY version DESC LIMIT 1`,
        [entityName, entityId, fingerprint, upToVersion],
      );
      if (found === undefined) return undefined;
      const { version, eventId, state } = found;
      return { version: Number(version), eventId: textOrNull(eventId), stateText: text(state) };
    },

    async saveSnapshot(connection, { entityName, entityId, fingerprint, version, eventId, stateText }) {
      await assertFits(connection, `the state of ${entityName} "${entityId}"`, stateText.length);
      await connection.execute(
        `INSERT INTO ${t.snapshots} (entity_name, entity_id, fingerprint, version, event_id, state) VALUES (?, ?, ?, ?, ?, ?)
         ON DUPLICATE KEY UPDATE event_id = VALUES(event_id), state = VALUES(state)`,
        [entityName, entityId, fingerprint, version, eventId, stateText],
      );
      const kept = await connection.execute<Row>(
        `SELECT l.version FROM ${t.snapshots} l WHERE ${ofEntity} AND fingerprint = ? ORDER BY version DESC LIMIT ${keptSnapshots}`,
        [entityName, entityId, fingerprint],
      );
      const oldest = Math.min(...kept.map((row) => Number(row.version)));
      await connection.execute(
        `DELETE FROM ${t.snapshots} WHERE tenant = '' AND entity_name = ? AND entity_id = ? AND fingerprint = ? AND version < ?`,
        [entityName, entityId, fingerprint, oldest],
      );
    },

    classify: (error) => classify(error, server?.timeoutsAbort),
  };
}

/** How many rows beyond the frontier one look takes in. */
const reachPage = 5_000;

/** How many snapshots an entity keeps of one fingerprint. */
const keptSnapshots = 2;

const filterColumns = {
  entityNames: "entity_name",
  eventNames: "event_name",
  actors: "actor",
  correlationIds: "correlation_id",
} as const;

/** Each version of a range by itself: what is looked up by a whole key and is there is locked without what lies beside it. */
function versionsOf({
  entityName,
  entityId,
  firstVersion,
  count,
}: StreamName & { readonly firstVersion: number; readonly count: number }): readonly SqlValue[][] {
  return Array.from({ length: count }, (_, index) => [entityName, entityId, firstVersion + index]);
}
