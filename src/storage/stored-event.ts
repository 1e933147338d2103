import type { Metadata } from "../attribution/metadata.ts";
import type { StoredEvent } from "../schema/event.ts";
import { formatInstant } from "../util/instant.ts";
import type { Json } from "../util/json.ts";
import type { InsertAt, StreamName } from "./append-commits.ts";
import type { NewEvent } from "./types.ts";

/** An event as a store keeps it: what is searched for by itself, the rest as JSON text. */
export interface EventRow extends StreamName {
  readonly position: number;
  readonly version: number;
  readonly eventId: string;
  readonly eventName: string;
  readonly eventCreatedAt: string;
  readonly recordedMs: number;
  readonly actor: string | null;
  readonly correlationId: string | null;
  readonly bodyText: string;
  /** Metadata but the actor and the correlation id; `null` where there is none. */
  readonly metadataText: string | null;
  readonly bodyIsOutput: boolean;
  readonly isErased: boolean;
}

/** Reads a row back; nothing of it is shared with another reading. */
export function toStoredEvent(row: EventRow): StoredEvent {
  const { eventId, eventCreatedAt, eventName, entityId, entityName, version, position, isErased } = row;
  const event = {
    eventId,
    eventCreatedAt,
    eventName,
    entityId,
    entityName,
    version,
    body: JSON.parse(row.bodyText) as Json,
    metadata: metadataOf(row),
    position,
    recordedAt: formatInstant(row.recordedMs),
    bodyIsOutput: row.bodyIsOutput,
  };
  return isErased ? { ...event, isErased } : event;
}

/** What an insert answers with: the event as it was given, with what the store has added. */
export function insertedEvent(
  { entityName, entityId }: StreamName,
  { eventId, eventCreatedAt, eventName, body, metadata, bodyIsOutput, isErased }: NewEvent,
  { version, recordedMs }: InsertAt,
  position: number,
): StoredEvent {
  const recordedAt = formatInstant(recordedMs);
  const event = {
    eventId,
    eventCreatedAt,
    eventName,
    entityId,
    entityName,
    version,
    body,
    metadata,
    position,
    recordedAt,
    bodyIsOutput,
  };
  return isErased ? { ...event, isErased } : event;
}

/** What an erasure leaves of a row's `metadataText`: attribution stays, what the application has added goes. */
export function erasedMetadataText(metadataText: string | null): string | null {
  if (metadataText === null) return null;
  const { reason, causationId } = JSON.parse(metadataText) as Metadata;
  return reason === undefined && causationId === undefined ? null : JSON.stringify({ reason, causationId });
}

/** Puts back what a row keeps by itself, in the order in which metadata is written. */
function metadataOf({ actor, correlationId, metadataText }: EventRow): Metadata {
  const rest = metadataText === null ? {} : (JSON.parse(metadataText) as Metadata);
  const { reason, causationId, ...custom } = rest;
  return {
    ...(actor !== null && { actor }),
    ...(reason !== undefined && { reason }),
    ...(correlationId !== null && { correlationId }),
    ...(causationId !== undefined && { causationId }),
    ...custom,
  };
}
