import { CursorAheadError } from "../../errors/index.ts";
import type { StoredEvent } from "../../schema/event.ts";
import { type EventRow, type LoadedEvent, type LoadQuery, type PageQuery, toStoredEvent } from "../../storage/index.ts";
import { checkText } from "../../util/text.ts";
import type { SqliteConnection, SqliteValue } from "./connection.ts";

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
const storedColumns = `${loadedColumns}, position, recorded_ms AS recordedMs, actor, correlation_id AS correlationId, flags & 1 AS bodyIsOutput, erased_at IS NOT NULL AS isErased`;
const contentColumns = "body AS bodyText, metadata AS metadataText";
const fromLog = "FROM ventyd_log JOIN ventyd_content USING (position)";

/** A row as SQLite gives it, which has no booleans. */
type StoredRow = Omit<EventRow, "bodyIsOutput" | "isErased"> & {
  readonly bodyIsOutput: number;
  readonly isErased: number;
};

/** The part of an entity's stream that a query asks for. */
function range(connection: SqliteConnection, query: LoadQuery): { sql: string; params: SqliteValue[] } {
  const { entityName, entityId, afterVersion = 0, version = Number.MAX_SAFE_INTEGER, at, knownAt, position } = query;
  // Half of a surrogate pair would be bound as U+FFFD, and find the entity of that name.
  checkText(entityId, "entityId");
  if (position !== undefined) {
    const head = lastPosition(connection);
    if (position > head) throw new CursorAheadError({ after: position, head });
  }
  const lastBy = (column: "event_created_ms" | "recorded_ms" | "position", bound: number | undefined) =>
    bound === undefined ? version : lastVersion(connection, entityName, entityId, column, bound);
  const upTo = Math.min(
    version,
    lastBy("event_created_ms", at),
    lastBy("recorded_ms", knownAt),
    lastBy("position", position),
  );
  return {
    sql: `${fromLog} WHERE ${ofEntity} AND version > ? AND version <= ? ORDER BY version`,
    params: [entityName, entityId, afterVersion, upTo],
  };
}

/** The last version whose time or position is not above a bound; 0 where there is none. */
function lastVersion(
  connection: SqliteConnection,
  entityName: string,
  entityId: string,
  column: "event_created_ms" | "recorded_ms" | "position",
  bound: number,
): number {
  const sql = `SELECT version FROM ventyd_log WHERE ${ofEntity} AND ${column} <= ? ORDER BY version DESC LIMIT 1`;
  return connection.all<{ version: number }>(sql, entityName, entityId, bound)[0]?.version ?? 0;
}

export function loadEvents(connection: SqliteConnection, query: LoadQuery): LoadedEvent[] {
  const { sql, params } = range(connection, query);
  const rows = connection.all<Record<string, unknown>>(`SELECT ${loadedColumns}, body, ${bodyIs} ${sql}`, ...params);
  // In place: there may be very many of them.
  for (const row of rows) {
    row.body = JSON.parse(row.body as string);
    if (row.bodyIsOutput === 2) row.isErased = true;
    row.bodyIsOutput = row.bodyIsOutput === 1;
  }
  return rows as unknown as LoadedEvent[];
}

export function loadHistory(connection: SqliteConnection, query: LoadQuery): StoredEvent[] {
  const { sql, params } = range(connection, query);
  return connection.all<StoredRow>(`SELECT ${storedColumns}, ${contentColumns} ${sql}`, ...params).map(readRow);
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

function readRow(row: StoredRow): StoredEvent {
  return toStoredEvent({ ...row, bodyIsOutput: row.bodyIsOutput === 1, isErased: row.isErased === 1 });
}

const filters = {
  entityNames: "entity_name",
  eventNames: "event_name",
  actors: "actor",
  correlationIds: "correlation_id",
} as const;

/** One page of the log between two positions, both exclusive. Contents are fetched for the page alone. */
export function readPage(connection: SqliteConnection, options: PageQuery): StoredEvent[] {
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
  const order = `ORDER BY position ${options.order === "desc" ? "DESC" : "ASC"}`;
  const page = `SELECT ${storedColumns} FROM ventyd_log WHERE ${conditions.join(" AND ")} ${order} LIMIT ?`;
  const sql = `SELECT page.*, ${contentColumns} FROM (${page}) AS page JOIN ventyd_content USING (position) ${order}`;
  return connection.all<StoredRow>(sql, ...params, options.limit).map(readRow);
}

/** The last position of the log; 0 where it is empty. */
export function lastPosition(connection: SqliteConnection): number {
  return (
    connection.all<{ position: number | null }>("SELECT max(position) AS position FROM ventyd_log")[0]?.position ?? 0
  );
}

/** Those of some events that are not in the log. */
export function missingEvents(connection: SqliteConnection, eventIds: readonly string[]): ReadonlySet<string> {
  if (eventIds.length === 0) return new Set();
  const sql =
    "SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT event_id FROM ventyd_log WHERE event_id = value)";
  return new Set(connection.all<{ id: string }>(sql, JSON.stringify(eventIds)).map(({ id }) => id));
}
