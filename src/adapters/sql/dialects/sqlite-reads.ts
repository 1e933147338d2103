import { CursorAheadError } from "../../../errors/index.ts";
import type { StoredEvent } from "../../../schema/event.ts";
import {
  type EntitySummary,
  type EventRow,
  type LoadedEvent,
  type LoadQuery,
  type PageQuery,
  type Span,
  type StreamEnd,
  type StreamName,
  toStoredEvent,
} from "../../../storage/index.ts";
import { checkText } from "../../../util/text.ts";
import { selectSpans, spansOf } from "../times.ts";
import { rows, type SqliteValue, type Steps } from "./sqlite-steps.ts";

/**
 * The rows of one entity; takes its name and its id.
 *
 * Expressions, not bare parameters: where SQLite is built with STAT4, as better-sqlite3's is, a statement whose bound values could speak for another
 * index is planned anew whenever they change, which takes ten times as long as the search (50 against 4 microseconds).
 */
export const ofEntity = "tenant = '' AND entity_name = ? || '' AND entity_id = ? || ''";

const loadedColumns =
  "event_id AS eventId, event_created_at AS eventCreatedAt, event_name AS eventName, entity_id AS entityId, entity_name AS entityName, version";
/** 1 where the body is as its schema put it out, 2 where it has been erased. */
const bodyIs = "CASE WHEN erased_at IS NULL THEN flags & 1 ELSE 2 END AS bodyIsOutput";
export const storedColumns = `${loadedColumns}, position, recorded_ms AS recordedMs, actor, correlation_id AS correlationId, flags & 1 AS bodyIsOutput, erased_at IS NOT NULL AS isErased`;
export const contentColumns = "body AS bodyText, metadata AS metadataText";
const fromLog = "FROM ventyd_log JOIN ventyd_content USING (position)";

/** A number as drivers and ORMs give it, as the application has told them. */
type Integer = number | bigint | string;

/** A row as SQLite gives it, which has no booleans. */
export type StoredRow = Omit<EventRow, "version" | "position" | "recordedMs" | "bodyIsOutput" | "isErased"> & {
  readonly [column in "version" | "position" | "recordedMs" | "bodyIsOutput" | "isErased"]: Integer;
};

export function readRow(row: StoredRow): StoredEvent {
  return toStoredEvent({
    ...row,
    version: Number(row.version),
    position: Number(row.position),
    recordedMs: Number(row.recordedMs),
    bodyIsOutput: Number(row.bodyIsOutput) === 1,
    isErased: Number(row.isErased) === 1,
  });
}

/** The part of an entity's stream that a query asks for. */
function* range(query: LoadQuery): Steps<{ sql: string; params: SqliteValue[] }> {
  const { entityName, entityId, afterVersion = 0, version = Number.MAX_SAFE_INTEGER, at, knownAt, position } = query;
  // Half of a surrogate pair would be bound as U+FFFD, and find the entity of that name.
  checkText(entityId, "entityId");
  if (position !== undefined) {
    const head = yield* lastPosition();
    if (position > head) throw new CursorAheadError({ after: position, head });
  }
  let upTo = version;
  for (const [column, bound] of [
    ["event_created_ms", at],
    ["recorded_ms", knownAt],
    ["position", position],
  ] as const) {
    if (bound === undefined) continue;
    const sql = `SELECT version FROM ventyd_log WHERE ${ofEntity} AND ${column} <= ? ORDER BY version DESC LIMIT 1`;
    const [last] = yield* rows<{ version: Integer }>(sql, entityName, entityId, bound);
    upTo = Math.min(upTo, Number(last?.version ?? 0));
  }
  return {
    sql: `${fromLog} WHERE ${ofEntity} AND version > ? AND version <= ? ORDER BY version`,
    params: [entityName, entityId, afterVersion, upTo],
  };
}

export function* loadEvents(query: LoadQuery): Steps<LoadedEvent[]> {
  const { sql, params } = yield* range(query);
  const found = yield* rows<Record<string, unknown>>(`SELECT ${loadedColumns}, body, ${bodyIs} ${sql}`, ...params);
  // In place: there may be very many of them.
  for (const row of found) {
    const is = Number(row.bodyIsOutput);
    row.version = Number(row.version);
    row.body = JSON.parse(row.body as string);
    if (is === 2) row.isErased = true;
    row.bodyIsOutput = is === 1;
  }
  return found as unknown as LoadedEvent[];
}

