import { UnsupportedError } from "../errors/index.ts";
import type { CommittedEvent } from "../schema/event.ts";
import { happenedBy, inOrder } from "../schema/legacy-stream.ts";
import type { Adapter, EntityCommit, EventStore, LoadQuery, TransactionOption } from "../storage/index.ts";
import { clone } from "../util/clone.ts";
import type { RepositoryStore, SnapshotAccess } from "./repository-store.ts";

/** True for a store, which is an adapter with everything. */
export function isEventStore(adapter: object): adapter is EventStore {
  const store = adapter as Partial<EventStore>;
  return (
    typeof store.append === "function" && typeof store.load === "function" && typeof store.capabilities === "object"
  );
}

/**
 * Lets a repository work over an adapter of two methods, which may return streams that our stores never do. Methods are looked up at each
 * call: they may be replaced.
 */
export function overPlainAdapter(adapter: Adapter): RepositoryStore {
  async function load(
    { entityName, entityId, afterVersion, version, at, knownAt, position }: LoadQuery,
    options: TransactionOption,
  ): Promise<CommittedEvent[]> {
    assertNoTransaction(options);
    if (knownAt !== undefined || position !== undefined) throw unsupported("time travel by what a store records");
    const stored = await adapter.getEventsByEntityId({
      entityName,
      entityId,
      ...(afterVersion !== undefined && { afterVersion }),
    });
    let events = inOrder(stored as CommittedEvent[]);
    // Not every adapter knows `afterVersion`.
    if (afterVersion !== undefined) events = events.filter((event) => !(event.version <= afterVersion));
    if (at !== undefined) return events.slice(0, events.findLastIndex((event) => happenedBy(event, at)) + 1);
    return version === undefined ? events : events.filter((event) => event.version <= version);
  }

  return {
    identity: adapter,
    capabilities: { metadata: adapter.storesMetadata === true, atomicBatches: false },
    get snapshots() {
      return snapshotsOf(adapter);
    },
    load,
    // Copies: what the adapter keeps in memory is handed out to be looked at.
    loadHistory: async (query, options) =>
      (await load(query, options)).map((event) => clone({ ...event, metadata: event.metadata ?? {} })),
    async findByIdempotencyKey() {
      throw unsupported("an idempotency key");
    },
    async append([commit], [state]) {
      // One commit at most: batches are not atomic here.
      const { entityName, entityId, events: given, idempotencyKey } = commit as EntityCommit;
      const { expectedVersion } = commit as EntityCommit & { expectedVersion: number };
      if (idempotencyKey !== undefined) throw unsupported("an idempotency key");
      const events = given.map(
        // The keys in the order that they have wherever an event is seen.
        ({ eventId, eventCreatedAt, eventName, body, metadata }, index): CommittedEvent => ({
          eventId,
          eventCreatedAt,
          eventName,
          entityId,
          entityName,
          body,
          version: expectedVersion + index + 1,
          metadata,
        }),
      );
      // Copies: what an adapter keeps in memory must not be what somebody else can change.
      const copies = events.map(({ metadata, ...event }) =>
        clone(adapter.storesMetadata === true ? { ...event, metadata } : event),
      );
      await adapter.commitEvents({ entityName, entityId, events: copies, state: clone(state), expectedVersion });
      return [{ version: expectedVersion + events.length, events, duplicate: false }];
    },
    join(options) {
      assertNoTransaction(options);
      return undefined;
    },
    isInsideTransaction: () => false,
    correlated: async () => [],
  };
}

function snapshotsOf(adapter: Adapter): SnapshotAccess | undefined {
  if (adapter.getSnapshot === undefined && adapter.saveSnapshot === undefined) return undefined;
  return {
    isFingerprinted: false,
    find: async ({ entityName, entityId }) => (await adapter.getSnapshot?.({ entityName, entityId })) ?? null,
    save: async ({ entityName, entityId, state, version }) =>
      adapter.saveSnapshot?.({ entityName, entityId, state, version }),
  };
}

/** @throws {UnsupportedError} */
function assertNoTransaction({ transaction }: TransactionOption): void {
  if (transaction !== undefined && transaction !== null) throw unsupported("a transaction");
}

function unsupported(ability: string): UnsupportedError {
  return new UnsupportedError(
    ability,
    `Unsupported: an adapter of two methods has no room for ${ability}. Use a store for that.`,
  );
}
