import type { BaseEventType, CommittedEvent, StoredEvent } from "../schema/event.ts";
import {
  acceptedRows,
  type EntityCommit,
  type EventStore,
  joinTransaction,
  type LoadQuery,
  OpenTransaction,
  type StoreCapabilities,
  type TransactionOption,
} from "../storage/index.ts";

/** What an append came to, per commit. */
export interface AppendOutcome {
  readonly version: number;
  readonly events: readonly CommittedEvent[];
  readonly duplicate: boolean;
}

/** What a repository asks of whatever it was given; over a store it is the store, over two methods it is made of them. */
export interface RepositoryStore {
  /** What tells one store from another: the adapter that was given. */
  readonly identity: object;
  readonly capabilities: StoreCapabilities;
  load(query: LoadQuery, options: TransactionOption): Promise<readonly BaseEventType[]>;
  loadHistory(query: LoadQuery, options: TransactionOption): Promise<readonly CommittedEvent[]>;
  /** Writes all commits or throws. `states` are what the entities come to, for adapters that keep the last state as well. */
  append(
    commits: readonly EntityCommit[],
    states: readonly unknown[],
    options: TransactionOption,
  ): Promise<readonly AppendOutcome[]>;
  /** The transaction that a call belongs to; what is written in it is durable only when it has ended. */
  transactionOf(options: TransactionOption): OpenTransaction | undefined;
  /** True where a transaction of this store surrounds the caller, joined or not. */
  isInsideTransaction(): boolean;
  /** Events that belong together with what these correlation ids name. */
  correlated(correlationIds: readonly string[], options: TransactionOption): Promise<readonly CommittedEvent[]>;
}

/** A store goes through the whole list of ids for each page that it reads. */
const idsPerRead = 100;

export function overStore(store: EventStore): RepositoryStore {
  return {
    identity: store,
    capabilities: store.capabilities,
    load: (query, options) => store.load(query, options),
    loadHistory: (query, options) => store.loadHistory(query, options),
    async append(commits, _states, options) {
      const { kind } = joinTransaction(store, options.transaction);
      const rows = acceptedRows(commits, await store.append(commits, options), kind !== "none");
      return rows.map(({ version, events, status }) => ({ version, events, duplicate: status === "duplicate" }));
    },
    transactionOf({ transaction }) {
      const joined = joinTransaction(store, transaction);
      return joined.kind === "store" ? joined.transaction : undefined;
    },
    isInsideTransaction: () => OpenTransaction.current(store)?.isOpen === true,
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
