import type { Attribution } from "../../attribution/metadata.ts";
import type { AttributionPolicy } from "../../attribution/policy.ts";
import { CursorAheadError, VentydError } from "../../errors/index.ts";
import type { StoredEvent } from "../../schema/event.ts";
import {
  appendCommits,
  assertOutside,
  type CommitRow,
  checkCommits,
  checkErasure,
  checkWhole,
  type Durability,
  type EncodedCommit,
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
  type PageQuery,
  type ReadOptions,
  readLog,
  runTransaction,
  type StoreStatus,
  StoreBase,
  type StoreTransaction,
  type SubscribeOptions,
  subscribe,
  type TransactionOption,
  type TransactionSteps,
  WakeUps,
  type WorkResult,
} from "../../storage/index.ts";
import { FifoLock } from "../../util/fifo-lock.ts";
import { pause } from "../../util/timers.ts";
import { Backlog } from "./backlog.ts";
import { Coalescer, textOf } from "./coalescer.ts";
import type { SqlDialect } from "./dialect.ts";
import { isExecutor, type SqlConnection, type SqlExecutor } from "./executor.ts";
import { type Facts, factsOf, rangesOf } from "./facts.ts";
import { Frontier } from "./frontier.ts";
import { GatheredLog } from "./gathered-log.ts";
import { Hints } from "./hints.ts";
import { inSavepoint, takeBack } from "./in-savepoint.ts";
import { assertMigrated, migrate, wholeMigrations } from "./migrate.ts";
import type { Migration } from "./migration.ts";
import { openTransaction } from "./open-transaction.ts";
import { fromCommitError, retry, retryInside } from "./sql-errors.ts";
import { type GuardedTransaction, untilAborted } from "./until-aborted.ts";

/** The options of a store, filled in. */
export interface SqlSettings {
  readonly maxBodyBytes: number;
  /** The clock behind `recordedAt`, where it is not that of the database. */
  readonly now: (() => Date) | undefined;
  readonly attribution: AttributionPolicy;
  readonly durability: (connection: SqlConnection) => Promise<Durability>;
  /** Is called when the tables have been found, before anything else is done. */
  readonly onReady?: (connection: SqlConnection) => Promise<void>;
}

/** Milliseconds between two looks for what other processes have stored: while something comes, and at most. */
const shortestPoll = 10;
const longestPoll = 100;
/** The same where they send hints, which a look only stands in for. */
const longestHintedPoll = 250;

/** Milliseconds for which the end of a transaction that is taken back is waited for. */
const longestAbort = 1_000;

/** Milliseconds for which a transaction of ours may be idle. */
const longestIdle = 10_000;

/** How many characters of JSON a commit may have that shares its statement with others. */
const mostShared = 256 * 1024;

/** What a call can join: a handle of the store's own driver, or what `fromDrizzle` and the like make of another one's. */
type Joinable<TClient> = TClient | SqlExecutor;

/**
 * A store that speaks SQL through a driver or an ORM of the application's; `client` is the handle of its transactions. `TJoined` is what `{ transaction }`
 * takes besides.
 */
export interface SqlEventStore<TClient = unknown, TJoined = SqlExecutor> extends EventStore<TClient | TJoined> {
  transaction<T>(
    work: (transaction: StoreTransaction<TClient>) => Promise<T>,
    options?: { readonly timeout?: number | undefined },
  ): Promise<T>;
  /**
   * The statements that `migrate` runs on a database without tables, in order: to be read before, or to be handed to the team's own migration tool. What
   * has been run that way `migrate` finds done.
   */
  migrations(): readonly Migration[];
}

