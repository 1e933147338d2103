import type { Metadata } from "../../attribution/metadata.ts";
import { SerializationError } from "../../errors/index.ts";
import type { StoredEvent } from "../../schema/event.ts";
import type {
  CommitRow,
  EntityCommit,
  EntitySummary,
  LoadedEvent,
  LoadQuery,
  NewEvent,
  ReadOptions,
} from "../../storage/index.ts";
import { decideAppend } from "../../storage/index.ts";
import { formatInstant, parseInstant } from "../../util/instant.ts";
import type { Json } from "../../util/json.ts";
import type { SqliteConnection, SqliteValue } from "./connection.ts";
import { isDuplicateEventId } from "./driver-errors.ts";
import type { WorkResult } from "./writer.ts";

/** Set in `flags` of an event whose body was stored as its schema put it out. */
const bodyIsOutputFlag = 1;

const ofEntity = "tenant = '' AND entity_name = ? AND entity_id = ?";

/** An event on its way in, its JSON written. */
interface EncodedEvent {
  readonly event: NewEvent;
  readonly createdMs: number;
  readonly bodyText: string;
  /** What has no column of its own. */
  readonly metadataText: string | null;
}

/** A commit on its way in. */
export interface EncodedCommit {
  readonly commit: EntityCommit;
  readonly events: readonly EncodedEvent[];
}

/** @throws {SerializationError} `body_too_large`. */
export function encodeCommit(commit: EntityCommit, maxBodyBytes: number): EncodedCommit {
  const events = commit.events.map((event) => {
    const bodyText = JSON.stringify(event.body);
    // UTF-8 needs at most three bytes for what is one unit of a JavaScript string.
    if (bodyText.length * 3 > maxBodyBytes) {
      const bytes = Buffer.byteLength(bodyText);
      if (bytes > maxBodyBytes) {
        throw new SerializationError(
          "body_too_large",
          `Body too large: that of "${event.eventName}" has ${bytes} bytes, the limit is ${maxBodyBytes}. ` +
            "Keep large files elsewhere and their address in the event, or raise maxBodyBytes.",
        );
      }
    }
    const { actor, correlationId, ...rest } = event.metadata;
    return {
      event,
      createdMs: parseInstant(event.eventCreatedAt, "eventCreatedAt"),
      bodyText,
      metadataText: Object.keys(rest).length === 0 ? null : JSON.stringify(rest),
    };
  });
  return { commit, events };
}

/** Decides and writes commits inside a transaction that is open. When one is refused, the transaction must be taken back. */
export function appendCommits(
  connection: SqliteConnection,
  commits: readonly EncodedCommit[],
  nowMs: number,
): WorkResult<readonly CommitRow[]> {
  const rows: CommitRow[] = [];
  let refused = false;
  for (const encoded of commits) {
    const row: CommitRow = refused ? { status: "held_back" } : appendCommit(connection, encoded, nowMs);
    refused ||= row.status !== "written" && row.status !== "duplicate";
    rows.push(row);
  }
  if (!refused) return { value: rows, keep: true };
  return { value: rows.map((row) => (row.status === "written" ? { status: "held_back" } : row)), keep: false };
}

