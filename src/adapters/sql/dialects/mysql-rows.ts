import { Buffer } from "node:buffer";
import type { StoredEvent } from "../../../schema/event.ts";
import { type LoadedEvent, type StreamName, toStoredEvent } from "../../../storage/index.ts";
import type { Json } from "../../../util/json.ts";
import type { SqlConnection, SqlValue } from "../executor.ts";

/** Set in `flags` of an event whose body was stored as its schema put it out. */
export const bodyIsOutputFlag = 1;

/** A row as drivers give it: what is compared byte for byte comes as bytes, and of some drivers big integers as text. */
export interface Row {
  readonly [column: string]: unknown;
}

export const loadedColumns =
  "l.event_id AS eventId, l.event_created_at AS eventCreatedAt, l.event_name AS eventName, l.version";
export const storedColumns = `${loadedColumns}, l.entity_id AS entityId, l.entity_name AS entityName, l.position, l.recorded_ms AS recordedMs, l.actor, l.correlation_id AS correlationId, l.flags & 1 AS bodyIsOutput, l.erased_at IS NOT NULL AS isErased`;
// As bytes, whatever the character set of the connection.
export const bodyColumn = "CAST(c.body AS BINARY) AS bodyText";
export const contentColumns = `${bodyColumn}, CAST(c.metadata AS BINARY) AS metadataText`;
export const ofEntity = "l.tenant = '' AND l.entity_name = ? AND l.entity_id = ?";
export const nowMs = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000";
/** What is read under a lock is what is committed; in the application's REPEATABLE READ, what is read without one may be older. */
export const latest = "LOCK IN SHARE MODE";

export async function one(connection: SqlConnection, sql: string, params?: readonly SqlValue[]): Promise<Row> {
  return (await connection.execute<Row>(sql, params))[0] as Row;
}

/** Text that came as bytes, or as text where the driver made it that already. */
export function text(value: unknown): string {
  if (typeof value === "string") return value;
  const bytes = value as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

export function textOrNull(value: unknown): string | null {
  return value === null ? null : text(value);
}

export function readEvent(row: Row): StoredEvent {
  return toStoredEvent({
    position: Number(row.position),
    version: Number(row.version),
    eventId: text(row.eventId),
    eventName: text(row.eventName),
    eventCreatedAt: text(row.eventCreatedAt),
    entityName: text(row.entityName),
    entityId: text(row.entityId),
    recordedMs: Number(row.recordedMs),
    actor: textOrNull(row.actor),
    correlationId: textOrNull(row.correlationId),
    bodyText: text(row.bodyText),
    metadataText: textOrNull(row.metadataText),
    bodyIsOutput: Number(row.bodyIsOutput) === 1,
    isErased: Number(row.isErased) === 1,
  });
}

/** Of the entity that was asked for, which need not come with each row. */
export function readLoaded({ entityName, entityId }: StreamName): (row: Row) => LoadedEvent {
  return (row) => {
    const event = {
      eventId: text(row.eventId),
      eventCreatedAt: text(row.eventCreatedAt),
      eventName: text(row.eventName),
      entityId,
      entityName,
      version: Number(row.version),
      body: JSON.parse(text(row.bodyText)) as Json,
      bodyIsOutput: Number(row.bodyIsOutput) === 1,
    };
    return Number(row.isErased) === 1 ? { ...event, isErased: true } : event;
  };
}

export function* chunks<T>(values: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < values.length; start += size) yield values.slice(start, start + size);
}
