import type { Attribution } from "../attribution/metadata.ts";
import type { CreateArgs, ReadonlyEntity } from "../entity/types.ts";
import type { CommittedEvent, StoredEvent } from "../schema/event.ts";
import type { InferEventNameFromSchema } from "../schema/infer.ts";
import type { EventStore, TransactionOption } from "../storage/index.ts";
import type { Json } from "../util/json.ts";
import type { AttributionPolicy } from "./attribution-policy.ts";
import type { Change } from "./changes.ts";

/** Options of `createRepository`. */
export interface RepositoryOptions<TSchema, TAdapter> {
  /** Where the events are: a store, or an adapter of two methods. */
  adapter: TAdapter;
  /** What every commit must say about itself; default `"optional"`. */
  attribution?: AttributionPolicy<InferEventNameFromSchema<TSchema>>;
}

/** A repository over what it was given: over a store it can do all that the store can. */
export type RepositoryOver<TEntity, TSchema, TAdapter> =
  TAdapter extends EventStore<infer TClient>
    ? StoreRepository<TEntity, TSchema, TClient>
    : Repository<TEntity, TSchema, CommittedEvent, {}>;

/** Which point of an entity's past: a version, or the last event that had happened by an instant. Exactly one of them. */
export type PointInTime =
  | { readonly version: number; readonly at?: never }
  | { readonly at: string | Date; readonly version?: never };

/** What became of a commit. */
export type CommitResult<TEvent extends CommittedEvent = StoredEvent> = {
  /** The entity's version now. */
  readonly version: number;
  /** The events as they are stored; empty where there was nothing to commit. */
  readonly events: readonly TEvent[];
  /** True when these events had been stored before. */
  readonly duplicate: boolean;
} & (TEvent extends StoredEvent ? WithPosition : {});

/** Where in the log a commit stands. */
interface WithPosition {
  /** Position of the last event; `undefined` where there was nothing to commit. */
  readonly position: number | undefined;
}

/** What became of `create`. */
export type CreateResult<TEntity, TEvent extends CommittedEvent = StoredEvent> = CommitResult<TEvent> & {
  readonly entity: TEntity;
};

/** What became of `mutate`; `result` is what the callback returned. */
export type MutateResult<TEntity, TResult, TEvent extends CommittedEvent = StoredEvent> = CreateResult<
  TEntity,
  TEvent
> & {
  readonly result: TResult;
};

/** One event of an entity's history, and what it did. */
export interface HistoryEntry<TEvent extends CommittedEvent = StoredEvent> {
  readonly event: TEvent;
  /** The state before it, as JSON; `null` before the first event. */
  readonly before: Json | null;
  readonly after: Json;
  readonly changes: readonly Change[];
  /** False when a later rollback undid it. */
  readonly effective: boolean;
}

/** Which part of a history. */
export interface HistoryArgs {
  readonly entityId: string;
  /** Only events after this version. */
  readonly after?: number | undefined;
  /** Only events before this version. */
  readonly before?: number | undefined;
  /** At most so many; default 100. */
  readonly limit?: number | undefined;
  /** `"asc"`, oldest first, is the default. */
  readonly order?: "asc" | "desc" | undefined;
}

/** Where a rollback leads: a version before the last, or the last event that had happened by an instant. */
export type RollbackTarget = { readonly entityId: string } & (
  | { readonly toVersion: number; readonly at?: never }
  | { readonly at: string | Date; readonly toVersion?: never }
);

/** What a rollback would do; plain JSON. Pass it to `rollback` to carry out exactly this. */
export interface RollbackPreview<TEvent extends CommittedEvent = StoredEvent> {
  readonly entityId: string;
  /** The version that the preview was made at; the rollback is refused when the entity has moved on. */
  readonly version: number;
  readonly toVersion: number;
  readonly before: Json;
  readonly after: Json;
  readonly changes: readonly Change[];
  /** Events that count now and would not any more. */
  readonly undone: readonly TEvent[];
  /** Events that do not count now and would again: a rollback of a rollback. */
  readonly redone: readonly TEvent[];
  /** Events of other entities that share a correlation id with an undone one; they stay. */
  readonly related: readonly TEvent[];
  /** Those of `undone` that the schema declares irreversible; while there are any, the rollback is refused. */
  readonly irreversible: readonly TEvent[];
}

/** Options of `mutate`. */
export interface MutateOptions extends Attribution {
  /** How often to load and run again after a conflict; default 3. Not inside a transaction, and not with `expectedVersion`. */
  readonly retries?: number | undefined;
}

/**
 * Loads and commits the entities of one class.
 *
 * @typeParam TCall what every call may say besides: over a store, `{ transaction }`.
 */
