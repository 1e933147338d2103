import { currentAttribution } from "../attribution/attribution.ts";
import type { Attribution } from "../attribution/metadata.ts";
import { EntityCore } from "../entity/entity-core.ts";
import { coreOf, definitionOf, internals } from "../entity/internals.ts";
import type { CreateArgs, EntityConstructorArgs } from "../entity/types.ts";
import { ConcurrencyError, EntityNotFoundError, ReadonlyEntityError, ValidationError } from "../errors/index.ts";
import type { CommittedEvent } from "../schema/event.ts";
import type { TransactionOption } from "../storage/index.ts";
import { clone } from "../util/clone.ts";
import { checkPolicy } from "./attribution-policy.ts";
import { type CommitAttribution, commitEntities } from "./commit.ts";
import { checkCount, type RepositoryContext, streamOf, upTo } from "./context.ts";
import { isEventStore, overPlainAdapter } from "./plain-adapter.ts";
import { overStore } from "./repository-store.ts";
import type {
  AnyAdapter,
  CommitResult,
  HistoryArgs,
  MutateOptions,
  PointInTime,
  RepositoryOptions,
  RepositoryOver,
  RollbackTarget,
} from "./types.ts";

/** A class whose instances a repository loads. */
type EntityClass<TEntity, TSchema> = { readonly schema: TSchema; new (args: EntityConstructorArgs<TSchema>): TEntity };