function appendCommit(connection: SqliteConnection, { commit, events }: EncodedCommit, nowMs: number): CommitRow {
  const { entityName, entityId, expectedVersion, idempotencyKey } = commit;
  if (idempotencyKey !== undefined) {
    const stored = findByIdempotencyKey(connection, entityName, entityId, idempotencyKey);
    if (stored !== undefined) return answerByKey(stored, commit);
  }

  const head = connection.all<{ version: number; recordedMs: number }>(
    `SELECT version, recorded_ms AS recordedMs FROM ventyd_log WHERE ${ofEntity} ORDER BY version DESC LIMIT 1`,
    entityName,
    entityId,
  )[0] ?? { version: 0, recordedMs: 0 };
  const decision = decideAppend(
    expectedVersion,
    events.map(({ event }) => event.eventId),
    {
      version: head.version,
      idsFrom: (version, count) =>
        connection
          .all<{ id: string }>(
            `SELECT event_id AS id FROM ventyd_log WHERE ${ofEntity} AND version >= ? ORDER BY version LIMIT ?`,
            entityName,
            entityId,
            version,
            count,
          )
          .map(({ id }) => id),
      versionOf: (eventId) =>
        connection.all<{ version: number }>(
          `SELECT version FROM ventyd_log WHERE ${ofEntity} AND event_id = ?`,
          entityName,
          entityId,
          eventId,
        )[0]?.version,
    },
  );

  switch (decision.kind) {
    case "conflict":
    case "corrupt_retry":
      return { status: decision.kind, actualVersion: head.version };
    case "duplicate": {
      const stored = loadStored(connection, commit, decision.firstVersion, events.length);
      return { status: "duplicate", version: head.version, events: stored };
    }
    case "write": {
      const recordedMs = Math.max(nowMs, head.recordedMs);
      const before = decision.skip === 0 ? [] : loadStored(connection, commit, decision.firstVersion, decision.skip);
      const firstVersion = decision.firstVersion + decision.skip;
      try {
        const written = events
          .slice(decision.skip)
          .map((encoded, index) =>
            insertEvent(connection, commit, encoded, firstVersion + index, recordedMs, index === 0),
          );
        return { status: "written", version: firstVersion + written.length - 1, events: [...before, ...written] };
      } catch (error) {
        if (isDuplicateEventId(error)) return { status: "corrupt_retry", actualVersion: head.version };
        throw error;
      }
    }
  }
}

function answerByKey(stored: readonly StoredEvent[], commit: EntityCommit): CommitRow {
  const sameNames =
    stored.length === commit.events.length &&
    stored.every((event, index) => event.eventName === commit.events[index]?.eventName);
  return sameNames
    ? { status: "duplicate", version: (stored.at(-1) as StoredEvent).version, events: stored }
    : { status: "key_mismatch" };
}

function insertEvent(
  connection: SqliteConnection,
  { entityName, entityId, idempotencyKey, events }: EntityCommit,
  { event, createdMs, bodyText, metadataText }: EncodedEvent,
  version: number,
  recordedMs: number,
  isFirst: boolean,
): StoredEvent {
  const { eventId, eventName, eventCreatedAt, body, metadata, bodyIsOutput } = event;
  const key = isFirst ? idempotencyKey : undefined;
  const position = connection.run(
    "INSERT INTO ventyd_log (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms," +
      " actor, correlation_id, idempotency_key, idempotency_size, flags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    entityName,
    entityId,
    version,
    eventId,
    eventName,
    eventCreatedAt,
    createdMs,
    recordedMs,
    metadata.actor ?? null,
    metadata.correlationId ?? null,
    key ?? null,
    key === undefined ? null : events.length,
    bodyIsOutput ? bodyIsOutputFlag : 0,
  );
  connection.run(
    "INSERT INTO ventyd_content (position, body, metadata) VALUES (?, ?, ?)",
    position,
    bodyText,
    metadataText,
  );
  return {
    eventId,
    eventCreatedAt,
    eventName,
    entityId,
    entityName,
    version,
    body,
    metadata,
    position,
    recordedAt: formatInstant(recordedMs),
  };
}

const loadedColumns =
  "event_id AS eventId, event_created_at AS eventCreatedAt, event_name AS eventName, entity_id AS entityId, entity_name AS entityName, version";
const storedColumns = `${loadedColumns}, position, recorded_ms AS recordedMs, actor, correlation_id AS correlationId`;
const fromLog = "FROM ventyd_log JOIN ventyd_content USING (position)";

type LoadedRow = Omit<LoadedEvent, "body"> & { body: string };
type StoredRow = Omit<StoredEvent, "body" | "metadata" | "recordedAt"> & {
  body: string;
  metadata: string | null;
  recordedMs: number;
  actor: string | null;
  correlationId: string | null;
};

