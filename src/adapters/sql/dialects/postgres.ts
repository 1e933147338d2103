import { CursorAheadError } from "../../../errors/index.ts";
import type { StoredEvent } from "../../../schema/event.ts";
import {
  type EncodedCommit,
  type EntitySummary,
  type EventRow,
  erasedMetadataText,
  insertedEvent,
  type LoadedEvent,
  type LoadQuery,
  type StreamEnd,
  type StreamName,
  toStoredEvent,
} from "../../../storage/index.ts";
import { formatInstant } from "../../../util/instant.ts";
import type { Json } from "../../../util/json.ts";
import { checkText } from "../../../util/text.ts";
import type { SqlDialect, SqlFailure } from "../dialect.ts";
import type { SqlConnection, SqlValue } from "../executor.ts";
import { type GatheredEvent, nameOf, type PendingInsert } from "../gathered-log.ts";
import { behindFrontier, postgresMigrations, type TableNames, tombstone } from "../migrations/postgres.ts";

/** Set in `flags` of an event whose body was stored as its schema put it out. */
const bodyIsOutputFlag = 1;

/** A row as drivers give it, of which some give big integers as text. */
interface Row {
  readonly [column: string]: string | number | boolean | null;
}

const loadedColumns =
  'l.event_id AS "eventId", l.event_created_at AS "eventCreatedAt", l.event_name AS "eventName", l.entity_id AS "entityId", l.entity_name AS "entityName", l.version';
const storedColumns = `${loadedColumns}, l.position, l.recorded_ms AS "recordedMs", l.actor, l.correlation_id AS "correlationId", (l.flags & 1) = 1 AS "bodyIsOutput", l.erased_at IS NOT NULL AS "isErased"`;
const contentColumns = 'c.body AS "bodyText", c.metadata AS "metadataText"';
const ofEntity = "l.tenant = '' AND l.entity_name = $1 AND l.entity_id = $2";

