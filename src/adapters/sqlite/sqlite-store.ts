import type { Attribution } from "../../attribution/metadata.ts";
import type { AttributionPolicy } from "../../attribution/policy.ts";
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
  type TransactionSteps,
  WakeUps,
  type WorkResult,
} from "../../storage/index.ts";
import { warn } from "../../util/warning.ts";
import { durability } from "../sql/dialects/sqlite-durability.ts";
import { isBusy } from "../sql/dialects/sqlite-errors.ts";
import {
  eventsOfKey,
  lastPosition,
  listEntities,
  loadEvents,
  loadHistory,
  missingEvents,
  readPage,
  timeSpans,
} from "../sql/dialects/sqlite-reads.ts";
import { findSnapshot, saveSnapshot } from "../sql/dialects/sqlite-snapshots.ts";
import type { Steps } from "../sql/dialects/sqlite-steps.ts";
import { wholeMigrations } from "../sql/migrate.ts";
import type { Migration } from "../sql/migration.ts";
import { appliedMigrations, sqliteSchema } from "../sql/migrations/sqlite.ts";
import { type SqliteConnection, take } from "./connection.ts";
import type { BorrowedDatabase, SqliteDatabaseAccess } from "./database.ts";
import { fromDriverError } from "./driver-errors.ts";
import { durabilityReduced } from "./durability-reduced.ts";
import { sqliteLog } from "./log.ts";
import { assertMigrated, migrate } from "./migrate.ts";
import type { SqliteSettings, SqliteStore } from "./types.ts";
import { inSavepoint, Writer, whenNotBusy } from "./writer.ts";

/** Milliseconds between two looks for what other processes have stored; a look is one step down an index. */
const pollInterval = 10;

export class SqliteStoreOf<TDatabase> extends StoreBase<TDatabase> implements SqliteStore<TDatabase> {
  readonly #database: SqliteDatabaseAccess<TDatabase>;
  readonly #options: SqliteSettings;
  readonly #writer: Writer;
  readonly #reader: SqliteConnection;
  readonly #wakeUps = new WakeUps();
  #open: RunningTransaction | undefined;
  #durabilityIsChecked = false;
  readonly #checkedConnections = new WeakSet<SqliteConnection>();
  #closing: Promise<void> | undefined;

  /** @param rest milliseconds that opening connections may still block the process: opening the application's handle has, too. */
  constructor(database: SqliteDatabaseAccess<TDatabase>, options: SqliteSettings, rest: () => number) {
    super();
    this.#database = database;
    this.#options = options;
    const connect = () => (database.isPrivate ? database.own : database.open(rest())).connection;
    this.#writer = new Writer(connect(), database.isPrivate, options.busyTimeout, () => this.#describeHolder());
    this.#reader = connect();
  }

  async append(
    commits: readonly EntityCommit[],
    options: TransactionOption<TDatabase> = {},
  ): Promise<readonly CommitRow[]> {
    return this.#append(commits, options, this.#options.attribution);
  }