/** The part of an entity's stream that a query asks for. */
function range(connection: SqliteConnection, query: LoadQuery): { sql: string; params: SqliteValue[] } {
  const { entityName, entityId, afterVersion = 0, version = Number.MAX_SAFE_INTEGER, at } = query;
  const upTo = at === undefined ? version : Math.min(version, versionAt(connection, entityName, entityId, at));
  return {
    sql: `${fromLog} WHERE ${ofEntity} AND version > ? AND version <= ? ORDER BY version`,
    params: [entityName, entityId, afterVersion, upTo],
  };
}

/** The last version that happened at or before an instant; 0 where there is none. */
function versionAt(connection: SqliteConnection, entityName: string, entityId: string, at: number): number {
  const sql = `SELECT version FROM ventyd_log WHERE ${ofEntity} AND event_created_ms <= ? ORDER BY version DESC LIMIT 1`;
  return connection.all<{ version: number }>(sql, entityName, entityId, at)[0]?.version ?? 0;
}

export function loadEvents(connection: SqliteConnection, query: LoadQuery): LoadedEvent[] {
  const { sql, params } = range(connection, query);
  const rows = connection.all<LoadedRow>(`SELECT ${loadedColumns}, body ${sql}`, ...params) as (
    | LoadedRow
    | LoadedEvent
  )[];
  for (const row of rows) row.body = JSON.parse(row.body as string) as Json;
  return rows as LoadedEvent[];
}

export function loadHistory(connection: SqliteConnection, query: LoadQuery): StoredEvent[] {
  const { sql, params } = range(connection, query);
  return connection.all<StoredRow>(`SELECT ${storedColumns}, body, metadata ${sql}`, ...params).map(toStoredEvent);
}

function loadStored(
  connection: SqliteConnection,
  { entityName, entityId }: EntityCommit,
  firstVersion: number,
  count: number,
): StoredEvent[] {
  return loadHistory(connection, {
    entityName,
    entityId,
    afterVersion: firstVersion - 1,
    version: firstVersion + count - 1,
  });
}

export function findByIdempotencyKey(
  connection: SqliteConnection,
  entityName: string,
  entityId: string,
  idempotencyKey: string,
): StoredEvent[] | undefined {
  const first = connection.all<{ version: number; size: number }>(
    `SELECT version, idempotency_size AS size FROM ventyd_log WHERE ${ofEntity} AND idempotency_key = ?`,
    entityName,
    entityId,
    idempotencyKey,
  )[0];
  if (first === undefined) return undefined;
  return loadHistory(connection, {
    entityName,
    entityId,
    afterVersion: first.version - 1,
    version: first.version + first.size - 1,
  });
}

function toStoredEvent({
  actor,
  correlationId,
  recordedMs,
  metadata,
  body,
  position,
  ...envelope
}: StoredRow): StoredEvent {
  const rest = metadata === null ? {} : (JSON.parse(metadata) as Metadata);
  return {
    ...envelope,
    body: JSON.parse(body) as Json,
    metadata: withColumns(actor, correlationId, rest),
    position,
    recordedAt: formatInstant(recordedMs),
  };
}

/** Puts back what has columns of its own, in the order in which metadata is written. */
function withColumns(actor: string | null, correlationId: string | null, rest: Metadata): Metadata {
  const { reason, causationId, ...custom } = rest;
  return {
    ...(actor !== null && { actor }),
    ...(reason !== undefined && { reason }),
    ...(correlationId !== null && { correlationId }),
    ...(causationId !== undefined && { causationId }),
    ...custom,
  };
}

const filters = {
  entityNames: "entity_name",
  eventNames: "event_name",
  actors: "actor",
  correlationIds: "correlation_id",
} as const;

/** One page of the log between two positions, both exclusive. */
export function readPage(
  connection: SqliteConnection,
  options: ReadOptions & { after: number; before: number; limit: number },
): StoredEvent[] {
  const conditions = ["position > ?", "position < ?"];
  const params: SqliteValue[] = [options.after, options.before];
  for (const [name, column] of Object.entries(filters)) {
    const values = options[name as keyof typeof filters];
    if (values === undefined) continue;
    conditions.push(`${column} IN (SELECT value FROM json_each(?))`);
    params.push(JSON.stringify(values));
  }
  const sql = `SELECT ${storedColumns}, body, metadata ${fromLog} WHERE ${conditions.join(" AND ")} ORDER BY position ${options.order === "desc" ? "DESC" : "ASC"} LIMIT ?`;
  return connection.all<StoredRow>(sql, ...params, options.limit).map(toStoredEvent);
}