export function postgresDialect(t: TableNames): SqlDialect {
  const migrations = postgresMigrations(t);
  const fromLog = `FROM ${t.log} l JOIN ${t.content} c USING (position)`;
  const nowMs = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

  const lastPosition = async (connection: SqlConnection) =>
    number((await one(connection, `SELECT coalesce(max(position), 0) AS n FROM ${t.log}`)).n);

  /** The part of an entity's stream that a query asks for. */
  async function range(connection: SqlConnection, query: LoadQuery) {
    const { entityName, entityId, afterVersion = 0, version = Number.MAX_SAFE_INTEGER, at, knownAt, position } = query;
    // Not every driver refuses what is no well-formed text.
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
    savepoint: ["SAVEPOINT ventyd"],

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
      await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [t.migrations]);
    },

    async limitTransaction(connection) {
      await connection.execute(
        "SELECT set_config('lock_timeout', '5s', true), set_config('idle_in_transaction_session_timeout', '10s', true), set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)",
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
           recorded_ms AS "recordedMs", is_erased AS "isErased", ${nowMs} AS "nowMs"
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
      const nowOf = rows[0]?.nowMs ?? (await one(connection, `SELECT ${nowMs} AS now`)).now;
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

    appendTogether: (connection, commits, options) => appendTogether(connection, t, commits, options),

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
      return rows.map(readLoaded);
    },

    async eventsOfKey(connection, { entityName, entityId, key }) {
      const sql = `SELECT l.version, l.idempotency_size AS size FROM ${t.log} l WHERE ${ofEntity} AND l.idempotency_key = $3`;
      const [first] = await connection.execute<Row>(sql, [entityName, entityId, key]);
      if (first === undefined) return null;
      const version = number(first.version);
      const last = version + number(first.size) - 1;
      return loadHistory(connection, { entityName, entityId, afterVersion: version - 1, version: last });
    },

    async readPage(connection, { after, before, limit, order, ...filters }) {
      const params: SqlValue[] = [after, before, tombstone];
      const conditions = ["l.position > $1", "l.position < $2", "l.entity_name <> $3"];
      for (const [name, column] of Object.entries(filterColumns)) {
        const values = filters[name as keyof typeof filterColumns];
        if (values === undefined) continue;
        params.push(values);
        conditions.push(`l.${column} = ANY ($${params.length}::text[])`);
      }
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

    async reach(connection) {
      const { start, frontier, head, size, positions } = await one<{
        start: string | number;
        size: string | number;
        frontier: string | number;
        head: string | number;
        positions: readonly (string | number)[] | null;
      }>(
        connection,
        // Rows that follow each other have the same distance from their number in the list.
        `WITH stored AS (SELECT position AS start FROM ${t.frontier}),
         seen AS (SELECT position FROM ${t.log}, stored WHERE position > start ORDER BY position LIMIT ${reachPage}),
         numbered AS (SELECT position, position - row_number() OVER (ORDER BY position) AS distance FROM seen),
         run AS (SELECT start, coalesce(max(position), start) AS frontier FROM stored LEFT JOIN numbered ON distance = start GROUP BY start)
         SELECT start, frontier, (SELECT max(position) FROM seen) AS head, (SELECT count(*) FROM seen) AS size,
           (SELECT array_agg(position ORDER BY position) FROM seen WHERE position > frontier) AS positions FROM run`,
      );
      const visible = new Set((positions ?? []).map(number));
      const holes: number[] = [];
      for (let hole = number(frontier) + 1; hole < number(head ?? 0) && holes.length < reachPage; hole++) {
        if (!visible.has(hole)) holes.push(hole);
      }
      return { start: number(start), frontier: number(frontier), isAll: number(size) < reachPage, holes };
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
    },

    async raisePositions(connection) {
      await connection.execute(
        `SELECT setval('${t.positions}', greatest((SELECT last_value FROM ${t.positions}), (SELECT coalesce(max(position), 0) FROM ${t.log}),
           (SELECT position FROM ${t.frontier}), 1), true) WHERE EXISTS (SELECT 1 FROM ${t.frontier} WHERE position > (SELECT last_value FROM ${t.positions}))
           OR (SELECT coalesce(max(position), 0) FROM ${t.log}) > (SELECT last_value FROM ${t.positions})`,
      );
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

async function one<TRow extends object = Row>(
  connection: SqlConnection,
  sql: string,
  params?: readonly SqlValue[],
): Promise<TRow> {
  return (await connection.execute<TRow>(sql, params))[0] as TRow;
}

/** Drivers give bigint as text, as a number or as a bigint, as the application has told them. */
function number(value: unknown): number {
  return Number(value);
}

function readEvent(row: Row): StoredEvent {
  return toStoredEvent({
    ...(row as unknown as EventRow),
    version: number(row.version),
    position: number(row.position),
    recordedMs: number(row.recordedMs),
  });
}

function readLoaded({ bodyText, isErased, version, ...row }: Row): LoadedEvent {
  const event = { ...row, version: number(version), body: JSON.parse(bodyText as string) as Json };
  return (isErased === true ? { ...event, isErased } : event) as LoadedEvent;
}

/**
 * One statement: the ends of the entities are moved, which locks them, then the narrow rows are inserted, which draws their positions, then what stands
 * beside them. What has moved meanwhile, or is held by somebody, is left out, and so are its events.
 */
async function appendTogether(
  connection: SqlConnection,
  t: TableNames,
  commits: readonly EncodedCommit[],
  { nowMs }: { readonly nowMs: number | undefined },
): Promise<readonly (readonly StoredEvent[] | undefined)[]> {
  const given = commits.flatMap(({ commit, events }, index) =>
    events.map((encoded, ordinal) => ({ commit, encoded, ordinal, index: index + 1, size: events.length })),
  );
  const perCommit = <T extends string | number | null>(value: (encoded: EncodedCommit) => T) => commits.map(value);
  const perEvent = <T extends string | number | null>(value: (event: (typeof given)[number]) => T) => given.map(value);
  const last = ({ events }: EncodedCommit) => events.at(-1) as EncodedCommit["events"][number];
  const rows = await connection.execute<Row>(
    `SELECT event_id AS id, drawn AS position, recorded AS "recordedMs" FROM ${t.append}($1, $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::bigint,
       $10::int[], $11::int[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::text[], $17::text[], $18::text[], $19::int[], $20::int[], $21::text[], $22::text[])`,
    [
      commits.length === 1 ? "5s" : "50ms",
      perCommit(({ commit }) => commit.entityName),
      perCommit(({ commit }) => commit.entityId),
      perCommit(({ commit }) => commit.expectedVersion as number),
      perCommit(({ events }) => events.length),
      perCommit(({ commit }) => commit.expectedEventId ?? null),
      perCommit((commit) => last(commit).event.eventId),
      perCommit((commit) => last(commit).createdMs),
      nowMs ?? null,
      perEvent(({ index }) => index),
      perEvent(({ ordinal }) => ordinal),
      perEvent(({ encoded }) => encoded.event.eventId),
      perEvent(({ encoded }) => encoded.event.eventName),
      perEvent(({ encoded }) => encoded.event.eventCreatedAt),
      perEvent(({ encoded }) => encoded.createdMs),
      perEvent(({ encoded }) => encoded.event.metadata.actor ?? null),
      perEvent(({ encoded }) => encoded.event.metadata.correlationId ?? null),
      perEvent(({ commit, ordinal }) => (ordinal === 0 ? (commit.idempotencyKey ?? null) : null)),
      perEvent(({ commit, ordinal, size }) => (ordinal === 0 && commit.idempotencyKey !== undefined ? size : null)),
      perEvent(({ encoded }) => (encoded.event.bodyIsOutput ? bodyIsOutputFlag : 0)),
      perEvent(({ encoded }) => encoded.bodyText),
      perEvent(({ encoded }) => encoded.metadataText),
    ],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return commits.map(({ commit, events }) => {
    if (!byId.has(events[0]?.event.eventId as string)) return undefined;
    return events.map(({ event }, ordinal) => {
      const { position, recordedMs } = byId.get(event.eventId) as Row;
      const version = (commit.expectedVersion as number) + ordinal + 1;
      return insertedEvent(commit, event, { version, recordedMs: number(recordedMs) }, number(position));
    });
  });
}

/** The narrow rows first, which draw the positions, then what stands beside them, then the ends of the entities: one statement. */
async function insertEvents(connection: SqlConnection, t: TableNames, inserts: readonly PendingInsert[]) {
  const column = <T extends string | number | null>(value: (insert: PendingInsert) => T) => inserts.map(value);
  const rows = await connection.execute<{ id: string; position: string | number }>(
    `WITH given AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::text[],
         $11::text[], $12::int[], $13::int[], $14::text[], $15::text[], $16::text[]) WITH ORDINALITY
         AS g (entity_name, entity_id, version, event_id, event_name, created_at, created_ms, recorded_ms, actor, correlation_id, key, key_size, flags, erased_at, body, metadata, n)
     ), logged AS (
       INSERT INTO ${t.log} (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms,
         actor, correlation_id, idempotency_key, idempotency_size, flags, erased_at)
       SELECT entity_name, entity_id, version, event_id, event_name, created_at, created_ms, recorded_ms, actor, correlation_id, key, key_size, flags, erased_at
       FROM given ORDER BY n
       RETURNING position, event_id
     ), kept AS (
       INSERT INTO ${t.content} (position, body, metadata)
       SELECT position, body, metadata FROM logged JOIN given USING (event_id)
     ), ended AS (
       UPDATE ${t.entities} e SET version = g.version, event_id = g.event_id, created_ms = g.created_ms, recorded_ms = g.recorded_ms,
         is_erased = e.is_erased OR g.erased_at IS NOT NULL
       FROM (SELECT DISTINCT ON (entity_name, entity_id) * FROM given ORDER BY entity_name, entity_id, n DESC) g
       WHERE e.tenant = '' AND e.entity_name = g.entity_name AND e.entity_id = g.entity_id
     )
     SELECT event_id AS id, ${t.ahead}(position, (SELECT position FROM ${t.frontier})) AS position FROM logged`,
    [
      column(({ stream }) => stream.entityName),
      column(({ stream }) => stream.entityId),
      column(({ at }) => at.version),
      column(({ encoded }) => encoded.event.eventId),
      column(({ encoded }) => encoded.event.eventName),
      column(({ encoded }) => encoded.event.eventCreatedAt),
      column(({ encoded }) => encoded.createdMs),
      column(({ at }) => at.recordedMs),
      column(({ encoded }) => encoded.event.metadata.actor ?? null),
      column(({ encoded }) => encoded.event.metadata.correlationId ?? null),
      column(({ at }) => at.key?.text ?? null),
      column(({ at }) => at.key?.size ?? null),
      column(({ encoded }) => (encoded.event.bodyIsOutput ? bodyIsOutputFlag : 0)),
      column(({ isErased, at }) => (isErased ? formatInstant(at.recordedMs) : null)),
      column(({ bodyText }) => bodyText),
      column(({ metadataText }) => metadataText),
    ],
  );
  const positions = new Map(rows.map(({ id, position }) => [id, number(position)]));
  for (const { answer } of inserts) answer.position = positions.get(answer.eventId) as number;
}

async function emptyContents(connection: SqlConnection, t: TableNames, { entityName, entityId }: StreamName) {
  const stream = [entityName, entityId];
  const positions = `SELECT l.position FROM ${t.log} l WHERE ${ofEntity}`;
  await connection.execute("SELECT set_config('ventyd.maintenance', 'erasure', true)");
  await connection.execute(
    `UPDATE ${t.log} l SET erased_at = to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') WHERE ${ofEntity}`,
    stream,
  );
  await connection.execute(`UPDATE ${t.content} SET body = 'null' WHERE position IN (${positions})`, stream);
  const saying = await connection.execute<{ position: string | number; metadata: string }>(
    `SELECT position, metadata FROM ${t.content} WHERE metadata IS NOT NULL AND position IN (${positions})`,
    stream,
  );
  for (const { position, metadata } of saying) {
    const sql = `UPDATE ${t.content} SET metadata = $2 WHERE position = $1`;
    await connection.execute(sql, [number(position), erasedMetadataText(metadata)]);
  }
  await connection.execute(`DELETE FROM ${t.snapshots} l WHERE ${ofEntity}`, stream);
  await connection.execute(`UPDATE ${t.entities} l SET is_erased = true WHERE ${ofEntity}`, stream);
  await connection.execute("SELECT set_config('ventyd.maintenance', '', true)");
}

function classify(error: unknown, t: TableNames): SqlFailure | undefined {
  const { code, constraint, constraint_name } = (error ?? {}) as {
    code?: unknown;
    constraint?: unknown;
    constraint_name?: unknown;
  };
  const violated = constraint ?? constraint_name;
  switch (code) {
    case "23505":
      if (violated === `${t.prefix}log_pkey`) return "stolen_position";
      return violated === `${t.prefix}log_event_id` || violated === `${t.prefix}log_idempotency_key`
        ? "stored_already"
        : undefined;
    case behindFrontier:
      return "behind_frontier";
    case "55P03":
      return "lock_timeout";
    case "40P01":
      return "deadlock";
    case "40001":
      return "serialization";
    case "25P01":
      return "no_transaction";
    default:
      return isConnectionLost(error as Error | null, code) ? "connection_lost" : undefined;
  }
}

/** SQLSTATE class 08, what a server says that goes down or comes up, and what sockets and drivers say of a connection that is gone. */
function isConnectionLost(error: Error | null, code: unknown): boolean {
  if (typeof code === "string")
    return /^(08...|57P0[123]|ECONN(RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|CONNECT_TIMEOUT|CONNECTION_.*)$/.test(code);
  return /^(Connection terminated|Client has encountered a connection error)/.test(error?.message ?? "");
}
