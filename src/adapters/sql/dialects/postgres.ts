import type { StoredEvent } from "../../../schema/event.ts";
import type { EntitySummary, LoadQuery, StreamEnd, StreamName } from "../../../storage/index.ts";
import { checkText } from "../../../util/text.ts";
import type { SqlDialect } from "../dialect.ts";
import type { SqlConnection, SqlValue } from "../executor.ts";
import { type GatheredEvent, nameOf } from "../gathered-log.ts";
import { postgresMigrations, type TableNames, tombstone } from "../migrations/postgres.ts";
import { Times } from "../times.ts";
import { appendTogether } from "./postgres-append.ts";
import { classify, isRefusal } from "./postgres-errors.ts";
import { postgresHints } from "./postgres-hints.ts";
import { postgresHolder } from "./postgres-holder.ts";
import { emptyContents, insertEvents } from "./postgres-inserts.ts";
import {
  contentColumns,
  loadedColumns,
  number,
  ofEntity,
  one,
  type Row,
  readEvent,
  readLoaded,
  storedColumns,
} from "./postgres-rows.ts";

export function postgresDialect(t: TableNames): SqlDialect {
  const migrations = postgresMigrations(t);
  const times = new Times(t, "ON CONFLICT DO NOTHING");
  const fromLog = `FROM ${t.log} l JOIN ${t.content} c USING (position)`;
  const nowMs = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
  // In a transaction of the application's, too: what a reader sees before it is on the disk, a server that goes down takes back under him.
  const durably =
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)";

  const lastPosition = async (connection: SqlConnection) =>
    number((await one(connection, `SELECT coalesce(max(position), 0) AS n FROM ${t.log}`)).n);

  /** The part of an entity's stream that a query asks for. */
  async function range(connection: SqlConnection, query: LoadQuery) {
    const { entityName, entityId, afterVersion = 0, version = Number.MAX_SAFE_INTEGER, at, knownAt, position } = query;
    // Not every driver refuses what is no well-formed text.
    checkText(entityId, "entityId");
    let upTo = version;
    for (const [column, bound] of [
      ["event_created_ms", at],
      ["recorded_ms", knownAt],
      ["position", position],
    ] as const) {
      if (bound === undefined) continue;
      const sql = `SELECT l.version AS n FROM ${t.log} l WHERE ${ofEntity} AND l.${column} <= $3 ORDER BY l.version DESC LIMIT 1`;
      const [last] = await connection.execute<Row>(sql, [entityName, entityId, bound]);
      upTo = Math.min(upTo, last === undefined ? 0 : number(last.n));
    }
    return {
      sql: `${fromLog} WHERE ${ofEntity} AND l.version > $3 AND l.version <= $4 ORDER BY l.version`,
      params: [entityName, entityId, afterVersion, upTo] as const,
    };
  }

  async function loadHistory(connection: SqlConnection, query: LoadQuery): Promise<StoredEvent[]> {
    const { sql, params } = await range(connection, query);
    return (await connection.execute<Row>(`SELECT ${storedColumns}, ${contentColumns} ${sql}`, params)).map(readEvent);
  }

  return {
    migrations,
    lastPosition,
    loadHistory,
    async savepoint(connection) {
      await connection.execute("SAVEPOINT ventyd");
    },

    async appliedMigrations(connection) {
      const { exists } = await one(connection, "SELECT to_regclass($1) IS NOT NULL AS exists", [t.migrations]);
      if (exists !== true) return [];
      const rows = await connection.execute<Row>(`SELECT id, name, breaking FROM ${t.migrations} ORDER BY id`);
      return rows.map(({ id, name, breaking }) => ({
        id: number(id),
        name: String(name),
        breaking: breaking === true,
      }));
    },

    migrationsTable: `CREATE TABLE IF NOT EXISTS ${t.migrations} (id int PRIMARY KEY, name text NOT NULL, breaking boolean NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,

    noteMigration: ({ id, name, breaking }) =>
      `INSERT INTO ${t.migrations} (id, name, breaking) VALUES (${id}, '${name}', ${breaking})`,

    async lockMigrations(connection) {
      // Not every ORM reads what is of the type void.
      await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text", [t.migrations]);
    },

    async limitTransaction(connection, longestIdle) {
      await connection.execute(
        `SELECT set_config('lock_timeout', '5s', true), set_config('idle_in_transaction_session_timeout', $1::text, true), ${durably}`,
        [String(longestIdle)],
      );
    },

    async lock(connection, streams) {
      const sorted = streams.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
      const names = (some: readonly StreamName[]) => [
        some.map(({ entityName }) => entityName),
        some.map(({ entityId }) => entityId),
      ];
      const fresh = sorted.filter(({ mayBeNew }) => mayBeNew);
      if (fresh.length > 0) {
        // Whoever makes the same entity waits here, and finds it made.
        await connection.execute(
          `INSERT INTO ${t.entities} (entity_name, entity_id, version, created_ms, recorded_ms)
           SELECT name, id, 0, 0, 0 FROM unnest($1::text[], $2::text[]) AS s (name, id) ORDER BY name COLLATE "C", id COLLATE "C"
           ON CONFLICT DO NOTHING`,
          names(fresh),
        );
      }
      const rows = await connection.execute<Row>(
        `SELECT entity_name AS "entityName", entity_id AS "entityId", version, event_id AS "eventId", created_ms AS "createdMs",
           recorded_ms AS "recordedMs", is_erased AS "isErased", ${nowMs} AS "nowMs", ${durably} AS durably
         FROM ${t.entities} WHERE (tenant, entity_name, entity_id) IN (SELECT '', name, id FROM unnest($1::text[], $2::text[]) AS s (name, id))
         ORDER BY entity_name, entity_id FOR UPDATE`,
        names(sorted),
      );
      const ends = new Map<string, StreamEnd>();
      for (const row of rows) {
        if (number(row.version) === 0) continue;
        ends.set(nameOf(row as never), {
          version: number(row.version),
          eventId: String(row.eventId),
          createdMs: number(row.createdMs),
          recordedMs: number(row.recordedMs),
          isErased: row.isErased === true,
        });
      }
      const nowOf = rows[0]?.nowMs ?? (await one(connection, `SELECT ${nowMs} AS now, ${durably} AS durably`)).now;
      return { ends, nowMs: number(nowOf) };
    },

    async gather(connection, { ids, ranges, keys }) {
      const rows = await connection.execute<Row>(
        `WITH wanted AS (
           SELECT position FROM ${t.log} WHERE event_id = ANY ($1::text[])
           UNION
           SELECT l.position FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS r (name, id, first, size)
             JOIN ${t.log} l ON l.tenant = '' AND l.entity_name = r.name AND l.entity_id = r.id AND l.version >= r.first AND l.version < r.first + r.size
           UNION
           SELECT l.position FROM unnest($6::text[], $7::text[], $8::text[]) AS k (name, id, key)
             JOIN ${t.log} f ON f.tenant = '' AND f.entity_name = k.name AND f.entity_id = k.id AND f.idempotency_key = k.key
             JOIN ${t.log} l ON l.tenant = '' AND l.entity_name = k.name AND l.entity_id = k.id AND l.version >= f.version AND l.version < f.version + f.idempotency_size
         )
         SELECT ${storedColumns}, ${contentColumns}, l.idempotency_key AS "key", l.idempotency_size AS "keySize"
         FROM wanted JOIN ${t.log} l USING (position) JOIN ${t.content} c USING (position) ORDER BY l.version`,
        [
          ids,
          ranges.map(({ entityName }) => entityName),
          ranges.map(({ entityId }) => entityId),
          ranges.map(({ firstVersion }) => firstVersion),
          ranges.map(({ count }) => count),
          keys.map(({ entityName }) => entityName),
          keys.map(({ entityId }) => entityId),
          keys.map(({ key }) => key),
        ],
      );
      return rows.map(
        (row): GatheredEvent => ({
          event: readEvent(row),
          key: row.key as string | null,
          keySize: row.keySize === null ? null : number(row.keySize),
        }),
      );
    },

    appendTogether: (executor, commits, options) =>
      appendTogether(executor, t, commits, options).catch((error) => {
        if (isRefusal(error, t)) return commits.map(() => undefined);
        throw error;
      }),

    async write(connection, { inserts, emptied }) {
      for (const stream of emptied) await emptyContents(connection, t, stream);
      if (inserts.length > 0) await insertEvents(connection, t, inserts);
    },

    async load(connection, query) {
      const { sql, params } = await range(connection, query);
      const bodyIs =
        'l.erased_at IS NULL AND (l.flags & 1) = 1 AS "bodyIsOutput", l.erased_at IS NOT NULL AS "isErased"';
      const rows = await connection.execute<Row>(
        `SELECT ${loadedColumns}, c.body AS "bodyText", ${bodyIs} ${sql}`,
        params,
      );
      return rows.map(readLoaded(query));
    },

    async eventsOfKey(connection, { entityName, entityId, key }) {
      const sql = `SELECT l.version, l.idempotency_size AS size FROM ${t.log} l WHERE ${ofEntity} AND l.idempotency_key = $3`;
      const [first] = await connection.execute<Row>(sql, [entityName, entityId, key]);
      if (first === undefined) return null;
      const version = number(first.version);
      const last = version + number(first.size) - 1;
      return loadHistory(connection, { entityName, entityId, afterVersion: version - 1, version: last });
    },

    hints: postgresHints(t),

    timeSpans: (connection, query) => times.spans(connection, query),

    async readPage(connection, { after, before, limit, order, recordedFrom, recordedBefore, ...filters }) {
      const params: SqlValue[] = [after, before, tombstone];
      const conditions = ["l.position > $1", "l.position < $2", "l.entity_name <> $3"];
      for (const [name, column] of Object.entries(filterColumns)) {
        const values = filters[name as keyof typeof filterColumns];
        if (values === undefined) continue;
        const [single, another] = values;
        // With a single value the index gives the rows in order; with several they must be sorted.
        if (single !== undefined && another === undefined) conditions.push(`l.${column} = $${params.push(single)}`);
        else conditions.push(`l.${column} = ANY ($${params.push(values)}::text[])`);
      }
      if (recordedFrom !== undefined) conditions.push(`l.recorded_ms >= $${params.push(recordedFrom)}`);
      if (recordedBefore !== undefined) conditions.push(`l.recorded_ms < $${params.push(recordedBefore)}`);
      params.push(Math.min(limit, 2 ** 31));
      const by = `ORDER BY l.position ${order === "desc" ? "DESC" : "ASC"}`;
      const page = `SELECT l.* FROM ${t.log} l WHERE ${conditions.join(" AND ")} ${by} LIMIT $${params.length}`;
      const sql = `SELECT ${storedColumns}, ${contentColumns} FROM (${page}) l JOIN ${t.content} c USING (position) ${by}`;
      return (await connection.execute<Row>(sql, params)).map(readEvent);
    },

    async listEntities(connection, entityName, after, limit) {
      const rows = await connection.execute<Row>(
        `SELECT e.entity_name AS "entityName", e.entity_id AS "entityId", e.version, f.event_created_at AS "createdAt",
           l.event_created_at AS "updatedAt", l.actor AS "lastActor"
         FROM (SELECT * FROM ${t.entities} WHERE tenant = '' AND entity_name = $1 AND entity_id > $2 AND version > 0 ORDER BY entity_id LIMIT $3) e
         JOIN ${t.log} f ON f.tenant = '' AND f.entity_name = e.entity_name AND f.entity_id = e.entity_id AND f.version = 1
         JOIN ${t.log} l ON l.tenant = '' AND l.entity_name = e.entity_name AND l.entity_id = e.entity_id AND l.version = e.version
         ORDER BY e.entity_id`,
        [entityName, after, Math.min(limit, 2 ** 31)],
      );
      return rows.map(
        ({ version, lastActor, ...row }) =>
          ({ ...row, version: number(version), lastActor: lastActor ?? undefined }) as EntitySummary,
      );
    },

    async missingEvents(connection, eventIds) {
      if (eventIds.length === 0) return new Set();
      const rows = await connection.execute<{ id: string }>(
        `SELECT id FROM unnest($1::text[]) AS asked (id) WHERE NOT EXISTS (SELECT 1 FROM ${t.log} WHERE event_id = id COLLATE "C")`,
        [eventIds],
      );
      return new Set(rows.map(({ id }) => id));
    },

    frontier: {
      async reach(connection, from) {
        const { noted, start, frontier, head, positions } = await one<{
          noted: string | number;
          start: string | number;
          frontier: string | number;
          head: string | number;
          positions: readonly (string | number)[] | null;
        }>(
          connection,
          // Rows that follow each other have the same distance from their number in the list. Both bounds, and from subqueries: joined with the one row of the
          // frontier, or open at one end on tables without statistics, it is planned as a walk over the whole log.
          `WITH stored AS (SELECT position AS noted, greatest(position, $1::bigint) AS start FROM ${t.frontier}),
         seen AS (SELECT position FROM ${t.log} WHERE position > (SELECT start FROM stored) AND position <= (SELECT start FROM stored) + ${reachPage}),
         numbered AS (SELECT position, position - row_number() OVER (ORDER BY position) AS distance FROM seen),
         run AS (SELECT noted, start, coalesce(max(position), start) AS frontier FROM stored LEFT JOIN numbered ON distance = start GROUP BY noted, start)
         SELECT noted, start, frontier, (SELECT coalesce(max(position), 0) FROM ${t.log}) AS head,
           (SELECT array_agg(position ORDER BY position) FROM seen WHERE position > frontier) AS positions FROM run`,
          [from],
        );
        const visible = new Set((positions ?? []).map(number));
        const last = Math.min(number(head), number(start) + reachPage);
        const holes: number[] = [];
        for (let hole = number(frontier) + 1; hole <= last; hole++) if (!visible.has(hole)) holes.push(hole);
        return { noted: number(noted), frontier: number(frontier), head: number(head), holes };
      },

      async fence(connection, holes) {
        await connection.execute("SELECT set_config('lock_timeout', '40ms', true)");
        await connection.execute(
          `INSERT INTO ${t.log} (position, entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms)
         SELECT hole, $2, hole::text, 0, '$tombstone:' || hole, '$tombstone', '', 0, 0 FROM unnest($1::bigint[]) AS h (hole) ORDER BY h.hole
         ON CONFLICT DO NOTHING`,
          [holes, tombstone],
        );
      },

      async moveFrontier(connection, position) {
        await connection.execute(`UPDATE ${t.frontier} SET position = $1 WHERE position < $1`, [position]);
        await times.note(connection, position);
      },

      holder: (executor, position) => postgresHolder(executor, t, position),

      async raisePositions(connection) {
        await connection.execute(
          `SELECT setval('${t.positions}', greatest((SELECT last_value FROM ${t.positions}), (SELECT coalesce(max(position), 0) FROM ${t.log}),
           (SELECT position FROM ${t.frontier}), 1), true) WHERE EXISTS (SELECT 1 FROM ${t.frontier} WHERE position > (SELECT last_value FROM ${t.positions}))
           OR (SELECT coalesce(max(position), 0) FROM ${t.log}) > (SELECT last_value FROM ${t.positions})`,
        );
      },
    },

    async findSnapshot(connection, { entityName, entityId, fingerprint, upToVersion }) {
      const [found] = await connection.execute<Row>(
        `SELECT version, event_id AS "eventId", state FROM ${t.snapshots} l WHERE ${ofEntity} AND fingerprint = $3 AND version <= $4 ORDER BY version DESC LIMIT 1`,
        [entityName, entityId, fingerprint, upToVersion],
      );
      if (found === undefined) return undefined;
      const { version, eventId, state } = found;
      return { version: number(version), eventId: eventId as string | null, stateText: String(state) };
    },

    async saveSnapshot(connection, { entityName, entityId, fingerprint, version, eventId, stateText }) {
      await connection.execute(
        `INSERT INTO ${t.snapshots} (entity_name, entity_id, fingerprint, version, event_id, state) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant, entity_name, entity_id, fingerprint, version) DO UPDATE SET event_id = excluded.event_id, state = excluded.state`,
        [entityName, entityId, fingerprint, version, eventId, stateText],
      );
      await connection.execute(
        `DELETE FROM ${t.snapshots} l WHERE ${ofEntity} AND fingerprint = $3 AND version NOT IN
           (SELECT version FROM ${t.snapshots} l WHERE ${ofEntity} AND fingerprint = $3 ORDER BY version DESC LIMIT ${keptSnapshots})`,
        [entityName, entityId, fingerprint],
      );
    },

    classify: (error) => classify(error, t),
  };
}

/** How many positions beyond the frontier one look takes in. */
const reachPage = 5_000;

/** How many snapshots an entity keeps of one fingerprint. */
const keptSnapshots = 2;

const filterColumns = {
  entityNames: "entity_name",
  eventNames: "event_name",
  actors: "actor",
  correlationIds: "correlation_id",
} as const;