/** The last position of the log; 0 where it is empty. */
export function lastPosition(connection: SqliteConnection): number {
  return (
    connection.all<{ position: number | null }>("SELECT max(position) AS position FROM ventyd_log")[0]?.position ?? 0
  );
}

/** Hops from id to id along the index, so that the cost of a page does not grow with the number of events. */
const entitiesSql = `
WITH RECURSIVE asked (name, after, size) AS (VALUES (?, ?, ?)),
found (id, n) AS (
  SELECT (SELECT min(entity_id) FROM ventyd_log WHERE tenant = '' AND entity_name = name AND entity_id > after), 1 FROM asked
  UNION ALL
  SELECT (SELECT min(entity_id) FROM ventyd_log WHERE tenant = '' AND entity_name = name AND entity_id > id), n + 1
  FROM found, asked WHERE id IS NOT NULL AND n < size
)
SELECT last.entity_name AS entityName, last.entity_id AS entityId, last.version, first.event_created_at AS createdAt,
  last.event_created_at AS updatedAt, last.actor AS lastActor
FROM found, asked
JOIN ventyd_log first ON first.tenant = '' AND first.entity_name = name AND first.entity_id = id AND first.version = 1
JOIN ventyd_log last ON last.tenant = '' AND last.entity_name = name AND last.entity_id = id
  AND last.version = (SELECT max(version) FROM ventyd_log WHERE tenant = '' AND entity_name = name AND entity_id = id)
ORDER BY n`;

export function listEntities(
  connection: SqliteConnection,
  entityName: string,
  after: string,
  limit: number,
): EntitySummary[] {
  return connection
    .all<Omit<EntitySummary, "lastActor"> & { lastActor: string | null }>(entitiesSql, entityName, after, limit)
    .map((row) => ({ ...row, lastActor: row.lastActor ?? undefined }));
}

export function findSnapshot(
  connection: SqliteConnection,
  {
    entityName,
    entityId,
    fingerprint = "",
    upToVersion = Number.MAX_SAFE_INTEGER,
  }: { entityName: string; entityId: string; fingerprint?: string; upToVersion?: number },
): { state: Json; version: number } | null {
  const found = connection.all<{ state: string; version: number }>(
    `SELECT state, version FROM ventyd_snapshots WHERE ${ofEntity} AND fingerprint = ? AND version <= ? ORDER BY version DESC LIMIT 1`,
    entityName,
    entityId,
    fingerprint,
    upToVersion,
  )[0];
  return found === undefined ? null : { state: JSON.parse(found.state) as Json, version: found.version };
}

/** How many snapshots an entity keeps of one fingerprint. */
const keptSnapshots = 2;

export function saveSnapshot(
  connection: SqliteConnection,
  {
    entityName,
    entityId,
    fingerprint = "",
    version,
    state,
  }: { entityName: string; entityId: string; fingerprint?: string; version: number; state: string },
): void {
  connection.run(
    "INSERT INTO ventyd_snapshots (entity_name, entity_id, fingerprint, version, state) VALUES (?, ?, ?, ?, ?)" +
      " ON CONFLICT (tenant, entity_name, entity_id, fingerprint, version) DO UPDATE SET state = excluded.state",
    entityName,
    entityId,
    fingerprint,
    version,
    state,
  );
  connection.run(
    `DELETE FROM ventyd_snapshots WHERE ${ofEntity} AND fingerprint = ? AND version NOT IN
      (SELECT version FROM ventyd_snapshots WHERE ${ofEntity} AND fingerprint = ? ORDER BY version DESC LIMIT ${keptSnapshots})`,
    entityName,
    entityId,
    fingerprint,
    entityName,
    entityId,
    fingerprint,
  );
}
