import type { Attribution, Metadata } from "../attribution/metadata.ts";
import type { access } from "../schema/access.ts";
import type { DefaultSchema } from "../schema/define-schema.ts";
import type { BaseEventType, CommittedEvent, StoredEvent } from "../schema/event.ts";
import type { InferEntityNameFromSchema, InferEventFromSchema, InferStateFromSchema } from "../schema/infer.ts";
import type { Json } from "../util/json.ts";
import type { StoreTransaction } from "./transaction.ts";
import type { AbortSignalLike } from "./wake-ups.ts";

/**
 * The smallest thing that a repository can use: two methods over whatever keeps your data. A store is an adapter with everything.
 *
 * An adapter must return the events of one entity oldest first, and must write a batch whole or not at all. It should refuse a batch whose
 * `expectedVersion` is not the stored one with a {@link ConcurrencyError}; nothing else protects it from two writers at once.
 */
export interface Adapter<TSchema = DefaultSchema> {
  getEventsByEntityId(args: {
    entityName: string;
    entityId: string;
    afterVersion?: number;
  }): Promise<InferEventFromSchema<TSchema>[]>;
  commitEvents(args: {
    entityName: InferEntityNameFromSchema<TSchema>;
    entityId: string;
    events: InferEventFromSchema<TSchema>[];
    state: InferStateFromSchema<TSchema>;
    expectedVersion?: number;
  }): Promise<void>;
  getSnapshot?(args: {
    entityName: string;
    entityId: string;
  }): Promise<{ state: InferStateFromSchema<TSchema>; version: number } | null>;
  saveSnapshot?(args: {
    entityName: InferEntityNameFromSchema<TSchema>;
    entityId: string;
    state: InferStateFromSchema<TSchema>;
    version: number;
  }): Promise<void>;
  /**
   * True when the `metadata` of each event is kept and comes back with it. Default false; an attribution policy and `rollback` are then
   * refused with `UnsupportedError`, for who and why would be lost.
   */
  readonly storesMetadata?: boolean;
}

/** What a store can do. Core reads this and never asks which store it has. */
export interface StoreCapabilities {
  /** Who, when and why are kept. When false, attribution policies and `rollback` are `UnsupportedError`. */
  readonly metadata: boolean;
  /** Several entities are written in one transaction. When false, committing more than one is `UnsupportedError`. */
  readonly atomicBatches: boolean;
}

/** An event as it is handed to a store; the store gives it version, position and time. */
export interface NewEvent {
  readonly eventId: string;
  readonly eventName: string;
  readonly eventCreatedAt: string;
  readonly body: Json;
  readonly metadata: Metadata;
  /** As in {@link StoredEvent}. */
  readonly bodyIsOutput: boolean;
  /** When another store wrote it; for imports. Default: now, by the clock of this store. */
  readonly recordedAt?: string | undefined;
  /** Its entity was erased in the store that it comes from; for imports. */
  readonly isErased?: true | undefined;
}

/** The events of one entity in an append. */
export interface EntityCommit {
  readonly entityName: string;
  readonly entityId: string;
  /** The version that must be stored: 0 = the entity must not exist, n = exactly n, `"any"` = not checked. */
  readonly expectedVersion: number | "any";
  /** The id of the event that has that version, where it is known; another one there is a conflict. */
  readonly expectedEventId?: string | undefined;
  /** At least one; their ids differ. */
  readonly events: readonly NewEvent[];
  /** Stands for this commit in its entity: a second commit with the same key is answered with the first. */
  readonly idempotencyKey?: string | undefined;
}

/**
 * What became of one entity's commit.
 *
 * - `written`: the events are stored; those of a prefix that was stored before are answered too.
 * - `duplicate`: these very events, or others under the same idempotency key, were stored before; here they are as stored.
 * - `conflict`: the stored version is not the expected one.
 * - `corrupt_retry`: some of the ids are stored, but not as this commit would have them. A bug in the caller; never a write.
 * - `key_mismatch`: the idempotency key stands for events of other names.
 * - `held_back`: nothing is wrong with this one, but another commit of the same append was refused.
 *
 * When one commit of an append is refused, none of them is written.
 */
export type CommitRow =
  | { readonly status: "written" | "duplicate"; readonly version: number; readonly events: readonly StoredEvent[] }
  | {
      readonly status: "conflict";
      readonly actualVersion: number;
      /** The database has given up the transaction that the append belonged to; it can only be aborted. */
      readonly transactionAborted?: true | undefined;
    }
  | { readonly status: "corrupt_retry"; readonly actualVersion: number }
  | { readonly status: "key_mismatch" | "held_back" };

