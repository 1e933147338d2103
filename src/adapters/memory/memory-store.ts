import type { Attribution } from "../../attribution/metadata.ts";
import { type AttributionPolicy, checkPolicy } from "../../attribution/policy.ts";
import { VentydError } from "../../errors/index.ts";
import type { StoredEvent } from "../../schema/event.ts";
import {
  appendCommits,
  assertOutside,
  type CommitRow,
  checkCommits,
  checkErasure,
  checkWhole,
  type EntitiesOptions,
  type EntityCommit,
  type EntitySummary,
  type EraseArgs,
  type EventStore,
  encodeCommit,
  eraseEntity,
  erasureResult,
  type ImportedEvent,
  importEvents,
  joinTransaction,
  type LoadedEvent,
  type LoadQuery,
  type ReadOptions,
  readLog,
  runTransaction,
  type StoreStatus,
  StoreBase,
  type StoreTransaction,
  type SubscribeOptions,
  subscribe,
  type TransactionOption,
  WakeUps,
  type WorkResult,
} from "../../storage/index.ts";
import { FifoLock } from "../../util/fifo-lock.ts";
import { Contents, type View } from "./contents.ts";
import { Draft } from "./draft.ts";
import { eventsOfKey, listEntities, loadEvents, loadHistory, readPage } from "./queries.ts";
import { findSnapshot, snapshotKey } from "./snapshots.ts";

/** Options of {@link createMemoryStore}. */
export interface MemoryStoreOptions {
  /** The clock behind `recordedAt`; default the system's. */
  readonly now?: (() => Date) | undefined;
  /** Largest body in bytes of its JSON text; default 1 MiB, up to 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** What every commit must say about itself, whoever commits; default `"optional"`. A repository may ask for more. */
  readonly attribution?: AttributionPolicy | undefined;
}

declare const memoryClient: unique symbol;

/** `client` in transactions of a memory store: there is nothing to run statements on, it only stands for the transaction. */
export interface MemoryClient {
  readonly [memoryClient]: true;
}

/** A store in memory. */
export interface MemoryStore extends EventStore<MemoryClient> {}

const mebibyte = 1024 * 1024;

/**
 * Keeps events in memory, for tests and for trying things out: everything is gone with the process.
 *
 * It does what every store does. Bodies, metadata and snapshots are kept as JSON text and read anew each time, so that nothing works here that
 * fails on a database. `migrate()` has nothing to do. Memory is held for every event; it is given back when the store itself is let go.
 *
 * @throws {ValidationError} `invalid_option`.
 *
 * @example
 * const posts = createRepository(Post, { adapter: createMemoryStore() });
 * await posts.create({ body: { title: "Hello" } });
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { now, maxBodyBytes = mebibyte, attribution = "optional" } = options;
  checkPolicy(attribution);
  checkWhole("maxBodyBytes", maxBodyBytes, 1, 16 * mebibyte);
  return new MemoryStoreOf({ nowMs: now === undefined ? Date.now : () => now().getTime(), maxBodyBytes, attribution });
}

/** The options, filled in. */
interface Settings {
  readonly nowMs: () => number;
  readonly maxBodyBytes: number;
  readonly attribution: AttributionPolicy;
}