/** A store on a database behind a network. */
export class SqlStore<TClient extends object> extends StoreBase<Joinable<TClient>> implements SqlEventStore<TClient> {
  readonly #executor: SqlExecutor<TClient>;
  readonly #dialect: SqlDialect;
  readonly #settings: SqlSettings;
  readonly #frontier: Frontier | undefined;
  readonly #coalescer: Coalescer | undefined;
  /** Lets one writer of this store in at a time, where the database does not have them wait for each other. */
  readonly #turns: FifoLock | undefined;
  readonly #backlog = new Backlog();
  readonly #wakeUps = new WakeUps();
  readonly #hints: Hints;
  /** The transactions of `transaction` that are open, by their handles. */
  readonly #open = new Map<object, { readonly guard: GuardedTransaction; readonly since: number }>();
  readonly #underWay = new Set<Promise<unknown>>();
  /** Subscriptions that do not know yet from which position on. */
  readonly #starting = new Set<Promise<unknown>>();
  #isMigrated: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(executor: SqlExecutor<TClient>, dialect: SqlDialect, settings: SqlSettings) {
    super();
    this.#executor = executor;
    this.#dialect = dialect;
    this.#settings = settings;
    const { frontier, classify } = dialect;
    this.#frontier = frontier && new Frontier(frontier, classify, executor);
    this.#hints = new Hints(dialect.hints, executor, this.#wakeUps);
    this.#turns = frontier === undefined ? new FifoLock() : undefined;
    const appendTogether = dialect.appendTogether?.bind(dialect, executor);
    const clock = () => ({ nowMs: settings.now?.().getTime() });
    this.#coalescer = appendTogether && new Coalescer((commits) => appendTogether(commits, clock()));
  }

  append(
    commits: readonly EntityCommit[],
    options: TransactionOption<Joinable<TClient>> = {},
  ): Promise<readonly CommitRow[]> {
    return this.#append(commits, options, this.#settings.attribution);
  }

  async #append(
    commits: readonly EntityCommit[],
    options: TransactionOption<Joinable<TClient>>,
    policy: AttributionPolicy,
  ): Promise<readonly CommitRow[]> {
    checkCommits(commits, policy);
    const joined = this.#join(options);
    // Who has joined a transaction must not wait for those who may be waiting for it.
    if (joined !== undefined) return this.#noting(this.#appendEncoded(joined, this.#encode(commits)));
    return this.#noting(this.#appendInTurn(commits));
  }

  async #appendInTurn(commits: readonly EntityCommit[]): Promise<readonly CommitRow[]> {
    let size = 0;
    const room = this.#backlog.enter();
    if (room !== undefined) await room;
    try {
      const encoded = this.#encode(commits);
      size = textOf(encoded);
      this.#backlog.hold(size);
      return await this.#appendEncoded(undefined, encoded);
    } finally {
      this.#backlog.leave(size);
    }
  }

  #encode(commits: readonly EntityCommit[]): readonly EncodedCommit[] {
    return commits.map((commit) => encodeCommit(commit, this.#settings.maxBodyBytes));
  }

  /** What was begun is ended, both ways of it, though the store is being closed. */
  async #appendEncoded(
    joined: SqlConnection | undefined,
    encoded: readonly EncodedCommit[],
  ): Promise<readonly CommitRow[]> {
    let mayBeWritten = false;
    // One large commit would keep the small ones waiting that come together with it.
    if (joined === undefined && this.#coalescer !== undefined && isPlain(encoded) && textOf(encoded) <= mostShared) {
      await this.#mayWrite();
      const outcome = await this.#coalescer.append(encoded[0]);
      if (typeof outcome !== "string") {
        this.#tell();
        return [{ status: "written", version: (outcome.at(-1) as StoredEvent).version, events: outcome }];
      }
      mayBeWritten = outcome === "unknown";
    }
    const written = new Set<number>();
    const rows = await this.#write(joined, factsOf(encoded), (log, nowMs) => appendCommits(log, encoded, nowMs), {
      onWritten: (rows) => rows.forEach(({ status }, index) => void (status === "written" && written.add(index))),
      isUnknown: mayBeWritten,
    }).catch((error) => rowsOfAborted(encoded, error));
    // What an attempt wrote whose answer was lost, the next one finds.
    return rows.map((row, index) =>
      row.status === "duplicate" && (mayBeWritten || written.has(index)) ? { ...row, status: "written" } : row,
    );
  }

  async import(
    events: Iterable<ImportedEvent> | AsyncIterable<ImportedEvent>,
    options: TransactionOption<Joinable<TClient>> = {},
  ) {
    const head = await this.#read(options, (connection) => this.#dialect.lastPosition(connection));
    return importEvents((commits) => this.#append(commits, options, "optional"), head, events);
  }

  async erase(args: EraseArgs, options: Attribution & TransactionOption<Joinable<TClient>>) {
    const { transaction, ...attribution } = options;
    const erasure = checkErasure(args, attribution);
    const { stream } = erasure;
    // Its last event is looked at, whichever version that has by then.
    const facts = { streams: [{ ...stream, mayBeNew: false }], ids: [], ranges: [], keys: [] };
    const erasedBy = await this.#write(this.#join({ transaction }), facts, (log, nowMs) =>
      eraseEntity(log, erasure, nowMs),
    );
    return erasureResult(erasedBy);
  }

  load(query: LoadQuery, options: TransactionOption<Joinable<TClient>> = {}): Promise<readonly LoadedEvent[]> {
    return this.#read(options, async (connection) => {
      await this.#assertDecided(connection, query);
      return this.#dialect.load(connection, query);
    });
  }

  loadHistory(query: LoadQuery, options: TransactionOption<Joinable<TClient>> = {}): Promise<readonly StoredEvent[]> {
    return this.#read(options, async (connection) => {
      await this.#assertDecided(connection, query);
      return this.#dialect.loadHistory(connection, query);
    });
  }

  /** @throws {CursorAheadError} what will stand up to a position is not decided. */
  async #assertDecided(connection: SqlConnection, { position }: LoadQuery): Promise<void> {
    if (position === undefined) return;
    const head = await this.#headOn(connection, position - 1);
    if (position > head) throw new CursorAheadError({ after: position, head });
  }

  findByIdempotencyKey(
    { idempotencyKey, ...stream }: { entityName: string; entityId: string; idempotencyKey: string },
    options: TransactionOption<Joinable<TClient>> = {},
  ): Promise<readonly StoredEvent[] | null> {
    return this.#read(options, (connection) =>
      this.#dialect.eventsOfKey(connection, { ...stream, key: idempotencyKey }),
    );
  }

  read(options: ReadOptions<Joinable<TClient>> = {}): AsyncIterableIterator<StoredEvent> {
    return this.#readLog(options);
  }

  /** @param known how far it is known that a reader may go. */
  #readLog(options: ReadOptions<Joinable<TClient>>, known?: number): AsyncIterableIterator<StoredEvent> {
    let head = known;
    const page = (query: PageQuery<Joinable<TClient>>, frontier: number) =>
      this.#read(query, (connection) =>
        this.#dialect.readPage(connection, { ...query, before: Math.min(query.before, frontier + 1) }),
      );
    return readLog(
      {
        head: async (query) => known ?? this.#head(query, query.after - 1),
        spans: (query) => this.#read(query, (connection) => this.#dialect.timeSpans(connection, query)),
        page: async (query) => {
          // What is decided is handed out before the end of the log is looked at; backwards it begins there.
          head ??= await this.#head(query, query.order === "desc" ? undefined : query.after);
          const events = await page(query, head);
          if (events.length === query.limit || head + 1 >= query.before) return events;
          // The end of what could be read when the last look was taken: there may be more by now.
          const before = head;
          head = await this.#head(query);
          return head === before ? events : page(query, head);
        },
      },
      options,
    );
  }

  /**
   * How far a reader may go: up to the frontier; inside a transaction, all that is seen there.
   *
   * @param beyond as `Frontier.position` takes it.
   */
  #head(options: TransactionOption<Joinable<TClient>>, beyond?: number): Promise<number> {
    return this.#read(options, (connection) => this.#headOn(connection, beyond));
  }

  #headOn(connection: SqlConnection, beyond?: number): Promise<number> {
    return this.#frontier !== undefined && connection === this.#executor
      ? this.#frontier.position(beyond)
      : this.#dialect.lastPosition(connection);
  }

  subscribe(options: SubscribeOptions = {}): AsyncIterableIterator<StoredEvent> {
    let isFirst = options.after === undefined;
    const longest = () => this.#longestPoll;
    return subscribe(
      {
        frontier: (beyond) => {
          const position = this.#head({ transaction: null }, beyond);
          if (isFirst) this.#letStart(position);
          isFirst = false;
          return position;
        },
        read: (page, known) => this.#readLog(page as ReadOptions<Joinable<TClient>>, known),
        wakeUps: this.#wakeUps,
        polling: {
          shortest: shortestPoll,
          get longest() {
            return longest();
          },
        },
        attend: () => this.#hints.attend(),
      },
      options,
    );
  }

  async entities(options: EntitiesOptions<Joinable<TClient>>): Promise<readonly EntitySummary[]> {
    const { entityName, after = "", limit = 100 } = options;
    checkWhole("limit", limit, 1);
    return this.#read(options, (connection) => this.#dialect.listEntities(connection, entityName, after, limit));
  }

  async getSnapshot(
    args: { entityName: string; entityId: string; fingerprint?: string; upToVersion?: number },
    options: TransactionOption<Joinable<TClient>> = {},
  ) {
    const { fingerprint = "", upToVersion = Number.MAX_SAFE_INTEGER } = args;
    const found = await this.#read(options, (connection) =>
      this.#dialect.findSnapshot(connection, { ...args, fingerprint, upToVersion }),
    );
    if (found === undefined) return null;
    const { version, eventId, stateText } = found;
    return { state: JSON.parse(stateText) as never, version, ...(eventId !== null && { eventId }) };
  }

  async saveSnapshot(args: {
    entityName: string;
    entityId: string;
    fingerprint?: string;
    version: number;
    eventId?: string | undefined;
    state: unknown;
  }): Promise<void> {
    const { fingerprint = "", eventId = null, state, ...rest } = args;
    const stateText = JSON.stringify(state);
    await this.#inTransaction(this.#join({}), async (connection) => {
      // Under the entity's lock: one that was on its way while the entity was erased would bring back what is gone.
      const { ends } = await this.#dialect.lock(connection, [{ ...rest, mayBeNew: false }]);
      if ([...ends.values()][0]?.isErased !== true)
        await this.#dialect.saveSnapshot(connection, { ...rest, fingerprint, eventId, stateText });
      return { value: undefined, keep: true };
    });
  }

  transaction<T>(
    work: (transaction: StoreTransaction<TClient>) => Promise<T>,
    options?: { readonly timeout?: number | undefined },
  ): Promise<T> {
    return this.#noting(runTransaction(this, this.#transactionSteps(options?.timeout), work, options));
  }

  #transactionSteps(timeout = 0): TransactionSteps<TClient> {
    let opened: Awaited<ReturnType<typeof openTransaction<TClient>>> | undefined;
    let guard: GuardedTransaction | undefined;
    return {
      lock: this.#turns,
      assertOpen: () => this.#assertOpen(),
      begin: async () => {
        await this.#mayWrite();
        opened = await retry(this.#dialect, this.#executor, async () => {
          const begun = await openTransaction(this.#executor);
          try {
            await this.#dialect.limitTransaction(begun.transaction, Math.max(timeout, longestIdle));
            return begun;
          } catch (error) {
            await begun.abort();
            throw error;
          }
        });
        guard = untilAborted(opened.transaction, this.#dialect);
        this.#open.set(opened.transaction.client, { guard, since: Date.now() });
        return opened.transaction.client;
      },
      commit: async () => {
        await guard?.settled();
        guard?.assertNotAborted();
        guard?.end();
        await opened?.commit().catch((error) => {
          throw fromCommitError(error, this.#dialect);
        });
        this.#tell();
        return () => true;
      },
      end: async () => {
        if (opened === undefined) return;
        this.#open.delete(opened.transaction.client);
        guard?.end();
        // A statement that still runs there is not waited for any longer: what it does is taken back when it has come to its end.
        await Promise.race([opened.abort(), pause(longestAbort)]);
      },
    };
  }

  async migrate(): Promise<void> {
    this.#assertOpen();
    assertOutside(this);
    await this.#noting(
      this.#inTurn(() => retry(this.#dialect, this.#executor, () => migrate(this.#executor, this.#dialect))),
    );
    this.#isMigrated = undefined;
  }

  migrations(): readonly Migration[] {
    return wholeMigrations(this.#dialect);
  }

  async status(): Promise<StoreStatus> {
    this.#assertOpen();
    // Where there is one connection, a transaction around this call has it.
    const joined = this.#executor.hasOneConnection === true ? this.#join({}) : undefined;
    const connection = joined ?? this.#executor;
    const schemaVersion = (await this.#dialect.appliedMigrations(connection)).at(-1)?.id ?? 0;
    const frontier = () => {
      if (this.#frontier === undefined) return this.#dialect.lastPosition(connection);
      return joined === undefined ? this.#frontier.position() : this.#frontier.noted(joined);
    };
    const [oldest] = this.#open.values();
    const position = schemaVersion === 0 ? 0 : await frontier();
    const canAsk = schemaVersion > 0 && this.#executor.hasOneConnection !== true;
    return {
      frontier: position,
      heldBy: canAsk ? await this.#frontier?.holder(position) : undefined,
      schemaVersion,
      durability: await this.#settings.durability(connection),
      openTransaction: oldest && { ageMs: Date.now() - oldest.since },
    };
  }

  async close(): Promise<void> {
    assertOutside(this);
    this.#closing ??= this.#settle();
    await this.#closing;
  }

  async #settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    await this.#hints.close();
    // Subscriptions learn of the end.
    this.#wakeUps.notify();
  }

  /** Something was committed. */
  #tell(): void {
    this.#wakeUps.notify();
    this.#hints.send();
  }

  /** How often a subscription looks for itself. A file is looked at in no time. */
  get #longestPoll(): number {
    if (this.#frontier === undefined) return shortestPoll;
    return this.#hints.areHeard ? longestHintedPoll : longestPoll;
  }

  /** Work that `close()` waits for. */
  #noting<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    const forget = () => void this.#underWay.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** Decides and writes, in the transaction that the call belongs to or in one of its own. */
  async #write<T>(
    joined: SqlConnection | undefined,
    facts: Facts,
    decide: (log: GatheredLog, nowMs: number) => WorkResult<T>,
    {
      onWritten = () => {},
      isUnknown = false,
    }: {
      /** Is told what has been written, in each attempt that came that far. */
      readonly onWritten?: (value: T) => void;
      /** Whether an attempt before this call may have been carried out. */
      readonly isUnknown?: boolean;
    } = {},
  ): Promise<T> {
    let isRepeated = false;
    const attempt = async (connection: SqlConnection) => {
      const { ends, nowMs } = await this.#dialect.lock(connection, facts.streams);
      const events = await this.#dialect.gather(connection, { ...facts, ranges: rangesOf(facts, ends), isRepeated });
      isRepeated = true;
      const log = new GatheredLog(ends, events);
      const result = decide(log, this.#settings.now?.().getTime() ?? nowMs);
      if (!result.keep) return result;
      await this.#dialect.write(connection, log);
      onWritten(result.value);
      return result;
    };
    return this.#inTransaction(joined, attempt, isUnknown);
  }

  async #inTransaction<T>(
    joined: SqlConnection | undefined,
    work: (connection: SqlConnection) => Promise<WorkResult<T>>,
    isUnknown = false,
  ): Promise<T> {
    if (joined !== undefined) {
      const step = () => retryInside(this.#dialect, joined, () => inSavepoint(joined, this.#dialect, work));
      const own = [...this.#open.values()].find(({ guard }) => guard.connection === joined);
      return own === undefined ? step() : own.guard.join(step);
    }
    await this.#mayWrite();
    let mayHaveWritten = false;
    const attempt = async () => {
      let result: WorkResult<T> | undefined;
      try {
        await this.#executor.transaction(async (transaction) => {
          await this.#dialect.limitTransaction(transaction, longestIdle);
          result = await work(transaction);
          if (!result.keep) throw takeBack;
          mayHaveWritten = true;
        });
      } catch (error) {
        if (error !== takeBack || result === undefined) throw error;
      }
      return (result as WorkResult<T>).value;
    };
    if (this.#turns !== undefined) assertOutside(this);
    const value = await this.#noting(
      this.#inTurn(() => retry(this.#dialect, this.#executor, attempt, () => mayHaveWritten, isUnknown)),
    );
    this.#tell();
    return value;
  }

  /** Runs work that writes after what was asked for before, where one writes at a time. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.#turns?.acquire();
    try {
      return await work();
    } finally {
      this.#turns?.release();
    }
  }

  /** Reads where nothing uncommitted can be seen, unless the call belongs to a transaction. */
  async #read<T>(
    options: TransactionOption<Joinable<TClient>>,
    work: (connection: SqlConnection) => Promise<T>,
  ): Promise<T> {
    const joined = this.#join(options);
    if (joined !== undefined) return retryInside(this.#dialect, joined, () => work(joined));
    await this.#checkMigrated();
    return retry(this.#dialect, this.#executor, () => work(this.#executor));
  }

  /** The connection of the transaction that a call belongs to. */
  #join({ transaction: option }: TransactionOption<Joinable<TClient>>): SqlConnection | undefined {
    const joined = joinTransaction(this, option);
    // A transaction that is under way may do what it has still to do: close() waits for it.
    if (joined.kind === "store") return this.#open.get(joined.transaction.handle.client)?.guard.connection;
    this.#assertOpen();
    if (joined.kind === "none") {
      if (this.#executor.hasOneConnection === true) assertOutside(this);
      return undefined;
    }
    if (isExecutor(joined.client)) return joined.client;
    const connection = this.#executor.join(joined.client as TClient);
    if (connection !== undefined) return connection;
    throw new VentydError(
      "transaction_mismatch",
      "Wrong transaction: what was passed as { transaction } is no handle of this store's driver. Pass the handle on which the transaction was begun.",
    );
  }

  /** Lets what is stored from now on wait until a subscription knows where it starts: on another connection it could come first, and be missed. */
  #letStart(position: Promise<number>): void {
    this.#starting.add(position);
    const forget = () => void this.#starting.delete(position);
    position.then(forget, forget);
  }

  async #mayWrite(): Promise<void> {
    await this.#checkMigrated();
    if (this.#starting.size > 0) await Promise.allSettled(this.#starting);
  }

  /** Looks once whether the tables are there; again only where they were not. */
  #checkMigrated(): Promise<void> {
    this.#isMigrated ??= retry(this.#dialect, this.#executor, async () => {
      await assertMigrated(this.#executor, this.#dialect);
      await this.#settings.onReady?.(this.#executor);
    }).catch((error) => {
      this.#isMigrated = undefined;
      throw error;
    });
    return this.#isMigrated;
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new VentydError(
      "store_closed",
      "Store is closed: close() was called before this call. Make a new store on the database.",
    );
  }
}

/**
 * What is answered where the database has given up the transaction that commits had joined. By whom they were overtaken cannot be seen there any more; asked on
 * another connection, a pool whose connections all wait for such an answer would never give one.
 */
function rowsOfAborted(encoded: readonly EncodedCommit[], error: unknown): readonly CommitRow[] {
  const isAborted = error instanceof VentydError && error.code === "transaction_aborted";
  return encoded.map(({ commit: { expectedVersion } }, index) => {
    if (!isAborted || expectedVersion === "any") throw error;
    return index === 0
      ? { status: "conflict", actualVersion: expectedVersion, transactionAborted: true }
      : { status: "held_back" };
  });
}

/** Whether an append is one commit of which nothing must be known but the version that it stands on. */
function isPlain(encoded: readonly EncodedCommit[]): encoded is readonly [EncodedCommit] {
  const [only, another] = encoded;
  return (
    only !== undefined &&
    another === undefined &&
    only.commit.expectedVersion !== "any" &&
    only.events.every(({ event }) => event.isErased === undefined && event.recordedAt === undefined)
  );
}
