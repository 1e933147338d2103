import type { Attribution, Metadata } from "../attribution/metadata.ts";
import type { AttributionPolicy } from "../attribution/policy.ts";
import type { CreateArgs, ReadonlyEntity } from "../entity/types.ts";
import type { DefaultSchema } from "../schema/define-schema.ts";
import type { BaseEventType, CommittedEvent, StoredEvent } from "../schema/event.ts";
import type {
  InferEntityNameFromSchema,
  InferEventFromSchema,
  InferEventNameFromSchema,
  InferMetadataInputFromSchema,
  InferStateFromSchema,
} from "../schema/infer.ts";
import type { CommitOptions, CommitResult, EventStore, TransactionOption } from "../storage/index.ts";
import type { Json } from "../util/json.ts";
import type { OnWarning } from "../util/warning.ts";
import type { Change } from "./changes.ts";
import type { Migrate } from "./upcast.ts";

/** What a repository can do over an adapter of two methods. */
export interface PlainAbilities {
  event: CommittedEvent;
  point: PointInTime;
  reading: {};
  writing: {};
}

/** What it can do over a store besides. */
export interface StoreAbilities<TClient> {
  event: StoredEvent;
  point: StorePointInTime;
  reading: TransactionOption<TClient>;
  writing: TransactionOption<TClient> & Pick<CommitOptions, "idempotencyKey">;
}

type Abilities = { event: CommittedEvent; point: object; reading: object; writing: object };

/** Options of `createRepository`. */
export interface RepositoryOptions<TSchema, TAdapter> {
  /** Where the events are: a store, or an adapter of two methods. */
  adapter: TAdapter;
  /** What every commit must say about itself; default `"optional"`. */
  attribution?: AttributionPolicy<InferEventNameFromSchema<TSchema>>;
  /**
   * Keeps a state every so many events, so that a load need not begin with the first one; default: never. A snapshot is read by the same events,
   * schemas, reducer and `migrate` as it was made by; raise the entity's `revision` when what these call has changed, or a transform in a schema.
   */
  snapshot?: { readonly frequency: number };
  /**
   * Whether stored bodies are checked against today's schema when they are loaded: `"always"`, the default, or `"write"`, where a body that was stored
   * as its schema put it out goes to the reducer as it is. A rule that is tightened later cannot make old facts unreadable then, and loads are faster.
   */
  loadValidation?: "always" | "write";
  /**
   * What to do with a stored event that the schema does not declare, because a newer build has written it: `"error"`, the default, or `"skip"`, where
   * the entity can be looked at and not be changed (`StaleBuildError`), and no snapshot of it is kept.
   */
  onUnknownEvent?: "error" | "skip";
  /** Reads old events as those of today (upcasting): renamed, with another body, dropped (`null`) or split (an array). Nothing stored changes. */
  migrate?: Migrate;
  /** Hear of every commit when it is durable. */
  plugins?: readonly Plugin<TSchema>[];
  /** Is told of plugins that failed; default: `onWarning`. */
  onPluginError?: (error: unknown, plugin: Plugin<TSchema>) => void;
  /** Is told what went wrong beside a commit that succeeded; default `process.emitWarning`. */
  onWarning?: OnWarning;
}

/**
 * Code that hears of what was committed, after the fact and at most once: for caches, metrics, hints to others. It cannot take a commit
 * back, and a crash in between loses the call; what must not be missed reads the log.
 */
export interface Plugin<TSchema = DefaultSchema> {
  /** Gets copies of its own: the committed events and the state after them. */
  onCommitted?(args: {
    entityName: InferEntityNameFromSchema<TSchema>;
    entityId: string;
    events: PluginEvent<TSchema>[];
    state: InferStateFromSchema<TSchema>;
  }): void | Promise<void>;
}

/** A committed event as plugins see it: one that the schema declares, or a rollback, with what stands beside it. */
export type PluginEvent<TSchema> = (InferEventFromSchema<TSchema> | RolledBack) & {
  metadata: Metadata;
  /** Over a store. */
  position?: number;
  /** Over a store. */
  recordedAt?: string;
};

/** That an entity was rolled back. */
type RolledBack = BaseEventType & { eventName: `${string}$rolled_back`; body: { toVersion: number } };

