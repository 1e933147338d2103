import type { AttributionPolicy } from "../../attribution/policy.ts";
import type { AnyAdapter } from "../../repository/types.ts";

/** What a case asks of the store that it is tried on. A plain adapter is asked for nothing. */
export interface ContractStoreOptions {
  /** The clock behind `recordedAt`. */
  readonly now?: () => Date;
  readonly maxBodyBytes?: number;
  /** What the store itself asks of every commit. */
  readonly attribution?: AttributionPolicy;
}

/** A transaction that the application has opened, on the database of the store and without the store's help. */
export interface ApplicationTransaction {
  /** The driver's handle, as it is passed in `{ transaction }`. */
  readonly client: object;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** A store for one case, with what the backend can do besides. */
export interface ContractBackend<TStore extends AnyAdapter = AnyAdapter> {
  readonly store: TStore;
  /** Opens another store on the same contents, in a backend of its own; called also while the first one is open. */
  readonly reopen?: CreateContractStore;
  readonly openTransaction?: () => Promise<ApplicationTransaction>;
  /** Notes down a migration that this build does not know, as a newer build would; for backends with tables that are durable. */
  readonly addMigration?: (migration: { readonly breaking: boolean }) => Promise<void> | void;
  /** Lets go of what was made for this case, when its stores are closed. */
  readonly close?: () => Promise<void> | void;
}

/** Makes a store with nothing in it for one case: the store itself, or the store in a backend. */
export type CreateContractStore = (
  options: ContractStoreOptions,
) => Promise<AnyAdapter | ContractBackend> | AnyAdapter | ContractBackend;

/** What a backend can do; what it cannot is left out, and what happens instead is tried. */
export interface ContractCapabilities {
  /** What is stored is there for the next store on the same contents, which `reopen` shows. Default: what the store's `status()` says. */
  readonly durable?: boolean;
  /** Two stores may be open on the same contents at once. Default: as `durable`. */
  readonly concurrentStores?: boolean;
  /** Joins a transaction that the application has opened. Default: where there is an `openTransaction`. */
  readonly applicationTransactions?: boolean;
  /** Has tables, which `migrate` makes: `createStore` returns the store without them. Default true for a store. */
  readonly migrations?: boolean;
  /** Knows migrations of newer builds. Default: where there is an `addMigration` to show it. */
  readonly newerBuilds?: boolean;
  /** Of adapters with two methods: refuses a batch whose `expectedVersion` is not the stored one. Default true. */
  readonly refusesStaleVersions?: boolean;
  /** Of adapters with two methods: gives the text of a time back as it was given, where otherwise it is the same millisecond in UTC. Default true. */
  readonly keepsTimeText?: boolean;
}

/** What the cases go by. */
export interface Able extends Required<ContractCapabilities> {
  /** There is a `reopen` to show what is durable, or should be one. */
  readonly reopens: boolean;
}

/** A backend, whichever way it was returned. */
export function asBackend(created: AnyAdapter | ContractBackend): ContractBackend {
  return "getEventsByEntityId" in created ? { store: created } : created;
}
