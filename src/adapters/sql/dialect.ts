import type { StoredEvent } from "../../schema/event.ts";
import type {
  EncodedCommit,
  EntitySummary,
  FrontierHolder,
  LoadedEvent,
  LoadQuery,
  PageQuery,
  Span,
  StreamEnd,
  StreamName,
} from "../../storage/index.ts";
import type { SqlConnection, SqlExecutor } from "./executor.ts";
import type { GatheredEvent, GatheredLog } from "./gathered-log.ts";
import type { Migration } from "./migration.ts";

/** An entity whose end an append decides on. */
export interface LockedStream extends StreamName {
  /** True where it may not exist yet: it is locked all the same. */
  readonly mayBeNew: boolean;
}

/** Which stored events a decision needs, besides those of some ids. */
export interface GatherRange extends StreamName {
  readonly firstVersion: number;
  readonly count: number;
}

/** Which stored events a decision needs, by an idempotency key. */
export interface GatherKey extends StreamName {
  readonly key: string;
}

/** How far the log reaches. */
export interface LogReach {
  /** The frontier that is written down; everything up to it is decided. */
  readonly noted: number;
  /** Highest position up to which every one is decided and visible. */
  readonly frontier: number;
  /** Highest position that can be seen. */
  readonly head: number;
  /** Positions between the two that nobody can see, as far as one look takes in. */
  readonly holes: readonly number[];
}

/** The SQL by which a frontier is found, where several write at a time. */
export interface FrontierSql {
  /** How far readers may go, from the frontier that is written down or from a higher position that is known to be decided. */
  reach(connection: SqlConnection, from: number): Promise<LogReach>;
  /** Decides holes for good: whoever drew such a position and has not committed loses it. Inside a transaction; waits 40 ms at most. */
  fence(connection: SqlConnection, holes: readonly number[]): Promise<void>;
  /** Writes down how far everything is decided, and now and then when that was recorded. */
  moveFrontier(connection: SqlConnection, position: number): Promise<void>;
  /**
   * Resolves when all that this connection can see is on the disk. For databases that show a commit to others before it is: a server that goes down in
   * between forgets what a reader has been shown, and gives the position to another event.
   */
  settle?(connection: SqlConnection): Promise<void>;
  /** Who has drawn a position and has not committed; `undefined` where nobody has. Asks on a second connection. */
  holder(executor: SqlExecutor<unknown>, position: number): Promise<FrontierHolder | undefined>;
  /** Lets the next position be one that no reader has gone past, whatever was restored or copied without the counter. */
  raisePositions(connection: SqlConnection): Promise<void>;
}

/** The SQL by which processes tell each other that something was stored. */
export interface HintsSql {
  /** What hints of these tables are sent to, the same for whoever uses them. */
  channel(connection: SqlConnection): Promise<string>;
  /** Sends one, outside of any transaction, and waits for no disk. */
  send(connection: SqlConnection, channel: string, sender: string): Promise<void>;
}

/** The SQL of one kind of database. */
export interface SqlDialect {
  readonly migrations: readonly Migration[];
  /** The migrations that a database has, oldest first; none where there are no tables. */
  appliedMigrations(connection: SqlConnection): Promise<readonly { id: number; name: string; breaking: boolean }[]>;
  /** Makes the table that says what has been applied, where it is not there. */
  readonly migrationsTable: string;
  /** The statement by which that table is told of a migration. */
  noteMigration(migration: Migration): string;
  /** Lets one migrate at a time, until the end of the transaction that is open. */
  lockMigrations(connection: SqlConnection): Promise<void>;
  /** Ends what `lockMigrations` began, where the end of the transaction does not. */
  unlockMigrations?(connection: SqlConnection): Promise<void>;
  /** Refuses connections whose settings the store cannot work with; asked once, on one of its own. Absent where any will do. */
  assertSession?(connection: SqlConnection): Promise<void>;
  /** Begins a step inside a transaction that is open, under the name `ventyd`; rejects where none is. */
  savepoint(connection: SqlConnection): Promise<void>;
  /** Milliseconds for which work is begun anew that was refused while somebody else writes; absent where the database has it wait. */
  readonly patience?: number;
  /**
   * Bounds, for a transaction of ours, how long it waits for others and how long others may have to wait for it.
   *
   * @param longestIdle milliseconds for which it may do nothing.
   */
  limitTransaction(connection: SqlConnection, longestIdle: number): Promise<void>;