/** A repository over what it was given: over a store it can do all that the store can. */
export type RepositoryOver<TEntity, TSchema, TAdapter> =
  // Not one by one: a store that is chosen at run time is a union, and a union of repositories has overloads that nobody can call.
  [TAdapter] extends [EventStore<infer TClient>]
    ? StoreRepository<TEntity, TSchema, TClient>
    : Repository<TEntity, TSchema>;

/** Which point of an entity's past: a version, or the last event that had happened by an instant. Exactly one of them. */
export type PointInTime =
  | { readonly version: number; readonly at?: never; readonly knownAt?: never; readonly position?: never }
  | { readonly at: string | Date; readonly version?: never; readonly knownAt?: never; readonly position?: never };

/** Over a store also: the last event that was stored by an instant of its clock, or at a position of its log. */
export type StorePointInTime =
  | PointInTime
  | { readonly knownAt: string | Date; readonly version?: never; readonly at?: never; readonly position?: never }
  | { readonly position: number; readonly version?: never; readonly at?: never; readonly knownAt?: never };

/** No point of the past: said by type, so that arguments which name one never come back as an entity that can be changed. */
type Now = {
  readonly version?: undefined;
  readonly at?: undefined;
  readonly knownAt?: undefined;
  readonly position?: undefined;
};

/** What may be said with a commit; what its metadata must hold, the schema says. */
export type AttributionOf<TSchema> = Omit<Attribution, "metadata"> &
  MetadataOption<InferMetadataInputFromSchema<TSchema>>;

type MetadataOption<TMetadata> = {} extends TMetadata
  ? { readonly metadata?: TMetadata | undefined }
  : { readonly metadata: TMetadata };

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
  /** The state before it, as JSON; `null` before the first event, and throughout once the entity is erased. */
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

/** What a mutation would do; plain JSON. Pass it to `commit` to write exactly this. */
export interface MutationPreview {
  readonly entityName: string;
  readonly entityId: string;
  /** The version that the preview was made at; the commit is refused when the entity has moved on. */
  readonly version: number;
  readonly before: Json;
  readonly after: Json;
  readonly changes: readonly Change[];
  /** What would be stored, ids and times included. */
  readonly events: readonly PreviewedEvent[];
}

/** An event that a preview would have stored. */
export interface PreviewedEvent {
  readonly eventId: string;
  readonly eventName: string;
  readonly eventCreatedAt: string;
  readonly body: Json;
  /** What was said with the event itself. */
  readonly metadata: Metadata;
}

/** Options of `mutate`. */
export type MutateOptions<TSchema = unknown> = AttributionOf<TSchema> & {
  /** How often to load and run again after a conflict; default 3. Not inside a transaction, and not with `expectedVersion`. */
  readonly retries?: number | undefined;
};

/**
 * Loads and commits the entities of one class.
 *
 * @typeParam TCan what the adapter allows: over a store, `{ transaction }` and `{ idempotencyKey }`, and more points of the past.
 */