/** Which events of one entity to load for a fold. */
export interface LoadQuery {
  readonly entityName: string;
  readonly entityId: string;
  /** Only events after this version; default 0. */
  readonly afterVersion?: number | undefined;
  /** Only events up to this version. */
  readonly version?: number | undefined;
  /** Only events up to the last one that happened at or before this instant, in milliseconds; all before it in version order included. */
  readonly at?: number | undefined;
  /** Only events up to the last one that was stored at or before this instant, in milliseconds by the clock of the store. */
  readonly knownAt?: number | undefined;
  /** Only events up to this position. Above the last one it is `CursorAheadError`: what will stand there is not decided. */
  readonly position?: number | undefined;
}

/** A stored event as a fold needs it: without its metadata. */
export type LoadedEvent = BaseEventType &
  Pick<StoredEvent, "isErased" | "bodyIsOutput"> & { readonly version: number; readonly body: Json };

/** Which part of the log to read. Filters narrow each other; an empty list lets nothing through. */
export interface ReadOptions<TClient = unknown> extends TransactionOption<TClient> {
  /** Only events after this position; default 0, the start of the log. */
  readonly after?: number | undefined;
  /** Only events before this position. */
  readonly before?: number | undefined;
  /** `"asc"`, oldest first, is the default. */
  readonly order?: "asc" | "desc" | undefined;
  readonly entityNames?: readonly string[] | undefined;
  /** Full event names. */
  readonly eventNames?: readonly string[] | undefined;
  readonly actors?: readonly string[] | undefined;
  readonly correlationIds?: readonly string[] | undefined;
  /** Only events that were recorded at this instant or later, by `recordedAt`: an ISO 8601 text with an offset, or a `Date`. */
  readonly recordedFrom?: string | Date | undefined;
  /** Only events that were recorded before this instant, so that one span of time can begin where another ends. */
  readonly recordedBefore?: string | Date | undefined;
  /** At most so many events; default all. */
  readonly limit?: number | undefined;
}

