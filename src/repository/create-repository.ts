import { checkPolicy } from "../attribution/policy.ts";
import type { EntityCore } from "../entity/entity-core.ts";
import { coreOf, definitionOf, internals, warnings } from "../entity/internals.ts";
import type { CreateArgs, EntityConstructorArgs } from "../entity/types.ts";
import { ConcurrencyError, EntityNotFoundError, IdempotencyMismatchError, ValidationError } from "../errors/index.ts";
import type { CommittedEvent } from "../schema/event.ts";
import type { CommitOptions, CommitResult, TransactionOption } from "../storage/index.ts";
import { pause } from "../util/timers.ts";
import { emitWarning } from "../util/warning.ts";
import { checkMember } from "./check-member.ts";
import { commitMembers, commitResult } from "./commit.ts";
import { checkCount, type RepositoryContext, streamOf } from "./context.ts";
import { type LoadArgs, loadCore } from "./load.ts";
import { attributionOf } from "./metadata.ts";
import { isEventStore, overPlainAdapter } from "./plain-adapter.ts";
import { overStore } from "./repository-store.ts";
import { register } from "./store-commit.ts";
import type {
  AnyAdapter,
  HistoryArgs,
  MutationPreview,
  RepositoryOptions,
  RepositoryOver,
  RollbackTarget,
} from "./types.ts";
import { upcast } from "./upcast.ts";

/** A class whose instances a repository loads. */
type EntityClass<TEntity, TSchema> = { readonly schema: TSchema; new (args: EntityConstructorArgs<TSchema>): TEntity };

/**
 * Makes a repository: it loads the entities of one class, commits them, and answers what happened to them.
 *
 * @param entityClass what `defineEntity()` or `Entity()` made, or a class that extends it.
 * @throws {ValidationError} `invalid_option`.
 *
 * @example
 * const posts = createRepository(Post, { adapter: createSqliteStore(database), attribution: "required" });
 * await posts.mutate({ entityId }, (post) => post.approve("LGTM"), { actor: "alice", reason: "Reviewed" });
 */
export function createRepository<TEntity extends object, TSchema, TAdapter extends AnyAdapter>(
  entityClass: EntityClass<TEntity, TSchema>,
  options: RepositoryOptions<NoInfer<TSchema>, TAdapter>,
): RepositoryOver<TEntity, TSchema, TAdapter> {
  const context = contextOf(entityClass, options as RepositoryOptions<unknown, TAdapter>);
  register(context);
  return new RepositoryOf(context, entityClass as never) as unknown as RepositoryOver<TEntity, TSchema, TAdapter>;
}

function contextOf(entityClass: object, options: RepositoryOptions<unknown, AnyAdapter>): RepositoryContext {
  const {
    adapter,
    attribution = "optional",
    snapshot,
    loadValidation = "always",
    onUnknownEvent = "error",
    migrate,
  } = options;
  const definition = definitionOf(entityClass);
  checkPolicy(attribution, definition.declares);
  checkAdapter(adapter);
  checkChoice("loadValidation", loadValidation, ["always", "write"]);
  checkChoice("onUnknownEvent", onUnknownEvent, ["error", "skip"]);
  if (snapshot !== undefined) checkCount(snapshot.frequency, "snapshot.frequency", 1);
  return {
    definition,
    store: isEventStore(adapter) ? overStore(adapter) : overPlainAdapter(adapter),
    policy: attribution,
    replay: {
      upcast: migrate && ((stored) => upcast(stored, migrate)),
      onUnknownEvent,
      trustsOutput: loadValidation === "write",
    },
    migrate,
    snapshotFrequency: snapshot?.frequency,
    plugins: (options.plugins ?? []) as RepositoryContext["plugins"],
    onPluginError: options.onPluginError as RepositoryContext["onPluginError"],
    onWarning: options.onWarning ?? emitWarning,
  };
}

/** @throws {ValidationError} `invalid_option`. */
function checkAdapter(adapter: AnyAdapter | undefined): void {
  if (typeof adapter?.getEventsByEntityId === "function" && typeof adapter.commitEvents === "function") return;
  throw new ValidationError(
    "invalid_option",
    "Invalid option: adapter is no store, and has not the two methods of an adapter. Pass a store such as createSqliteStore(database), or an object with getEventsByEntityId and commitEvents.",
  );
}

/** @throws {ValidationError} `invalid_option`. */
function checkChoice(name: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new ValidationError(
    "invalid_option",
    `Invalid option: ${name} is ${JSON.stringify(value)}. Choose ${choices.map((choice) => `"${choice}"`).join(" or ")}.`,
  );
}

type WriteOptions = CommitOptions & TransactionOption;

