import type { Metadata } from "../attribution/metadata.ts";
import type { Json } from "../util/json.ts";

/** The seven keys of an event: what reducers, adapters and user schemas see. */
export type BaseEventType = {
  eventId: string;
  /** When it happened: an ISO 8601 instant, offset allowed. */
  eventCreatedAt: string;
  /** Full name: entity name, separator, short name; `"post:approved"`. */
  eventName: string;
  entityId: string;
  entityName: string;
  body: unknown;
  /** Number of the event in its entity, from 1. Only events written by other libraries lack it. */
  // Undefined by name: what a user's own schema makes of an optional key fits under `exactOptionalPropertyTypes` too.
  version?: number | undefined;
};

/** The seven keys of an event, around a body. */
export function envelopeOf(event: BaseEventType, body: unknown): BaseEventType {
  const { eventId, eventCreatedAt, eventName, entityId, entityName, version } = event;
  const envelope: BaseEventType = { eventId, eventCreatedAt, eventName, entityId, entityName, body };
  if (version !== undefined) envelope.version = version;
  return envelope;
}

/** An event of one name, as a reducer sees it. */
export interface EventOf<TEntityName extends string, TEventName extends string, TBody> {
  eventId: string;
  eventCreatedAt: string;
  eventName: TEventName;
  entityId: string;
  entityName: TEntityName;
  body: TBody;
  version?: number;
}

/** An event that was committed: the seven keys, its body as it is stored, and its metadata. */
export interface CommittedEvent {
  readonly eventId: string;
  readonly eventCreatedAt: string;
  readonly eventName: string;
  readonly entityId: string;
  readonly entityName: string;
  readonly version: number;
  readonly body: Json;
  readonly metadata: Metadata;
  /** There once its entity has been erased: the body is `null` then, and metadata of the application's own is gone. */
  readonly isErased?: true;
}

/** A committed event with its place in the log of a store. */
export interface StoredEvent extends CommittedEvent {
  /** Number of the event in the whole store, increasing; the cursor of every reader. */
  readonly position: number;
  /** When the store wrote it, by the clock of the database, in milliseconds and UTC. */
  readonly recordedAt: string;
  /** True when the body is as its schema put it out, so that it can be read back without being parsed. */
  readonly bodyIsOutput: boolean;
}

/** Short name of the event that a rollback appends, behind the entity's name and separator. */
export const rolledBack = "$rolled_back";

/** Short name of the event that an erasure appends. */
export const erased = "$erased";