/** What to be told of. Filters narrow each other. */
export interface SubscribeOptions
  extends Pick<
    ReadOptions,
    "entityNames" | "eventNames" | "actors" | "correlationIds" | "recordedFrom" | "recordedBefore"
  > {
  /** Only events after this position; default: those that are stored from now on. */
  readonly after?: number | undefined;
  /** Ends the subscription, and the loop over it, without an error. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Which entities to list. */
export interface EntitiesOptions<TClient = unknown> extends TransactionOption<TClient> {
  readonly entityName: string;
  /** Only ids after this one, in the order of their UTF-8 bytes. */
  readonly after?: string | undefined;
  /** At most so many; default 100. */
  readonly limit?: number | undefined;
}

/** One entity in a list. */
export interface EntitySummary {
  readonly entityName: string;
  readonly entityId: string;
  readonly version: number;
  /** `eventCreatedAt` of the first event. */
  readonly createdAt: string;
  /** `eventCreatedAt` of the last event. */
  readonly updatedAt: string;
  /** Actor of the last event, where it has one. */
  readonly lastActor: string | undefined;
}

/** Which transaction a call belongs to. */
export interface TransactionOption<TClient = unknown> {
  /**
   * The transaction of `store.transaction`, or the driver's own handle with a transaction that the application has opened. Default: the
   * `store.transaction` that surrounds the call. `null` stays out of it.
   */
  readonly transaction?: StoreTransaction<TClient> | TClient | null | undefined;
}

/** What may be said with a commit. */
export interface CommitOptions extends Attribution {
  /**
   * Stands for this commit in each of its entities, for good: the same key again is answered with what was stored the first time. For commands
   * that may arrive twice.
   */
  readonly idempotencyKey?: string | undefined;
}

/** What became of a commit. */
export type CommitResult<TEvent extends CommittedEvent = StoredEvent> = {
  /** The entity's version after these events. */
  readonly version: number;
  /** The events as they are stored; empty where there was nothing to commit. */
  readonly events: readonly TEvent[];
  /** True when these events, or others under the same idempotency key, had been stored before. */
  readonly duplicate: boolean;
} & (TEvent extends StoredEvent ? WithPosition : {});

/** Where in the log a commit stands. */
interface WithPosition {
  /** Position of the last event; `undefined` where there was nothing to commit. */
  readonly position: number | undefined;
}

/** An entity that can be committed, of whichever class. */
export interface CommittableEntity {
  readonly entityName: string;
  readonly entityId: string;
  readonly [access]: "mutable";
}

/** An event that happened elsewhere: in another store, or in a table of the application's. */
export interface ImportedEvent {
  readonly eventId: string;
  /** Full name. */
  readonly eventName: string;
  readonly eventCreatedAt: string;
  readonly entityName: string;
  readonly entityId: string;
  readonly body: unknown;
  /** Default: one more than that of the entity's event before it in this import. */
  readonly version?: number | undefined;
  readonly metadata?: { readonly [name: string]: unknown } | undefined;
  /** When the other store wrote it. Default: now, by the clock of this store. */
  readonly recordedAt?: string | undefined;
  /** As in {@link StoredEvent}; default false: bodies from elsewhere are parsed whenever they are loaded. */
  readonly bodyIsOutput?: boolean | undefined;
  readonly isErased?: true | undefined;
}

/** What an import came to. */
export interface ImportResult {
  /** How many events were written. */
  readonly imported: number;
  /** How many were there already. */
  readonly skipped: number;
}

/** Whose contents to erase. */
export interface EraseArgs {
  readonly entityName: string;
  readonly entityId: string;
  /** What stands between the entity's name and an event's short name; ":" unless its schema says otherwise. */
  readonly namespaceSeparator?: string | undefined;
}

/** How a store is doing. */
export interface StoreStatus {
  /** Highest position at and below which everything is decided; readers see all of it and nothing beyond. */
  readonly frontier: number;
  /** Number of the newest migration that has been applied. */
  readonly schemaVersion: number;
  readonly durability: Durability;
  /** The append that keeps readers from going past the frontier, while there is one that is still open and the database says whose it is. */
  readonly heldBy?: FrontierHolder | undefined;
  /** The transaction of `store.transaction` that is open, with its age in milliseconds. */
  readonly openTransaction?: { readonly ageMs: number } | undefined;
}

/** Whose open transaction holds readers up. */
export interface FrontierHolder {
  /** By which the database knows it: in `pg_stat_activity` of PostgreSQL, or in the process list of MySQL and MariaDB. */
  readonly pid: number;
  /** Milliseconds for which its transaction has been open; on MySQL and MariaDB to the second. `undefined` without the privilege to see it. */
  readonly ageMs: number | undefined;
  /** The statement that it runs; on PostgreSQL, where it runs none, the last one. `undefined` where there is none to be seen. */
  readonly query: string | undefined;
}

/** What an acknowledged commit survives. */
export interface Durability {
  /** `"power_loss"` is the full promise; `"process_crash"` may lose the last commits when the machine goes down; `"none"` is memory. */
  readonly survives: "power_loss" | "process_crash" | "none";
  /** The settings that decide it. */
  readonly because: string;
}

/**
 * What a store must do; the contract that every store passes.
 *
 * Promises: an append is one transaction; `expectedVersion` is enforced by the database; versions of an entity are 1, 2, 3 ... without
 * holes; positions increase, and no reader is ever shown a position while a lower one may still appear; what is acknowledged survives
 * what `status().durability` says; every JSON value comes back unchanged.
 */
export interface EventStore<TClient = unknown> extends Adapter {
  readonly capabilities: StoreCapabilities;

  /**
   * Writes the commits of one or several entities in one transaction.
   *
   * @returns one row per commit, in their order. A refusal is a row, never an exception.
   * @throws {SerializationError} `body_too_large`; nothing was written.
   * @throws {AttributionError} the policy of the store asks for an actor or a reason.
   * @throws {EntityErasedError} nothing can be added to an erased entity.
   */
  append(commits: readonly EntityCommit[], options?: TransactionOption<TClient>): Promise<readonly CommitRow[]>;

  /**
   * Events of one entity for a fold, in version order.
   *
   * @throws {CursorAheadError} when `position` is above the head.
   */
  load(query: LoadQuery, options?: TransactionOption<TClient>): Promise<readonly LoadedEvent[]>;

  /** Events of one entity with all that is known about them, in version order. */
  loadHistory(query: LoadQuery, options?: TransactionOption<TClient>): Promise<readonly StoredEvent[]>;

  /** The events that were stored under an idempotency key, or `null`. */
  findByIdempotencyKey(
    args: { readonly entityName: string; readonly entityId: string; readonly idempotencyKey: string },
    options?: TransactionOption<TClient>,
  ): Promise<readonly StoredEvent[] | null>;

  /**
   * The log, page by page, up to the frontier. No lock and no transaction is held between pages.
   *
   * @throws {CursorAheadError} when `after` is above the head.
   * @throws {ValidationError} `invalid_option`, `invalid_instant`, at once.
   */
  read(options?: ReadOptions<TClient>): AsyncIterableIterator<StoredEvent>;

  /**
   * The log as it grows: what there is after a position, then what is stored from then on, in the order of positions and each event once.
   * Never ends by itself; `signal`, or leaving the loop, ends it.
   *
   * @throws {CursorAheadError} when `after` is above the head.
   * @throws {ValidationError} `invalid_option`, `invalid_instant`, at once.
   * @throws {VentydError} `store_closed` when the store is closed under it.
   */
  subscribe(options?: SubscribeOptions): AsyncIterableIterator<StoredEvent>;

  /** Entities of one name, ordered by id in UTF-8 byte order. */
  entities(options: EntitiesOptions<TClient>): Promise<readonly EntitySummary[]>;

  /**
   * Stores the events of entities of any classes in one transaction, each under the rules of the repository that it was loaded by or that was
   * made last for its class over this store. Results come in the order of the entities.
   *
   * @throws {UnsupportedError} no repository has been made for one of the classes.
   * @throws everything that a repository's `commit` throws.
   */
  commit<const TEntities extends readonly CommittableEntity[]>(
    entities: TEntities,
    options?: CommitOptions & TransactionOption<TClient>,
  ): Promise<{ readonly [K in keyof TEntities]: CommitResult }>;

  /**
   * Takes over history from elsewhere, in the order given: ids, versions and times are kept, positions are new. It runs in pages of a few hundred
   * events, each of them one transaction; events that are here already are skipped, so that an import that broke off can be run again.
   *
   * @throws {VentydError} `import_conflict` when another event has the version, or when versions before it are missing.
   * @throws {ValidationError} for names, ids or times that a store does not take.
   */
  import(
    events: Iterable<ImportedEvent> | AsyncIterable<ImportedEvent>,
    options?: TransactionOption<TClient>,
  ): Promise<ImportResult>;

  /**
   * Empties the bodies, the custom metadata and the snapshots of one entity for good. Names, versions, positions, times and attribution stay, and an
   * event `$erased` says who did it and why. The entity is `EntityErasedError` from then on. Erasing it again changes nothing.
   *
   * @throws {AttributionError} without an actor or a reason.
   * @throws {EntityNotFoundError}
   */
  erase(args: EraseArgs, options: Attribution & TransactionOption<TClient>): Promise<CommitResult>;

  /** The newest snapshot with this fingerprint at or below `upToVersion`, or `null`. */
  getSnapshot(
    args: { entityName: string; entityId: string; fingerprint?: string; upToVersion?: number },
    options?: TransactionOption<TClient>,
  ): Promise<{ state: never; version: number; eventId?: string | undefined } | null>;

  /** Keeps a snapshot beside the newest one with the same fingerprint; older ones go. An erased entity keeps none. */
  saveSnapshot(args: {
    entityName: string;
    entityId: string;
    fingerprint?: string;
    version: number;
    /** Id of the event with that version: a snapshot of another history than the one that is stored can be told by it. */
    eventId?: string | undefined;
    state: unknown;
  }): Promise<void>;

  /**
   * Runs `work` in one transaction: every repository of this store that is called inside joins by itself, `client` is for the
   * application's own statements. Commits when `work` resolves; aborts when it rejects, or when `timeout` has passed. Nested calls join.
   *
   * @param options.timeout milliseconds; default 5,000. The database ends a transaction that does nothing for so long, and for at least ten seconds.
   * @throws {VentydError} `transaction_timeout`, `database_busy`.
   * @throws {CommitOutcomeUnknownError} the connection broke while it was committed.
   */
  transaction<T>(
    work: (transaction: StoreTransaction<TClient>) => Promise<T>,
    options?: { readonly timeout?: number | undefined },
  ): Promise<T>;

  /** Creates or upgrades the tables. Safe to call from any number of processes at once. */
  migrate(): Promise<void>;

  status(): Promise<StoreStatus>;

  /** Waits for what is under way and lets go of all that the store opened; the application's own handle stays open. */
  close(): Promise<void>;
}
