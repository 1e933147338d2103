import { VentydError } from "../../errors/index.ts";
import type { WorkResult } from "../../storage/index.ts";
import { FifoLock } from "../../util/fifo-lock.ts";
import { isBusy } from "../sql/dialects/sqlite-errors.ts";
import { beginToWrite } from "../sql/dialects/sqlite-writes.ts";
import type { SqliteConnection } from "./connection.ts";
import { ConnectionBusy, fromDriverError } from "./driver-errors.ts";

/**
 * Milliseconds. Longer pauses starve whoever has waited longest: of four processes that commit all the time the slowest went up to 1 s
 * without a turn when pauses grew to 32, under 0.1 s with 4, and no fewer commits came through.
 */
const maxPause = 4;

/** Since when others have held the database, as far as a queue of calls has noticed. */
interface Busy {
  since: number | undefined;
}

/**
 * Runs synchronous work on a connection and tries again, with growing and jittered pauses, while others hold the database. SQLite's own
 * waiting would block the whole process, and serves the processes that wait for one file unfairly.
 *
 * @param busy shared by calls that wait in one queue: who has queued while others held the database has waited for them already.
 * @throws {VentydError} `database_busy` after `timeout` milliseconds, `driver_error`.
 */
export async function whenNotBusy<T>(
  timeout: number,
  describeHolder: () => string,
  work: () => T,
  calledAt = Date.now(),
  busy: Busy = { since: undefined },
): Promise<T> {
  for (let pause = 1; ; pause = Math.min(pause * 2, maxPause)) {
    try {
      const value = work();
      busy.since = undefined;
      return value;
    } catch (error) {
      if (!isBusy(error)) throw fromDriverError(error);
      const now = Date.now();
      busy.since ??= now;
      if (now >= Math.max(calledAt, busy.since) + timeout) {
        throw new VentydError(
          "database_busy",
          `Database is busy: ${describeHolder()} held the write lock for more than ${timeout} ms. Nothing was written; the call can be repeated.`,
          { cause: error },
        );
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
  }
}

/** The one connection of a store that writes, and the queue before it. */
export class Writer {
  readonly connection: SqliteConnection;
  readonly #isShared: boolean;
  readonly #timeout: number;
  readonly #describeHolder: () => string;
  /** Lets one writer in at a time. */
  readonly lock = new FifoLock();
  readonly #busy: Busy = { since: undefined };
  #leftovers: (() => void)[] = [];

  /** @param isShared whether the application has the connection too. */
  constructor(connection: SqliteConnection, isShared: boolean, timeout: number, describeHolder: () => string) {
    this.connection = connection;
    this.#isShared = isShared;
    this.#timeout = timeout;
    this.#describeHolder = describeHolder;
  }

  /** Runs synchronous work in a transaction of its own: at once where nobody is in the way, else in turn. */
  async transact<T>(work: () => WorkResult<T>): Promise<T> {
    if (!this.lock.isHeld) {
      try {
        return this.#transactNow(work);
      } catch (error) {
        if (!isBusy(error)) throw fromDriverError(error);
      }
    }
    const calledAt = Date.now();
    return this.exclusive(() => this.whenNotBusy(() => this.#transactNow(work), calledAt));
  }

  #transactNow<T>(work: () => WorkResult<T>): T {
    this.begin(this.connection);
    try {
      const { value, keep } = work();
      this.connection.run(keep ? "COMMIT" : "ROLLBACK");
      return value;
    } catch (error) {
      // Some errors have ended the transaction already.
      if (this.connection.inTransaction) this.connection.run("ROLLBACK");
      throw error;
    }
  }

  /** Runs work, asynchronous or not, while nobody else uses the connection. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    await this.lock.acquire();
    try {
      return await work();
    } finally {
      this.lock.release();
    }
  }

  /** @param calledAt when the caller was called, where it has waited in the queue since. */
  whenNotBusy<T>(work: () => T, calledAt?: number): Promise<T> {
    return whenNotBusy(this.#timeout, this.#describeHolder, work, calledAt, this.#busy);
  }

  /** Takes SQLite's write lock. */
  begin(connection: SqliteConnection): void {
    if (this.#leftovers.length > 0) this.#leftovers = this.#leftovers.filter((end) => !succeeds(end));
    if (this.#leftovers.length > 0)
      throw new ConnectionBusy("a statement of an ended transaction is still being iterated");
    this.assertFree();
    connection.run("BEGIN IMMEDIATE");
  }

  /** A transaction that the application has open on a connection that it shares with us is not ours to write or read in. */
  assertFree(): void {
    if (!this.#isShared || !this.connection.inTransaction) return;
    throw new ConnectionBusy("a transaction of the application is open on this connection");
  }

  /**
   * Ends what is left of a transaction. While the application still iterates over a statement of it SQLite lets nothing end; then it is tried
   * again before the next transaction begins.
   */
  letGo(end: () => void): void {
    if (!succeeds(end)) this.#leftovers.push(end);
  }

  get hasLeftovers(): boolean {
    return this.#leftovers.length > 0;
  }
}

function succeeds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** Runs synchronous work as one step inside a transaction that is open. */
export function inSavepoint<T>(connection: SqliteConnection, work: () => WorkResult<T>): T {
  connection.exec("SAVEPOINT ventyd");
  try {
    // By itself: a prepared statement that finds others in the way stays open on libsql, and then nothing can be ended any more.
    connection.exec(beginToWrite);
    const { value, keep } = work();
    connection.exec(keep ? "RELEASE ventyd" : "ROLLBACK TO ventyd; RELEASE ventyd");
    return value;
  } catch (error) {
    // Whether that comes through or not, why is what counts.
    if (connection.inTransaction) succeeds(() => connection.exec("ROLLBACK TO ventyd; RELEASE ventyd"));
    throw error;
  }
}
