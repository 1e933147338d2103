import type { StoredEvent } from "../../../schema/event.ts";
import { type EventRow, type LoadedEvent, type StreamName, toStoredEvent } from "../../../storage/index.ts";
import type { Json } from "../../../util/json.ts";
import type { SqlConnection, SqlValue } from "../executor.ts";

/** Set in `flags` of an event whose body was stored as its schema put it out. */
export const bodyIsOutputFlag = 1;

/** A row as drivers give it, of which some give big integers as text. */
export interface Row {
  readonly [column: string]: string | number | boolean | null;
}

export const loadedColumns =
  'l.event_id AS "eventId", l.event_created_at AS "eventCreatedAt", l.event_name AS "eventName", l.version';
export const storedColumns = `${loadedColumns}, l.entity_id AS "entityId", l.entity_name AS "entityName", l.position, l.recorded_ms AS "recordedMs", l.actor, l.correlation_id AS "correlationId", (l.flags & 1) = 1 AS "bodyIsOutput", l.erased_at IS NOT NULL AS "isErased"`;
export const contentColumns = 'c.body AS "bodyText", c.metadata AS "metadataText"';
export const ofEntity = "l.tenant = '' AND l.entity_name = $1 AND l.entity_id = $2";

export async function one<TRow extends object = Row>(
  connection: SqlConnection,
  sql: string,
  params?: readonly SqlValue[],
): Promise<TRow> {
  return (await connection.execute<TRow>(sql, params))[0] as TRow;
}

/** Drivers give bigint as text, as a number or as a bigint, as the application has told them. */
export function number(value: unknown): number {
  return Number(value);
}

export function readEvent(row: Row): StoredEvent {
  return toStoredEvent({
    ...(row as unknown as EventRow),
    version: number(row.version),
    position: number(row.position),
    recordedMs: number(row.recordedMs),
  });
}

/** Of the entity that was asked for, which need not come with each row. */
export function readLoaded({ entityName, entityId }: StreamName): (row: Row) => LoadedEvent {
  return ({ bodyText, isErased, version, ...row }) => {
    const event = {
      ...row,
      entityName,
      entityId,
      version: number(version),
      body: JSON.parse(bodyText as string) as Json,
    };
    return (isErased === true ? { ...event, isErased } : event) as LoadedEvent;
  };
}
