import { randomUUID } from "node:crypto";
import type { CommitRow, EntityCommit, EventStore, NewEvent, ReadOptions, StoredEvent } from "ventyd";

/** Makes a fresh store, migrated and empty, for one test, and lets go of it when that test has ended. */
export type CreateStore = (options?: { now?: () => Date; maxBodyBytes?: number }) => Promise<EventStore>;

/** The clock of the events in these tests, unless they say otherwise. */
export const noon = "2024-01-01T12:00:00.000Z";

/** An event to append; a text stands for its id. */
export function newEvent(given: string | Partial<NewEvent> = {}): NewEvent {
  const overrides = typeof given === "string" ? { eventId: given } : given;
  return {
    eventId: randomUUID(),
    eventName: "thing:happened",
    eventCreatedAt: noon,
    body: {},
    metadata: {},
    bodyIsOutput: true,
    ...overrides,
  };
}

/** The commit of one entity; ids and names not given are made up. */
export function commitOf(
  entityId: string,
  expectedVersion: number | "any",
  events: readonly (string | Partial<NewEvent>)[],
  more: Partial<EntityCommit> = {},
): EntityCommit {
  return { entityName: "thing", entityId, expectedVersion, events: events.map(newEvent), ...more };
}

/** Appends one commit, and answers with its row. */
export async function appendOne(store: EventStore, commit: EntityCommit): Promise<CommitRow> {
  const rows = await store.append([commit]);
  if (rows.length !== 1) throw new Error(`one commit was answered with ${rows.length} rows`);
  return rows[0] as CommitRow;
}

/** Appends one commit that must be written, and answers with its events. */
export async function write(store: EventStore, commit: EntityCommit): Promise<readonly StoredEvent[]> {
  const row = await appendOne(store, commit);
  if (row.status !== "written") throw new Error(`expected the commit to be written, it was ${row.status}`);
  return row.events;
}

/** The events of a row that was not refused. */
export function eventsOf(row: CommitRow | undefined): readonly StoredEvent[] {
  if (row === undefined || !("events" in row)) throw new Error(`refused: ${JSON.stringify(row)}`);
  return row.events;
}

/** The whole of what a read yields. */
export async function readAll(store: EventStore, options?: ReadOptions): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of store.read(options)) events.push(event);
  return events;
}

/** The ids of one entity's events, in version order. */
export async function storedIds(store: EventStore, entityId: string, entityName = "thing"): Promise<string[]> {
  return (await store.loadHistory({ entityName, entityId })).map(({ eventId }) => eventId);
}

/** The versions 1 to n. */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1);
}
