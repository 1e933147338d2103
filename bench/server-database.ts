import type { EventStore, NewEvent } from "ventyd";

/** Our store on a server, and the driver alone beside it, on the same pool of connections. */
export interface ServerDatabase {
  readonly store: EventStore;
  readonly url: string;
  /** Name and version of the server. */
  readonly engine: string;
  /** One INSERT, which is a round trip and a transaction: the same data into one table, with the columns and the indexes of our log. */
  insert(values: readonly unknown[]): Promise<unknown>;
  /** The columns that a fold needs, read from our tables. */
  select(entityId: string): Promise<readonly { readonly eventName: string; body: unknown }[]>;
}

/** A kind of server. */
export interface ServerKind {
  /** What its rows are called by. */
  readonly name: string;
  /** Runs `work` on a database of its own, dropped afterwards, with so many connections. */
  with<T>(connections: number, work: (database: ServerDatabase) => Promise<T>): Promise<T>;
}

/** What the raw table is filled with, in the order of {@link rawColumns}. */
export function rawValues(entityId: string, version: number, event: NewEvent): readonly unknown[] {
  const { eventId, eventName, eventCreatedAt, body, metadata } = event;
  const { actor, ...rest } = metadata;
  const createdMs = Date.parse(eventCreatedAt);
  return [
    "order",
    entityId,
    version,
    eventId,
    eventName,
    eventCreatedAt,
    createdMs,
    Date.now(),
    actor,
    1,
    JSON.stringify(body),
    JSON.stringify(rest),
  ];
}

export const rawColumns =
  "entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms, actor, flags, body, metadata";