export interface Repository<TEntity, TSchema = unknown, TCan extends Abilities = PlainAbilities> {
  /**
   * Creates an entity and commits it. An `idempotencyKey` needs an `entityId`, for it stands for a commit of that entity.
   *
   * @throws {EntityExistsError} when the id is taken.
   */
  create(
    args: CreateArgs<TSchema>,
    options?: AttributionOf<TSchema> & TCan["writing"],
  ): Promise<CreateResult<TEntity, TCan["event"]>>;

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
    options?: MutateOptions<TSchema> & TCan["writing"] & { readonly idempotencyKey?: undefined },
  ): Promise<MutateResult<TEntity, Awaited<TResult>, TCan["event"]>>;
  /** With an `idempotencyKey` that was used before, `work` is not run: `result` is `undefined`, the rest is what was stored the first time. */
  mutate<TResult>(
    args: { readonly entityId: string; readonly expectedVersion?: number | undefined },
    work: (entity: TEntity) => TResult,
    options: MutateOptions<TSchema> & TCan["writing"],
  ): Promise<MutateResult<TEntity, Awaited<TResult> | undefined, TCan["event"]>>;

  /**
   * What a mutation would do. Nothing is written.
   *
   * @throws {EntityNotFoundError}
   */
  preview(
    args: { readonly entityId: string } & TCan["reading"],
    work: (entity: TEntity) => unknown,
  ): Promise<MutationPreview>;

  /**
   * Stores an entity's uncommitted events, all of them or none. When it rejects, the entity keeps them, and can be committed again. Where an
   * `idempotencyKey` had been used before, what the entity at hand shows never was: load it again.
   *
   * Given a preview it stores exactly the events of that, or refuses. Its business rules are not run again: take previews from where nobody can
   * change them.
   *
   * @throws {ConcurrencyError} somebody else changed the entity since it was loaded, or since the preview.
   * @throws {AttributionError} the repository's policy asks for an actor or a reason.
   * @throws {EntityBusyError} an asynchronous mutation is pending.
   * @throws {ValidationError} `preview_outdated` when today's code makes something else of the events; `invalid_metadata`.
   */
  commit(
    entity: TEntity | MutationPreview,
    options?: AttributionOf<TSchema> & TCan["writing"],
  ): Promise<CommitResult<TCan["event"]>>;

  /** The entity as it is now, or `null`. */
  findOne(args: { readonly entityId: string } & Now & TCan["reading"]): Promise<TEntity | null>;
  /** The entity as it was, to look at; `null` where the version is above the last or nothing had happened yet. */
  findOne(
    args: { readonly entityId: string } & TCan["point"] & TCan["reading"],
  ): Promise<ReadonlyEntity<TEntity> | null>;

  /** @throws {EntityNotFoundError} where `findOne` gives `null`. */
  findOneOrThrow(args: { readonly entityId: string } & Now & TCan["reading"]): Promise<TEntity>;
  findOneOrThrow(
    args: { readonly entityId: string } & TCan["point"] & TCan["reading"],
  ): Promise<ReadonlyEntity<TEntity>>;

  /** Several entities in the order asked, `null` where there is none; an id that is asked twice gives the same instance twice. */
  findMany(args: { readonly entityIds: readonly string[] } & TCan["reading"]): Promise<(TEntity | null)[]>;

  /**
   * What happened to an entity: who, when, why, and what each event changed. Empty where there is no entity. Every page folds the entity from
   * its first event.
   */
  history(args: HistoryArgs & TCan["reading"]): Promise<readonly HistoryEntry<TCan["event"]>[]>;

  /**
   * What changed between two versions; 0 stands for before the creation, and `from` may be the later one.
   *
   * @throws {EntityNotFoundError}
   * @throws {ValidationError} `invalid_version`.
   */
  diff(
    args: { readonly entityId: string; readonly from: number; readonly to: number } & TCan["reading"],
  ): Promise<readonly Change[]>;

  /**
   * What a rollback would do. Nothing is written.
   *
   * @throws {EntityNotFoundError}
   * @throws {ValidationError} `invalid_version`; `rollback_out_of_order` when `at` would keep an event dated after it; `invalid_state`
   * when today's state schema does not accept the result.
   */
  previewRollback(args: RollbackTarget & TCan["reading"]): Promise<RollbackPreview<TCan["event"]>>;

  /**
   * Makes an entity's state what it was, by an event that says so; nothing is deleted, and a rollback can be rolled back. Needs an actor and a
   * reason whatever the policy. Give it a preview to carry out exactly that.
   *
   * @throws {ConcurrencyError} the entity moved on since the preview, or since `expectedVersion`. It is not retried.
   * @throws {IrreversibleError} it would undo an event that the schema declares irreversible.
   * @throws {AttributionError} and what `previewRollback` throws.
   */
  rollback(
    target: RollbackPreview<TCan["event"]> | (RollbackTarget & { readonly expectedVersion?: number | undefined }),
    options: AttributionOf<TSchema> & TCan["writing"],
  ): Promise<CommitResult<TCan["event"]>>;
}

/** A repository over a store. */
export interface StoreRepository<TEntity, TSchema = unknown, TClient = unknown>
  extends Repository<TEntity, TSchema, StoreAbilities<TClient>> {
  /** Stores the events of several entities in one transaction; results come in the order of the entities. */
  commit<const TEntities extends readonly TEntity[]>(
    entities: TEntities,
    options?: AttributionOf<TSchema> & StoreAbilities<TClient>["writing"],
  ): Promise<{ readonly [K in keyof TEntities]: CommitResult }>;
  commit(
    entity: TEntity | MutationPreview,
    options?: AttributionOf<TSchema> & StoreAbilities<TClient>["writing"],
  ): Promise<CommitResult>;
}

/** Anything that a repository can be made over: an adapter that was written for one schema, or for none, is accepted for every entity. */
export interface AnyAdapter {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  getEventsByEntityId(args: any): Promise<any[]>;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  commitEvents(args: any): Promise<void>;
  readonly storesMetadata?: boolean;
}
