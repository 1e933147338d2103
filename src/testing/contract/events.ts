import type { StoredEvent } from "../../schema/event.ts";
import type { CommitRow, EntityCommit, EventStore, NewEvent, ReadOptions } from "../../storage/index.ts";
import { randomId } from "../../util/random-id.ts";
import { startTimer } from "../../util/timers.ts";

/** The entity of most cases. */
export const thing = { entityName: "thing", entityId: "t" } as const;

/** When the events of these cases happened, unless they say otherwise. */
export const noon = "2024-01-01T12:00:00.000Z";

/** An event to append; a text stands for its id. */
export function newEvent(given: string | Partial<NewEvent> = {}): NewEvent {
  const overrides = typeof given === "string" ? { eventId: given } : given;
  return {
    eventId: randomId(),
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

/** Writes commits of several entities, at once where the store can. */
export async function writeAll(store: EventStore, commits: readonly EntityCommit[]): Promise<void> {
  if (store.capabilities.atomicBatches) await store.append(commits);
  else for (const commit of commits) await write(store, commit);
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

/** The ids of events. */
export function ids(events: readonly { readonly eventId: string }[]): string[] {
  return events.map(({ eventId }) => eventId);
}

/** The versions of events. */
export function versions(events: readonly { readonly version?: number }[]): (number | undefined)[] {
  return events.map(({ version }) => version);
}

/** The ids of one entity's events, in version order. */
export async function storedIds(store: EventStore, entityId: string, entityName = "thing"): Promise<string[]> {
  return ids(await store.loadHistory({ entityName, entityId }));
}

/** The numbers 1 to n. */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1);
}

/** Ids e1, e2 ..., from one number to another. */
export function numbered(from: number, to: number): string[] {
  return upTo(to)
    .slice(from - 1)
    .map((n) => `e${n}`);
}

/** What a promise gives; fails where it would never settle. */
export async function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  let stopTimer = () => {};
  const late = new Promise<never>((_, reject) => {
    stopTimer = startTimer(10_000, () => reject(new Error(`${what}: nothing came within 10 s`)));
  });
  return Promise.race([promise, late]).finally(stopTimer);
}

/** The next events of a subscription, so many of them. */
export async function take(subscription: AsyncIterator<StoredEvent>, count: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  while (events.length < count) {
    const { done, value } = await soon(subscription.next(), `event ${events.length + 1} of ${count}`);
    if (done) throw new Error(`the subscription ended after ${events.length} of ${count} events`);
    events.push(value);
  }
  return events;
}

/** A promise with its handles. */
export function deferred<T = void>(): {
  readonly promise: Promise<T>;
  resolve(value: T): void;
} {
  return Promise.withResolvers<T>();
}