class MemoryStoreOf extends StoreBase<MemoryClient> implements MemoryStore {
  readonly #settings: Settings;
  readonly #contents = new Contents();
  readonly #lock = new FifoLock();
  readonly #wakeUps = new WakeUps();
  #open: { readonly draft: Draft; readonly since: number } | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    super();
    this.#settings = settings;
  }

  async append(
    commits: readonly EntityCommit[],
    options: TransactionOption<MemoryClient> = {},
  ): Promise<readonly CommitRow[]> {
    return this.#append(commits, options, this.#settings.attribution);
  }

  #append(commits: readonly EntityCommit[], options: TransactionOption<MemoryClient>, policy: AttributionPolicy) {
    checkCommits(commits, policy);
    const encoded = commits.map((commit) => encodeCommit(commit, this.#settings.maxBodyBytes));
    return this.#write(options, (draft) => appendCommits(draft, encoded, this.#settings.nowMs()));
  }

  async import(
    events: Iterable<ImportedEvent> | AsyncIterable<ImportedEvent>,
    options: TransactionOption<MemoryClient> = {},
  ) {
    const { head } = this.#view(options);
    return importEvents(async (commits) => this.#append(commits, options, "optional"), head, events);
  }

  async erase(args: EraseArgs, options: Attribution & TransactionOption<MemoryClient>) {
    const { transaction, ...attribution } = options;
    const erasure = checkErasure(args, attribution);
    return erasureResult(
      await this.#write({ transaction }, (draft) => eraseEntity(draft, erasure, this.#settings.nowMs())),
    );
  }

  async load(query: LoadQuery, options: TransactionOption<MemoryClient> = {}): Promise<readonly LoadedEvent[]> {
    return loadEvents(this.#contents, this.#view(options), query);
  }

  async loadHistory(query: LoadQuery, options: TransactionOption<MemoryClient> = {}): Promise<readonly StoredEvent[]> {
    return loadHistory(this.#contents, this.#view(options), query);
  }

  async findByIdempotencyKey(
    { idempotencyKey, ...stream }: { entityName: string; entityId: string; idempotencyKey: string },
    options: TransactionOption<MemoryClient> = {},
  ): Promise<readonly StoredEvent[] | null> {
    return eventsOfKey(this.#contents, this.#view(options), stream, idempotencyKey) ?? null;
  }

  read(options: ReadOptions<MemoryClient> = {}): AsyncIterableIterator<StoredEvent> {
    return readLog(
      {
        head: async (query) => this.#view(query).head,
        page: async (query) => readPage(this.#contents, this.#view(query), query),
      },
      options,
    );
  }

  subscribe(options: SubscribeOptions = {}): AsyncIterableIterator<StoredEvent> {
    return subscribe(
      {
        frontier: async () => this.#view({ transaction: null }).head,
        read: (page) => this.read(page as ReadOptions<MemoryClient>),
        wakeUps: this.#wakeUps,
        // Nobody else writes here.
        polling: undefined,
      },
      options,
    );
  }

  async entities(options: EntitiesOptions<MemoryClient>): Promise<readonly EntitySummary[]> {
    const { entityName, after = "", limit = 100 } = options;
    checkWhole("limit", limit, 1);
    return listEntities(this.#contents, this.#view(options), entityName, after, limit);
  }

  async getSnapshot(
    args: { entityName: string; entityId: string; fingerprint?: string; upToVersion?: number },
    options: TransactionOption<MemoryClient> = {},
  ) {
    const { fingerprint = "", upToVersion = Number.MAX_SAFE_INTEGER } = args;
    const found = findSnapshot(this.#view(options).snapshots(snapshotKey(args)), fingerprint, upToVersion);
    if (found === undefined) return null;
    const { version, eventId, stateText } = found;
    return { state: JSON.parse(stateText) as never, version, ...(eventId !== undefined && { eventId }) };
  }

  async saveSnapshot(args: {
    entityName: string;
    entityId: string;
    fingerprint?: string;
    version: number;
    eventId?: string | undefined;
    state: unknown;
  }): Promise<void> {
    const { fingerprint = "", version, eventId } = args;
    const stateText = JSON.stringify(args.state);
    await this.#write({}, (draft) => {
      draft.saveSnapshot(args, { fingerprint, version, eventId, stateText });
      return { value: undefined, keep: true };
    });
  }

  transaction<T>(
    work: (transaction: StoreTransaction<MemoryClient>) => Promise<T>,
    options: { readonly timeout?: number | undefined } = {},
  ): Promise<T> {
    const steps = {
      lock: this.#lock,
      assertOpen: () => this.#assertOpen(),
      begin: () => {
        this.#open = { draft: new Draft(this.#contents), since: Date.now() };
        return Object.freeze({}) as MemoryClient;
      },
      commit: () => {
        this.#open?.draft.keep();
        this.#open = undefined;
        this.#wakeUps.notify();
        return () => true;
      },
      end: () => {
        this.#open?.draft.takeBack();
        this.#open = undefined;
      },
    };
    return runTransaction(this, steps, work, options);
  }

  async migrate(): Promise<void> {
    this.#assertOpen();
    assertOutside(this);
  }

  async status(): Promise<StoreStatus> {
    const { head } = this.#view({ transaction: null });
    return {
      frontier: head,
      schemaVersion: 0,
      durability: { survives: "none", because: "the store is in memory" },
      openTransaction: this.#open && { ageMs: Date.now() - this.#open.since },
    };
  }

  async close(): Promise<void> {
    assertOutside(this);
    this.#closing ??= this.#waitForWriters();
    await this.#closing;
  }

  async #waitForWriters(): Promise<void> {
    await this.#lock.acquire();
    this.#lock.release();
    // Subscriptions learn of the end.
    this.#wakeUps.notify();
  }

  /** Runs synchronous work in the transaction that the call belongs to, or in one of its own: at once, where no other one is open. */
  #write<T>(options: TransactionOption<MemoryClient>, work: (draft: Draft) => WorkResult<T>): T | Promise<T> {
    const transaction = this.#join(options);
    if (transaction !== undefined) return Draft.run(this.#contents, transaction, work);
    assertOutside(this);
    return this.#lock.isHeld ? this.#writeInTurn(work) : this.#writeNow(work);
  }

  #writeNow<T>(work: (draft: Draft) => WorkResult<T>): T {
    const value = Draft.run(this.#contents, undefined, work);
    this.#wakeUps.notify();
    return value;
  }

  async #writeInTurn<T>(work: (draft: Draft) => WorkResult<T>): Promise<T> {
    await this.#lock.acquire();
    try {
      return this.#writeNow(work);
    } finally {
      this.#lock.release();
    }
  }

  /** What a call may see. */
  #view(options: TransactionOption<MemoryClient>): View {
    return this.#join(options) ?? this.#contents;
  }

  /** The transaction that a call belongs to. */
  #join({ transaction }: TransactionOption<MemoryClient>): Draft | undefined {
    const joined = joinTransaction(this, transaction);
    // A transaction that is under way may do what it has still to do: close() waits for it.
    if (joined.kind === "store") return this.#open?.draft;
    this.#assertOpen();
    if (joined.kind === "none") return undefined;
    throw new VentydError(
      "transaction_mismatch",
      "Wrong transaction: what was passed as { transaction } is none of this store's. Pass what store.transaction() of this very store gives to its callback.",
    );
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new VentydError(
      "store_closed",
      "Store is closed: close() was called before this call. Make a new store; what was in this one is gone.",
    );
  }
}