  async #append(
    commits: readonly EntityCommit[],
    options: TransactionOption<TDatabase>,
    policy: AttributionPolicy,
  ): Promise<readonly CommitRow[]> {
    checkCommits(commits, policy);
    const encoded = commits.map((commit) => encodeCommit(commit, this.#options.maxBodyBytes));
    return this.#writeIn(options, (connection) => {
      const result = appendCommits(sqliteLog(connection), encoded, this.#options.now().getTime());
      if (connection === this.#open?.connection) this.#open.lastEventIds.push(...result.value.flatMap(lastEventId));
      return result;
    });
  }

  async import(
    events: Iterable<ImportedEvent> | AsyncIterable<ImportedEvent>,
    options: TransactionOption<TDatabase> = {},
  ) {
    const frontier = await this.#ask(options, lastPosition);
    return importEvents((commits) => this.#append(commits, options, "optional"), frontier, events);
  }

  async erase(args: EraseArgs, options: Attribution & TransactionOption<TDatabase>) {
    const { transaction, ...attribution } = options;
    const erasure = checkErasure(args, attribution);
    const erasedBy = await this.#writeIn({ transaction }, (connection) =>
      eraseEntity(sqliteLog(connection), erasure, this.#options.now().getTime()),
    );
    return erasureResult(erasedBy);
  }

  load(query: LoadQuery, options: TransactionOption<TDatabase> = {}): Promise<readonly LoadedEvent[]> {
    return this.#ask(options, () => loadEvents(query));
  }

  loadHistory(query: LoadQuery, options: TransactionOption<TDatabase> = {}): Promise<readonly StoredEvent[]> {
    return this.#ask(options, () => loadHistory(query));
  }

  async findByIdempotencyKey(
    { idempotencyKey, ...stream }: { entityName: string; entityId: string; idempotencyKey: string },
    options: TransactionOption<TDatabase> = {},
  ): Promise<readonly StoredEvent[] | null> {
    return (await this.#ask(options, () => eventsOfKey(stream, idempotencyKey))) ?? null;
  }

  read(options: ReadOptions<TDatabase> = {}): AsyncIterableIterator<StoredEvent> {
    return readLog(
      {
        head: (query) => this.#ask(query, lastPosition),
        page: (query) => this.#ask(query, () => readPage(query)),
        spans: (query) => this.#ask(query, () => timeSpans(query)),
      },
      options,
    );
  }

  subscribe(options: SubscribeOptions = {}): AsyncIterableIterator<StoredEvent> {
    return subscribe(
      {
        frontier: () => this.#ask({ transaction: null }, lastPosition),
        read: (page) => this.read(page as ReadOptions<TDatabase>),
        wakeUps: this.#wakeUps,
        polling: { shortest: pollInterval, longest: pollInterval },
      },
      options,
    );
  }

  async entities(options: EntitiesOptions<TDatabase>): Promise<readonly EntitySummary[]> {
    const { entityName, after = "", limit = 100 } = options;
    checkWhole("limit", limit, 1);
    return this.#ask(options, () => listEntities(entityName, after, limit));
  }

  async getSnapshot(
    args: { entityName: string; entityId: string; fingerprint?: string; upToVersion?: number },
    options: TransactionOption<TDatabase> = {},
  ) {
    const { fingerprint = "", upToVersion = Number.MAX_SAFE_INTEGER } = args;
    const found = await this.#ask(options, () => findSnapshot({ ...args, fingerprint, upToVersion }));
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
    await this.#writeIn({}, (connection) => {
      // One that was on its way while the entity was erased would bring back what is gone.
      if (!sqliteLog(connection).end(args).isErased)
        take(connection, saveSnapshot({ ...rest, fingerprint, eventId, stateText }));
      return { value: undefined, keep: true };
    });
  }

  transaction<T>(
    work: (transaction: StoreTransaction<TDatabase>) => Promise<T>,
    options?: { readonly timeout?: number | undefined },
  ): Promise<T> {
    return runTransaction(this, this.#transactionSteps(), work, options);
  }

  #transactionSteps(): TransactionSteps<TDatabase> {
    const calledAt = Date.now();
    let opened: BorrowedDatabase<TDatabase> | undefined;
    return {
      lock: this.#writer.lock,
      assertOpen: () => this.#assertOpen(),
      begin: async () => {
        // A connection for this transaction alone: whoever still uses `client` after its end reaches nobody else's.
        opened = await this.#writer.whenNotBusy(() => this.#database.borrow(), calledAt);
        const { connection, client } = opened;
        await this.#writer.whenNotBusy(() => {
          this.#checkSchema(connection);
          this.#writer.begin(connection);
        }, calledAt);
        this.#checkDurability();
        this.#open = { connection, since: Date.now(), lastEventIds: [] };
        return client as TDatabase & object;
      },
      commit: async () => {
        const connection = this.#insideTransaction();
        // The application may have gone back to a savepoint of its own, and taken some of the commits inside with it.
        const gone = take(connection, missingEvents(this.#open?.lastEventIds ?? []));
        await this.#writer.whenNotBusy(() => connection.run("COMMIT"));
        this.#wakeUps.notify();
        return (eventId) => !gone.has(eventId);
      },
      end: () => {
        this.#open = undefined;
        if (opened === undefined) return;
        const { connection, giveBack } = opened;
        this.#writer.letGo(() => {
          if (connection.inTransaction) connection.run("ROLLBACK");
          giveBack();
        });
      },
    };
  }

  async migrate(): Promise<void> {
    this.#assertOpen();
    await this.#write((connection) => {
      migrate(connection);
      return { value: undefined, keep: true };
    });
  }

  migrations(): readonly Migration[] {
    return wholeMigrations(sqliteSchema);
  }

  async status(): Promise<StoreStatus> {
    // A private database has no second view: inside a transaction the only answer is that transaction's.
    const options = this.#database.isPrivate ? {} : { transaction: null };
    const status = (connection: SqliteConnection) => {
      const schemaVersion = take(connection, appliedMigrations()).at(-1)?.id ?? 0;
      return {
        frontier: schemaVersion === 0 ? 0 : take(connection, lastPosition()),
        schemaVersion,
        durability: take(this.#writer.connection, durability()),
        openTransaction: this.#open && { ageMs: Date.now() - this.#open.since },
      };
    };
    return this.#read(options, status, (connection) => connection);
  }

  #checkDurability(): void {
    if (this.#durabilityIsChecked) return;
    this.#durabilityIsChecked = true;
    const { survives, because } = take(this.#writer.connection, durability());
    if (survives === "process_crash")
      warn(this.#options.onWarning, durabilityReduced(because, 'Pass { pragmas: "recommended" }'));
  }

  async close(): Promise<void> {
    assertOutside(this);
    this.#closing ??= this.#writer.exclusive(async () => {
      if (this.#database.isPrivate) return;
      this.#writer.connection.close();
      this.#reader.close();
      this.#database.close();
    });
    await this.#closing;
  }

  /** Runs synchronous work in a transaction of its own, after everything that was asked for before. */
  async #write<T>(work: (connection: SqliteConnection) => WorkResult<T>): Promise<T> {
    assertOutside(this);
    const value = await this.#writer.transact(() => work(this.#writer.connection));
    this.#wakeUps.notify();
    return value;
  }

  /** Runs synchronous work in the transaction that the call belongs to, or in one of its own. */
  async #writeIn<T>(
    options: TransactionOption<TDatabase>,
    work: (connection: SqliteConnection) => WorkResult<T>,
  ): Promise<T> {
    const joined = withDriverErrors(() => this.#join(options));
    if (joined !== undefined) return withDriverErrors(() => inSavepoint(joined, () => work(joined)));
    return this.#write((connection) => {
      this.#checkDurability();
      return work(this.#checkSchema(connection));
    });
  }

  /** Reads as `#read` does, what is asked for anew in each attempt. */
  #ask<T>(options: TransactionOption<TDatabase>, question: () => Steps<T>): Promise<T> {
    return this.#read(options, (connection) => take(connection, question()));
  }

  /** Reads on a connection where nothing uncommitted can be seen, unless the call belongs to a transaction. */
  async #read<T>(
    options: TransactionOption<TDatabase>,
    work: (connection: SqliteConnection) => T,
    check = (connection: SqliteConnection) => this.#checkSchema(connection),
  ): Promise<T> {
    const joined = withDriverErrors(() => this.#join(options));
    if (joined !== undefined) return withDriverErrors(() => work(joined));
    if (!this.#database.isPrivate) {
      // Readers do not queue, and that they were served says nothing about the write lock.
      return whenNotBusy(
        this.#options.busyTimeout,
        () => this.#describeHolder(),
        () => work(check(this.#reader)),
      );
    }
    assertOutside(this);
    const calledAt = Date.now();
    return this.#writer.exclusive(() =>
      this.#writer.whenNotBusy(() => {
        this.#writer.assertFree();
        return work(check(this.#reader));
      }, calledAt),
    );
  }

  /** The connection of the transaction that a call belongs to. */
  #join({ transaction: option }: TransactionOption<TDatabase>): SqliteConnection | undefined {
    const joined = joinTransaction(this, option);
    // A transaction that is under way may do what it has still to do: close() waits for it.
    if (joined.kind === "store") return this.#insideTransaction();
    this.#assertOpen();
    if (joined.kind === "none") return undefined;
    const connection = this.#database.join(joined.client);
    if (connection === undefined) {
      throw new VentydError(
        "transaction_mismatch",
        "Wrong transaction: what was passed as { transaction } is no open handle on the database of this store. Pass the handle on which the transaction was begun.",
      );
    }
    if (connection.inTransaction) return this.#checkSchema(connection);
    throw new VentydError(
      "transaction_ended",
      "Transaction has ended: none is open on the database that was passed as { transaction }. Begin one on it first.",
    );
  }

  /** The connection of the transaction that is under way; outside of one, each statement on it would be written on its own. */
  #insideTransaction(): SqliteConnection {
    if (this.#open?.connection.inTransaction) return this.#open.connection;
    throw new VentydError(
      "transaction_ended",
      "Transaction has ended: the application committed or aborted it on `client`. Leave that to store.transaction().",
    );
  }

  #assertOpen(): void {
    if (this.#closing !== undefined)
      throw new VentydError(
        "store_closed",
        "Store is closed: close() was called before this call. Make a new store on the database.",
      );
  }

  #checkSchema(connection: SqliteConnection): SqliteConnection {
    // Each connection by itself: what one has cached of the schema is renewed by this, where SQLite would otherwise report, while another
    // process holds the file, a table as missing that has just been made.
    if (!this.#checkedConnections.has(connection)) {
      assertMigrated(connection);
      this.#checkedConnections.add(connection);
    }
    return connection;
  }

  #describeHolder(): string {
    if (this.#writer.hasLeftovers)
      return "an iterator on `client` of a transaction that has ended (let it run to its end)";
    if (this.#database.own.connection.inTransaction) {
      return "a transaction on the application's own handle (join it with { transaction: database }, or end it first)";
    }
    return "another connection";
  }
}

/** What the store knows of the transaction that it runs. */
interface RunningTransaction {
  readonly connection: SqliteConnection;
  readonly since: number;
  /** The last event of each commit inside. */
  readonly lastEventIds: string[];
}

function lastEventId(row: CommitRow): string | [] {
  return "events" in row ? (row.events.at(-1)?.eventId ?? []) : [];
}

function withDriverErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isBusy(error)
      ? new VentydError(
          "database_busy",
          "Database is busy: another connection holds the write lock. Begin the transaction with BEGIN IMMEDIATE.",
          { cause: error },
        )
      : fromDriverError(error);
  }
}
