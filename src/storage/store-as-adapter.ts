import type { Metadata } from "../attribution/metadata.ts";
import type { BaseEventType } from "../schema/event.ts";
import { toJson } from "../util/json.ts";
import { acceptedRows } from "./refusal.ts";
import type { Adapter, EventStore } from "./types.ts";

type GetEvents = Parameters<Adapter["getEventsByEntityId"]>[0];
type CommitEvents = Parameters<Adapter["commitEvents"]>[0];

/** `getEventsByEntityId` of every store, for whoever uses it as a plain adapter; with metadata, as `storesMetadata` says. */
export async function getEventsByEntityId(store: EventStore, args: GetEvents): Promise<BaseEventType[]> {
  const events = await store.loadHistory(args);
  return events.map(({ position: _position, recordedAt: _recordedAt, bodyIsOutput: _isOutput, ...event }) => event);
}

/** `commitEvents` of every store; a repository calls `append` itself. */
export async function commitEvents(store: EventStore, args: CommitEvents): Promise<void> {
  const { entityName, entityId } = args;
  const expectedVersion = args.expectedVersion ?? ("any" as const);
  if (args.events.length === 0) return;
  const events = (args.events as (BaseEventType & { metadata?: Metadata })[]).map((event) => ({
    eventId: event.eventId,
    eventName: event.eventName,
    eventCreatedAt: event.eventCreatedAt,
    body: toJson(event.body, `the body of "${event.eventName}"`),
    metadata: event.metadata ?? {},
    bodyIsOutput: false,
  }));
  const commits = [{ entityName, entityId, expectedVersion, events }];
  acceptedRows(commits, await store.append(commits));
}