export interface Repository<TEntity, TSchema = unknown, TEvent extends CommittedEvent = CommittedEvent, TCall = {}> {
  /**
   * Creates an entity and commits it.
   *
   * @throws {EntityExistsError} when the id is taken.
   */
  create(args: CreateArgs<TSchema>, options?: Attribution & TCall): Promise<CreateResult<TEntity, TEvent>>;

  /**
   * Loads an entity, runs `work` on it and commits what it dispatched; nothing dispatched, nothing written. On a conflict it loads and runs
   * again, so `work` must have no effects outside the entity.
   *
   * @param args.expectedVersion checked once after the load; a conflict is then never retried.
   * @throws {EntityNotFoundError}
   * @throws {ConcurrencyError} when the retries are used up.
   */
  mutate<TResult>(
    args: { readonly entityId: string; readonly expectedVersion?: number | undefined },
    work: (entity: TEntity) => TResult,
    options?: MutateOptions & TCall,
  ): Promise<MutateResult<TEntity, Awaited<TResult>, TEvent>>;

  /**
   * Stores an entity's uncommitted events, all of them or none. When it rejects, the entity keeps them, and can be committed again.
   *
   * @throws {ConcurrencyError} somebody else changed the entity since it was loaded.
   * @throws {AttributionError} the repository's policy asks for an actor or a reason.
   * @throws {EntityBusyError} an asynchronous mutation is pending.
   */
  commit(entity: TEntity, options?: Attribution & TCall): Promise<CommitResult<TEvent>>;

  /** The entity as it is now, or `null`. */
  findOne(args: { readonly entityId: string } & TCall): Promise<TEntity | null>;
  /** The entity as it was, to look at; `null` where the version is above the last or nothing had happened yet. */
  findOne(args: { readonly entityId: string } & PointInTime & TCall): Promise<ReadonlyEntity<TEntity> | null>;

  /** @throws {EntityNotFoundError} where `findOne` gives `null`. */
  findOneOrThrow(args: { readonly entityId: string } & TCall): Promise<TEntity>;
  findOneOrThrow(args: { readonly entityId: string } & PointInTime & TCall): Promise<ReadonlyEntity<TEntity>>;

  /** Several entities in the order asked, `null` where there is none; an id that is asked twice gives the same instance twice. */
  findMany(args: { readonly entityIds: readonly string[] } & TCall): Promise<(TEntity | null)[]>;

  /** What happened to an entity: who, when, why, and what each event changed. Empty where there is no entity. */
  history(args: HistoryArgs & TCall): Promise<readonly HistoryEntry<TEvent>[]>;

  /**
   * What changed between two versions; 0 stands for before the creation, and `from` may be the later one.
   *
   * @throws {EntityNotFoundError}
   * @throws {ValidationError} `invalid_version`.
   */
  diff(
    args: { readonly entityId: string; readonly from: number; readonly to: number } & TCall,
  ): Promise<readonly Change[]>;

  /**
   * What a rollback would do. Nothing is written.
   *
   * @throws {EntityNotFoundError}
   * @throws {ValidationError} `invalid_version`; `rollback_out_of_order` when `at` would keep an event dated after it; `invalid_state`
   * when today's state schema does not accept the result.
   */
  previewRollback(args: RollbackTarget & TCall): Promise<RollbackPreview<TEvent>>;

  /**
   * Makes an entity's state what it was, by an event that says so; nothing is deleted, and a rollback can be rolled back. Needs an actor and a
   * reason whatever the policy. Give it a preview to carry out exactly that.
   *
   * @throws {ConcurrencyError} the entity moved on since the preview, or since `expectedVersion`. It is not retried.
   * @throws {IrreversibleError} it would undo an event that the schema declares irreversible.
   * @throws {AttributionError} and what `previewRollback` throws.
   */
  rollback(
    target: RollbackPreview<TEvent> | (RollbackTarget & { readonly expectedVersion?: number | undefined }),
    options: Attribution & TCall,
  ): Promise<CommitResult<TEvent>>;
}

/** A repository over a store. */
export interface StoreRepository<TEntity, TSchema = unknown, TClient = unknown>
  extends Repository<TEntity, TSchema, StoredEvent, TransactionOption<TClient>> {
  /** Stores the events of several entities in one transaction; results come in the order of the entities. */
  commit<const TEntities extends readonly TEntity[]>(
    entities: TEntities,
    options?: Attribution & TransactionOption<TClient>,
  ): Promise<{ readonly [K in keyof TEntities]: CommitResult }>;
  commit(entity: TEntity, options?: Attribution & TransactionOption<TClient>): Promise<CommitResult>;
}

/** Anything that a repository can be made over: an adapter that was written for one schema, or for none, is accepted for every entity. */
export interface AnyAdapter {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  getEventsByEntityId(args: any): Promise<any[]>;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  commitEvents(args: any): Promise<void>;
  readonly storesMetadata?: boolean;
}
