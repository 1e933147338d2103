import type { BaseEventType } from "../../schema/event.ts";
import { parseInstant } from "../../util/instant.ts";
import type { BaseEventRow } from "./types.ts";

type Event = BaseEventType & { readonly metadata?: unknown };

/** Where the text of a time is kept, beside the metadata, when it says more than a date can: an offset, or a part of a millisecond. */
const timeText = "$eventCreatedAt";

/**
 * @throws {ValidationError} `invalid_instant` for a time that the column would hold and nobody could read.
 */
export function toRow(event: Event, keepsMetadata: boolean): BaseEventRow {
  const { eventId, eventName, entityId, entityName, eventCreatedAt, body, version, metadata } = event;
  const time = new Date(parseInstant(eventCreatedAt, `eventCreatedAt of "${eventName}"`));
  const saysMore = time.toISOString() !== eventCreatedAt;
  return {
    eventId,
    eventName,
    entityId,
    entityName,
    eventCreatedAt: time,
    body: asInput(body),
    ...(version !== undefined && { version }),
    ...(keepsMetadata && {
      metadata: asInput({ ...(metadata as object), ...(saysMore && { [timeText]: eventCreatedAt }) }),
    }),
  };
}

export function fromRow(row: BaseEventRow, keepsMetadata: boolean): Event {
  const { eventId, eventCreatedAt: time, eventName, entityId, entityName, body, version } = row;
  const { [timeText]: text, ...metadata } = (row.metadata ?? {}) as { readonly [timeText]?: string };
  return {
    eventId,
    // A date that is none becomes a text that is none: the entity loads, and only `at` says what is wrong.
    eventCreatedAt: text ?? (Number.isNaN(time.getTime()) ? String(time) : time.toISOString()),
    eventName,
    entityId,
    entityName,
    body,
    ...(version !== undefined && version !== null && { version }),
    ...(keepsMetadata && { metadata }),
  };
}

/**
 * JSON as the client takes it over whole. It copies objects key by key, and loses the key `__proto__` over that; one that has a `$type`,
 * which means something to the client itself, it hands on as it is.
 */
export function asInput(json: unknown): unknown {
  if (!JSON.stringify(json)?.includes('"__proto__":')) return json;
  if (Array.isArray(json)) return json.map(asInput);
  return Object.hasOwn(json as object, "$type")
    ? json
    : Object.defineProperty({ ...(json as object) }, "$type", { value: "Raw" });
}