export function* loadHistory(query: LoadQuery): Steps<StoredEvent[]> {
  const { sql, params } = yield* range(query);
  return (yield* rows<StoredRow>(`SELECT ${storedColumns}, ${contentColumns} ${sql}`, ...params)).map(readRow);
}

export function* eventsOfKey({ entityName, entityId }: StreamName, key: string): Steps<StoredEvent[] | undefined> {
  const sql = `SELECT version, idempotency_size AS size FROM ventyd_log WHERE ${ofEntity} AND idempotency_key = ?`;
  const [first] = yield* rows<{ version: Integer; size: Integer }>(sql, entityName, entityId, key);
  if (first === undefined) return undefined;
  const version = Number(first.version);
  const last = version + Number(first.size) - 1;
  return yield* loadHistory({ entityName, entityId, afterVersion: version - 1, version: last });
}

/** Selects the end of a stream; takes the entity's name and id. */
export const selectEnd =
  "SELECT version, event_id AS eventId, event_created_ms AS createdMs, recorded_ms AS recordedMs, erased_at IS NOT NULL AS isErased" +
  ` FROM ventyd_log WHERE ${ofEntity} ORDER BY version DESC LIMIT 1`;

/** What {@link selectEnd} finds. */
export type EndRow = { readonly [column in "version" | "createdMs" | "recordedMs" | "isErased"]: Integer } & {
  readonly eventId: string;
};

export function readEnd(end: EndRow): StreamEnd {
  return {
    version: Number(end.version),
    eventId: end.eventId,
    createdMs: Number(end.createdMs),
    recordedMs: Number(end.recordedMs),
    isErased: Number(end.isErased) === 1,
  };
}

const filters = {
  entityNames: "entity_name",
  eventNames: "event_name",
  actors: "actor",
  correlationIds: "correlation_id",
} as const;

/** One page of the log between two positions, both exclusive. Contents are fetched for the page alone. */
export function* readPage(options: PageQuery): Steps<StoredEvent[]> {
  const conditions = ["position > ?", "position < ?"];
  const params: SqliteValue[] = [options.after, options.before];
  for (const [name, column] of Object.entries(filters)) {
    const values = options[name as keyof typeof filters];
    if (values === undefined) continue;
    // With a single value an index gives the rows in order; with several they must be sorted.
    const isSingle = values.length === 1;
    conditions.push(isSingle ? `${column} = ?` : `${column} IN (SELECT value FROM json_each(?))`);
    params.push(isSingle ? (values[0] as string) : JSON.stringify(values));
  }
  for (const [bound, comparison] of [
    [options.recordedFrom, ">="],
    [options.recordedBefore, "<"],
  ] as const) {
    if (bound === undefined) continue;
    conditions.push(`recorded_ms ${comparison} ?`);
    params.push(bound);
  }
  const order = `ORDER BY position ${options.order === "desc" ? "DESC" : "ASC"}`;
  const page = `SELECT ${storedColumns} FROM ventyd_log WHERE ${conditions.join(" AND ")} ${order} LIMIT ?`;
  const sql = `SELECT page.*, ${contentColumns} FROM (${page}) AS page JOIN ventyd_content USING (position) ${order}`;
  return (yield* rows<StoredRow>(sql, ...params, options.limit)).map(readRow);
}

/** Where in the log a span of time can be. */
export function* timeSpans(query: PageQuery): Steps<readonly Span[]> {
  const [found] = yield* rows<{ readonly [column: string]: Integer | null }>(selectSpans("ventyd_times", query));
  return spansOf(found);
}

/** The last position of the log; 0 where it is empty. */
export function* lastPosition(): Steps<number> {
  const [last] = yield* rows<{ position: Integer | null }>("SELECT max(position) AS position FROM ventyd_log");
  return Number(last?.position ?? 0);
}

/** Those of some events that are not in the log. */
export function* missingEvents(eventIds: readonly string[]): Steps<ReadonlySet<string>> {
  if (eventIds.length === 0) return new Set();
  const sql =
    "SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT event_id FROM ventyd_log WHERE event_id = value)";
  return new Set((yield* rows<{ id: string }>(sql, JSON.stringify(eventIds))).map(({ id }) => id));
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

export function* listEntities(entityName: string, after: string, limit: number): Steps<EntitySummary[]> {
  type Row = Omit<EntitySummary, "version" | "lastActor"> & { version: Integer; lastActor: string | null };
  return (yield* rows<Row>(entitiesSql, entityName, after, limit)).map(({ version, lastActor, ...row }) => ({
    ...row,
    version: Number(version),
    lastActor: lastActor ?? undefined,
  }));
}
