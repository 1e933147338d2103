import type { BaseEventType, CommittedEvent, StoredEvent } from "../schema/event.ts";
import {
  acceptedRows,
  type EntityCommit,
  type EventStore,
  joinTransaction,
  type LoadQuery,
  OpenTransaction,
  type StoreCapabilities,
  storeBehind,
  type TransactionOption,
} from "../storage/index.ts";

/** What an append came to, per commit. */
export interface AppendOutcome {
  readonly version: number;
  readonly events: readonly CommittedEvent[];
  readonly duplicate: boolean;
}

/** A state that was kept, and the version that it belongs to. */
export interface KeptState {
  readonly state: unknown;
  readonly version: number;
  readonly eventId?: string | undefined;
}

/** Where states are kept besides the log. */
export interface SnapshotAccess {
  /**
   * True where a snapshot is kept by the fingerprint of the code that made it, and names the event that it stands on. Elsewhere only the state's
   * schema tells whether it still fits.
   */
  readonly isFingerprinted: boolean;
  find(
    args: { entityName: string; entityId: string; fingerprint: string; upToVersion?: number },
    options: TransactionOption,
  ): Promise<KeptState | null>;
  save(args: { entityName: string; entityId: string; fingerprint: string } & KeptState): Promise<void>;
}

/** What a repository asks of whatever it was given; over a store it is the store, over two methods it is made of them. */
export interface RepositoryStore {
  /** What tells one store from another: the adapter that was given. */
  readonly identity: object;
  readonly capabilities: StoreCapabilities;
  readonly snapshots: SnapshotAccess | undefined;
  load(query: LoadQuery, options: TransactionOption): Promise<readonly BaseEventType[]>;
  loadHistory(query: LoadQuery, options: TransactionOption): Promise<readonly CommittedEvent[]>;
  findByIdempotencyKey(
    args: { entityName: string; entityId: string; idempotencyKey: string },
    options: TransactionOption,
  ): Promise<readonly CommittedEvent[] | null>;
  /** Writes all commits or throws. `states` are what the entities come to, for adapters that keep the last state as well. */
  append(
    commits: readonly EntityCommit[],
    states: readonly unknown[],
    options: TransactionOption,
  ): Promise<readonly AppendOutcome[]>;
  /** What a call belongs to: a transaction of the store's, one that the application has opened, or none. */
  join(options: TransactionOption): OpenTransaction | "application" | undefined;
  /** True where a transaction of this store surrounds the caller, joined or not. */
  isInsideTransaction(): boolean;
  /** Events that belong together with what these correlation ids name. */
  correlated(correlationIds: readonly string[], options: TransactionOption): Promise<readonly CommittedEvent[]>;
}

/** A store goes through the whole list of ids for each page that it reads. */
const idsPerRead = 100;

export function overStore(store: EventStore): RepositoryStore {
  const itself = storeBehind(store);
  return {
    identity: itself,
    capabilities: store.capabilities,
    snapshots: {
      isFingerprinted: true,
      find: (args, options) => store.getSnapshot(args, options),
      save: (args) => store.saveSnapshot(args),
    },
    load: (query, options) => store.load(query, options),
    loadHistory: (query, options) => store.loadHistory(query, options),
    findByIdempotencyKey: (args, options) => store.findByIdempotencyKey(args, options),
    async append(commits, _states, options) {
      const { kind } = joinTransaction(itself, options.transaction);
      const rows = acceptedRows(commits, await store.append(commits, options), kind !== "none");
      return rows.map(({ version, events, status }) => ({ version, events, duplicate: status === "duplicate" }));
    },
    join({ transaction }) {
      const joined = joinTransaction(itself, transaction);
      return joined.kind === "none" ? undefined : joined.kind === "store" ? joined.transaction : joined.kind;
    },
    isInsideTransaction: () => OpenTransaction.current(itself)?.isOpen === true,
    async correlated(correlationIds, { transaction }) {
      const events: StoredEvent[] = [];
      for (let start = 0; start < correlationIds.length; start += idsPerRead) {
        const ids = correlationIds.slice(start, start + idsPerRead);
        for await (const event of store.read({ transaction, correlationIds: ids })) events.push(event);
      }
      return events.sort((a, b) => a.position - b.position);
    },
  };
}