/**
 * Makes a repository: it loads the entities of one class, commits them, and answers what happened to them.
 *
 * @param entityClass what `Entity()` made, or a class that extends it.
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
  const { adapter, attribution: policy = "optional" } = options;
  checkPolicy(policy);
  const definition = definitionOf(entityClass);
  const store = isEventStore(adapter) ? overStore(adapter) : overPlainAdapter(adapter);
  return new RepositoryOf({ definition, store, policy }, entityClass as never) as unknown as RepositoryOver<
    TEntity,
    TSchema,
    TAdapter
  >;
}

type FindArgs = { readonly entityId: string } & Partial<PointInTime> & TransactionOption;

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

  async create(args: CreateArgs<unknown>, options: Attribution & TransactionOption = {}): Promise<object> {
    const entity = this.#Entity.create(args);
    const result = await this.commit(entity, options);
    return { entity, ...result };
  }

  async mutate(
    args: { entityId: string; expectedVersion?: number },
    work: (entity: object) => unknown,
    options: MutateOptions & TransactionOption = {},
  ): Promise<object> {
    const { entityId, expectedVersion } = args;
    const { retries = 3, ...commitOptions } = options;
    checkCount(retries, "retries");
    const isRepeatable = expectedVersion === undefined && !this.#isJoined(options);
    for (let retriesLeft = isRepeatable ? retries : 0; ; retriesLeft--) {
      const entity = await this.#load({ entityId, transaction: options.transaction });
      if (entity === null) throw this.#notFound(entityId);
      const { entityName, version } = coreOf(entity);
      if (expectedVersion !== undefined && expectedVersion !== version) {
        throw new ConcurrencyError({ entityName, entityId, expectedVersion, actualVersion: version });
      }
      const result = await work(entity);
      try {
        return { entity, result, ...(await this.commit(entity, commitOptions)) };
      } catch (error) {
        if (!(error instanceof ConcurrencyError) || retriesLeft === 0) throw error;
      }
      await pause();
    }
  }

  commit(entity: object, options?: Attribution & TransactionOption): Promise<CommitResult<CommittedEvent>>;
  commit(
    entities: readonly object[],
    options?: Attribution & TransactionOption,
  ): Promise<readonly CommitResult<CommittedEvent>[]>;
  async commit(
    entities: object | readonly object[],
    options: Attribution & TransactionOption = {},
  ): Promise<CommitResult<CommittedEvent> | readonly CommitResult<CommittedEvent>[]> {
    const { transaction, ...given } = options;
    const cores = [entities].flat().map((entity) => this.#coreOf(entity));
    if (new Set(cores.map(({ entityId }) => entityId)).size < cores.length) {
      throw new ValidationError(
        "duplicate_entity",
        "Duplicate entity: an entity, or two of the same id, stand twice in one commit. Commit each once.",
      );
    }
    const results = await commitEntities(this.#context, cores, attributionOf(given), { transaction });
    return Array.isArray(entities) ? results : (results[0] as CommitResult<CommittedEvent>);
  }

  async findOne(args: FindArgs): Promise<object | null> {
    return this.#load(args);
  }

  async findOneOrThrow(args: FindArgs): Promise<object> {
    const entity = await this.#load(args);
    if (entity !== null) return entity;
    const { version, at } = args;
    throw this.#notFound(
      args.entityId,
      version !== undefined ? ` at version ${version}` : at !== undefined ? ` at ${String(at)}` : "",
    );
  }

  async findMany({
    entityIds,
    transaction,
  }: { readonly entityIds: readonly string[] } & TransactionOption): Promise<(object | null)[]> {
    const loading = new Map(entityIds.map((entityId) => [entityId, undefined as Promise<object | null> | undefined]));
    for (const entityId of loading.keys()) loading.set(entityId, this.#load({ entityId, transaction }));
    return Promise.all(entityIds.map((entityId) => loading.get(entityId) as Promise<object | null>));
  }

  // What looks back is loaded when it is first asked for: most processes only go forward.

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

  async rollback(target: RollbackTarget, options: Attribution & TransactionOption = {}) {
    const { transaction, ...given } = options;
    const attribution = attributionOf(given);
    const { rollback } = await import("./rollback.ts");
    return rollback(this.#context, target, attribution, { transaction });
  }

  async #load({ entityId, version, at, transaction }: FindArgs): Promise<object | null> {
    const { definition, store } = this.#context;
    const point = upTo({ version, at } as Partial<PointInTime>);
    const events = await store.load({ ...streamOf(this.#context, entityId), ...point }, { transaction });
    if (events.length === 0 || (version !== undefined && (events.at(-1)?.version ?? 0) < version)) return null;
    const core = new EntityCore(definition, entityId, version !== undefined || at !== undefined);
    core.home = store.identity;
    core.replay(events);
    return new this.#Entity({ type: "loadFromEvents", entityId, events: [], [internals]: core } as never);
  }

  /** @throws {ValidationError} `wrong_entity`. @throws {ReadonlyEntityError} */
  #coreOf(entity: object): EntityCore {
    const { definition, store } = this.#context;
    // Plain JavaScript may commit what findOne() gave, null or not.
    const core = coreOf(entity ?? {});
    if (core?.definition !== definition) {
      throw new ValidationError(
        "wrong_entity",
        `Wrong entity: this repository commits entities of its own class of "${definition.schema.entityName}". Use the repository that was made with the entity's class.`,
      );
    }
    if (core.home !== undefined && core.home !== store.identity) {
      throw new ValidationError(
        "wrong_entity",
        `Wrong entity: ${core.entityName} "${core.entityId}" belongs to another store than this repository. Commit it through a repository over the store that it came from.`,
      );
    }
    if (core.readonly) throw new ReadonlyEntityError(core);
    return core;
  }

  #isJoined({ transaction }: TransactionOption): boolean {
    return (
      (transaction !== undefined && transaction !== null) ||
      this.#context.store.transactionOf({ transaction }) !== undefined
    );
  }

  #notFound(entityId: string, asked = ""): EntityNotFoundError {
    return new EntityNotFoundError({ entityName: this.#context.definition.schema.entityName, entityId }, asked);
  }
}

/** Captured when the call is made: what surrounds a commit later, in a queue, or is then done to its options, is somebody else's. */
function attributionOf(given: Attribution): CommitAttribution {
  return { given: clone(given), surrounding: currentAttribution() };
}

/** Between two attempts, long enough for the other writer to finish and different for each of several losers. */
function pause(): Promise<void> {
  const timers = globalThis as unknown as { setTimeout: (callback: () => void, milliseconds: number) => unknown };
  return new Promise((resolve) => timers.setTimeout(resolve, 10 + Math.random() * 190));
}