class RepositoryOf {
  readonly #context: RepositoryContext;
  readonly #Entity: EntityClass<object, unknown> & { create(args: object): object };

  constructor(
    context: RepositoryContext,
    entityClass: EntityClass<object, unknown> & { create(args: object): object },
  ) {
    this.#context = context;
    this.#Entity = entityClass;
  }

  async create(args: CreateArgs<unknown>, options: WriteOptions = {}): Promise<object> {
    if (options.idempotencyKey !== undefined && args.entityId === undefined) {
      throw new ValidationError(
        "invalid_option",
        "Invalid option: an idempotencyKey stands for a commit of one entity, so without an entityId each create() would make another one. Give both.",
      );
    }
    const entity = this.#Entity.create({ ...args, [warnings]: this.#context.onWarning });
    const result = await this.commit(entity, options);
    return { entity: await this.#settled(entity, result, options), ...result };
  }

  async mutate(
    args: { entityId: string; expectedVersion?: number },
    work: (entity: object) => unknown,
    options: WriteOptions & { retries?: number } = {},
  ): Promise<object> {
    const { entityId, expectedVersion } = args;
    const { retries = 3, ...commitOptions } = options;
    checkCount(retries, "retries");
    const isRepeatable = expectedVersion === undefined && this.#context.store.join(options) === undefined;
    for (let retriesLeft = isRepeatable ? retries : 0; ; retriesLeft--) {
      const entity = await this.#load({ entityId, transaction: options.transaction });
      if (entity === null) throw this.#notFound(entityId);
      // Asked after the load: if the first call with the key was stored in between, `work` must not run on what that did.
      const known = await this.#findByKey(entityId, options);
      if (known !== undefined) return this.#asHit(entity, known, options);
      coreOf(entity).assertMutable();
      const { entityName, version } = coreOf(entity);
      if (expectedVersion !== undefined && expectedVersion !== version) {
        throw new ConcurrencyError({ entityName, entityId, expectedVersion, actualVersion: version });
      }
      const result = await work(entity);
      try {
        const committed = await this.commit(entity, commitOptions);
        if (options.idempotencyKey !== undefined && committed.duplicate) return this.#asHit(entity, committed, options);
        return { entity, result, ...committed };
      } catch (error) {
        const winner = await this.#winnerOf(error, entityId, options);
        if (winner !== undefined) return this.#asHit(entity, winner, options);
        if (!(error instanceof ConcurrencyError) || retriesLeft === 0) throw error;
      }
      // Long enough for the other writer to finish, and different for each of several losers.
      await pause(10 + Math.random() * 190);
    }
  }

  commit(entity: object, options?: WriteOptions): Promise<CommitResult<CommittedEvent>>;
  commit(entities: readonly object[], options?: WriteOptions): Promise<readonly CommitResult<CommittedEvent>[]>;
  async commit(
    entities: object | readonly object[],
    options: WriteOptions = {},
  ): Promise<CommitResult<CommittedEvent> | readonly CommitResult<CommittedEvent>[]> {
    const { transaction, ...commitOptions } = options;
    const attribution = attributionOf(commitOptions);
    const isMany = Array.isArray(entities);
    const cores = isMany
      ? entities.map((entity) => this.#coreOf(entity))
      : [isPreview(entities) ? await this.#coreOfPreview(entities, { transaction }) : this.#coreOf(entities)];
    const members = cores.map((core) => ({ core, context: this.#context }));
    const results = await commitMembers(this.#context.store, members, attribution, { transaction });
    return isMany ? results : (results[0] as CommitResult<CommittedEvent>);
  }

  async findOne(args: LoadArgs): Promise<object | null> {
    return this.#load(args);
  }

  async findOneOrThrow(args: LoadArgs): Promise<object> {
    const entity = await this.#load(args);
    if (entity !== null) return entity;
    const { version, position, at, knownAt } = args;
    const points = Object.entries({ version, position, at, "what was known at": knownAt });
    const asked = points.find(([, value]) => value !== undefined);
    throw this.#notFound(args.entityId, asked === undefined ? "" : ` for ${asked[0]} ${String(asked[1])}`);
  }

  async findMany({
    entityIds,
    transaction,
  }: { readonly entityIds: readonly string[] } & TransactionOption): Promise<(object | null)[]> {
    const loading = new Map(entityIds.map((entityId) => [entityId, undefined as Promise<object | null> | undefined]));
    for (const entityId of loading.keys()) loading.set(entityId, this.#load({ entityId, transaction }));
    return Promise.all(entityIds.map((entityId) => loading.get(entityId) as Promise<object | null>));
  }

  // What looks back or ahead is loaded when it is first asked for: most processes only go forward.

  async preview(args: { readonly entityId: string } & TransactionOption, work: (entity: object) => unknown) {
    const { preview } = await import("./preview.ts");
    return preview(this.#context, args, (core) => work(this.#entityOf(core)));
  }

  async history(args: HistoryArgs & TransactionOption) {
    const { history } = await import("./history.ts");
    return history(this.#context, args);
  }

  async diff(args: { readonly entityId: string; readonly from: number; readonly to: number } & TransactionOption) {
    const { diff } = await import("./history.ts");
    return diff(this.#context, args);
  }

  async previewRollback(args: RollbackTarget & TransactionOption) {
    const { previewRollback } = await import("./rollback.ts");
    return previewRollback(this.#context, args);
  }

  async rollback(target: RollbackTarget, options: WriteOptions = {}): Promise<CommitResult<CommittedEvent>> {
    const { transaction, ...commitOptions } = options;
    const attribution = attributionOf(commitOptions);
    const { rollback, assertRollback } = await import("./rollback.ts");
    const known = await this.#findByKey(target.entityId, options);
    if (known !== undefined) return assertRollback(this.#context, target.entityId, known, attribution);
    try {
      return await rollback(this.#context, target, attribution, { transaction });
    } catch (error) {
      const winner = await this.#winnerOf(error, target.entityId, options);
      if (winner === undefined) throw error;
      return assertRollback(this.#context, target.entityId, winner, attribution);
    }
  }

  async #load(args: LoadArgs): Promise<object | null> {
    const core = await loadCore(this.#context, args);
    return core && this.#entityOf(core);
  }

  #entityOf(core: EntityCore): object {
    return new this.#Entity({
      type: "loadFromEvents",
      entityId: core.entityId,
      events: [],
      [internals]: core,
    } as never);
  }

  /** What was stored under an idempotency key before. */
  async #findByKey(
    entityId: string,
    { idempotencyKey, transaction }: WriteOptions,
  ): Promise<CommitResult<CommittedEvent> | undefined> {
    if (idempotencyKey === undefined) return undefined;
    const args = { ...streamOf(this.#context, entityId), idempotencyKey };
    const events = await this.#context.store.findByIdempotencyKey(args, { transaction });
    if (events === null) return undefined;
    return commitResult({ version: events.at(-1)?.version ?? 0, events, duplicate: true });
  }

  /** What others have stored under the idempotency key while this call was on its way: their faster commit is what it failed on. */
  async #winnerOf(
    error: unknown,
    entityId: string,
    options: WriteOptions,
  ): Promise<CommitResult<CommittedEvent> | undefined> {
    const isRace = error instanceof ConcurrencyError || error instanceof IdempotencyMismatchError;
    return isRace ? this.#findByKey(entityId, options) : undefined;
  }

  /** The answer of `mutate` where the idempotency key stands for another commit: the entity at hand, and the result, are of events that never were. */
  async #asHit(entity: object, known: CommitResult<CommittedEvent>, options: WriteOptions): Promise<object> {
    return { entity: await this.#settled(entity, known, options), result: undefined, ...known };
  }

  /** The entity as it is stored: where others had used the idempotency key before, the one at hand holds events that never were. */
  async #settled(
    entity: object,
    { duplicate }: CommitResult<CommittedEvent>,
    { idempotencyKey, transaction }: WriteOptions,
  ): Promise<object> {
    if (!duplicate || idempotencyKey === undefined) return entity;
    return (await this.#load({ entityId: coreOf(entity).entityId, transaction })) ?? entity;
  }

  #coreOf(entity: object): EntityCore {
    // Plain JavaScript may commit what findOne() gave, null or not.
    const core = coreOf(entity ?? {});
    if (core === undefined && (entity as Partial<RollbackTarget> | null)?.toVersion !== undefined) {
      throw new ValidationError(
        "wrong_entity",
        "Wrong entity: this is the preview of a rollback. Pass it to rollback().",
      );
    }
    checkMember(this.#context, core);
    return core;
  }

  async #coreOfPreview(preview: MutationPreview, options: TransactionOption): Promise<EntityCore> {
    const { coreOfPreview } = await import("./preview.ts");
    return coreOfPreview(this.#context, preview, options);
  }

  #notFound(entityId: string, asked = ""): EntityNotFoundError {
    return new EntityNotFoundError({ entityName: this.#context.definition.schema.entityName, entityId }, asked);
  }
}

function isPreview(value: object): value is MutationPreview {
  return coreOf(value ?? {}) === undefined && Array.isArray((value as Partial<MutationPreview>)?.events);
}