  /** Locks entities until the transaction ends, in one order for all; answers with their ends by name, and with the time by the clock of the database. */
  lock(
    connection: SqlConnection,
    streams: readonly LockedStream[],
  ): Promise<{ readonly ends: ReadonlyMap<string, StreamEnd>; readonly nowMs: number }>;
  /**
   * The stored events with these ids, in these ranges, of which all is there, and under these keys, in the order of their versions. Where it is repeated,
   * what was written had met something that the look before had not shown.
   */
  gather(
    connection: SqlConnection,
    asked: {
      readonly ids: readonly string[];
      readonly ranges: readonly GatherRange[];
      readonly keys: readonly GatherKey[];
      readonly isRepeated: boolean;
    },
  ): Promise<readonly GatheredEvent[]>;
  /**
   * Writes commits, each of another entity, in one statement that is a transaction of its own: those whose expected version is stored and of which nothing
   * else must be known. Entities that somebody holds are passed over. Absent where commits gain nothing by it.
   *
   * @returns for each commit its events as stored, or `undefined` where it was not written and must be decided by itself: none of them where the database
   * has refused the statement. Rejects where nobody knows what became of it.
   */
  appendTogether?(
    executor: SqlExecutor<unknown>,
    commits: readonly EncodedCommit[],
    options: { readonly nowMs: number | undefined },
  ): Promise<readonly (readonly StoredEvent[] | undefined)[]>;
  /** Writes what was decided, and fills in the positions of the answers. */
  write(connection: SqlConnection, log: GatheredLog): Promise<void>;

  load(connection: SqlConnection, query: LoadQuery): Promise<LoadedEvent[]>;
  loadHistory(connection: SqlConnection, query: LoadQuery): Promise<StoredEvent[]>;
  eventsOfKey(connection: SqlConnection, key: GatherKey): Promise<StoredEvent[] | null>;
  readPage(connection: SqlConnection, query: PageQuery): Promise<StoredEvent[]>;
  /** Where in the log a span of time can be, as `readLog` asks for it. */
  timeSpans(connection: SqlConnection, query: PageQuery): Promise<readonly Span[]>;
  lastPosition(connection: SqlConnection): Promise<number>;
  listEntities(connection: SqlConnection, entityName: string, after: string, limit: number): Promise<EntitySummary[]>;
  missingEvents(connection: SqlConnection, eventIds: readonly string[]): Promise<ReadonlySet<string>>;

  /** How readers are kept from what may still change; absent where positions are given in the order of commits, as where one writes at a time. */
  readonly frontier?: FrontierSql;

  findSnapshot(
    connection: SqlConnection,
    args: StreamName & { readonly fingerprint: string; readonly upToVersion: number },
  ): Promise<{ readonly stateText: string; readonly version: number; readonly eventId: string | null } | undefined>;
  saveSnapshot(
    connection: SqlConnection,
    args: StreamName & {
      readonly fingerprint: string;
      readonly version: number;
      readonly eventId: string | null;
      readonly stateText: string;
    },
  ): Promise<void>;

  /** Absent where processes have no way to tell each other. */
  readonly hints?: HintsSql;

  /** What the database reported, by what follows from it. */
  classify(error: unknown): SqlFailure | undefined;
}

/**
 * - `stolen_position`: the position of an insert was fenced; try again.
 * - `stored_already`: somebody else has stored an id or a key meanwhile; look again.
 * - `behind_frontier`: the counter of positions is behind what readers have seen; it must be raised.
 * - `lock_timeout`, `deadlock`, `serialization`: others are in the way.
 * - `aborting_timeout`: the same as `lock_timeout`, and the whole transaction was given up because of it.
 * - `connection_lost`: nobody knows what became of the last statement.
 * - `read_only`: this role, or this server, may only read.
 * - `no_transaction`: what was to be a step of a transaction is in none.
 */
export type SqlFailure =
  | "stolen_position"
  | "stored_already"
  | "behind_frontier"
  | "lock_timeout"
  | "aborting_timeout"
  | "deadlock"
  | "serialization"
  | "connection_lost"
  | "read_only"
  | "no_transaction";
