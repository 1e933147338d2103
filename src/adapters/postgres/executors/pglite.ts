import { startTimer } from "../../../util/timers.ts";
import type { SqlConnection, SqlExecutor, SqlValue } from "../../sql/executor.ts";
import { arrayLiteral, parseArrayLiteral } from "./array-literal.ts";
import { type PostgresDriver, sqlError, transactionFailed } from "./driver.ts";

/** How a query reads and writes values. */
interface Readings {
  parsers: Record<number, (text: string) => unknown>;
  serializers: Record<number, (value: unknown) => string>;
}

/** A transaction of PGlite, as far as we use it. */
export interface PgliteTransaction {
  query(sql: string, params?: unknown[], options?: Readings): Promise<{ rows: unknown[] }>;
  rollback(): Promise<void>;
  readonly closed: boolean;
}

/** A database of PGlite, as far as we use it. */
export interface PgliteDatabase {
  query(sql: string, params?: unknown[], options?: Readings): Promise<{ rows: unknown[] }>;
  transaction<T>(work: (transaction: PgliteTransaction) => Promise<T>): Promise<T>;
  readonly waitReady: Promise<void>;
}

const isFunction = (value: unknown) => typeof value === "function";

function isPglite(value: unknown): value is PgliteDatabase {
  const { query, transaction } = value as Partial<PgliteDatabase>;
  return isFunction(query) && isFunction(transaction) && "waitReady" in (value as object);
}

function isPgliteTransaction(value: unknown): value is PgliteTransaction {
  const { query, rollback, closed } = value as Partial<PgliteTransaction>;
  return isFunction(query) && isFunction(rollback) && typeof closed === "boolean";
}

export const pglite: PostgresDriver<PgliteDatabase, PgliteTransaction> = {
  owns: isPglite,
  executor: pgliteExecutor,
};

/** Milliseconds for which a transaction of the application's may keep calls of ours waiting. */
const patience = 5_000;

/** How many transactions of ours are under way on a database, and when the last one ended. */
interface Progress {
  running: number;
  endedAt: number;
}

const progressOf = new WeakMap<object, Progress>();

function pgliteExecutor(database: PgliteDatabase): SqlExecutor<PgliteTransaction> {
  const progress = progressOf.get(database) ?? { running: 0, endedAt: 0 };
  progressOf.set(database, progress);

  /**
   * Takes its turn on the one connection that there is. Whoever waits inside a transaction that the application has opened, and has not said that he belongs
   * to it, would wait for himself: so the wait has an end, as a lock has in PostgreSQL, unless it is calls of ours that take turns.
   */
  function inTurn<T>(work: (transaction: PgliteTransaction) => Promise<T>): Promise<T> {
    let hasBegun = false;
    let isGivenUp = false;
    return new Promise<T>((resolve, reject) => {
      const asked = performance.now();
      let stopTimer = () => {};
      const wait = (milliseconds: number) => {
        stopTimer = startTimer(milliseconds, () => {
          const rest = Math.max(asked, progress.endedAt) + patience - performance.now();
          if (progress.running > 0 || rest > 1) return wait(Math.max(rest, 50));
          isGivenUp = true;
          reject(givenUp());
        });
      };
      wait(patience);
      const turn = database.transaction(async (transaction) => {
        stopTimer();
        if (isGivenUp) throw givenUp();
        hasBegun = true;
        progress.running++;
        const result = await work(transaction);
        // Asked before it commits: COMMIT of a transaction in which a statement failed is a rollback that nobody is told of.
        await transaction.query("SELECT 1").catch((error) => {
          throw (error as { code?: unknown }).code === "25P02" ? transactionFailed() : error;
        });
        return result;
      });
      turn.then(resolve, reject).finally(() => {
        stopTimer();
        if (!hasBegun) return;
        progress.running--;
        progress.endedAt = performance.now();
      });
    });
  }

  return {
    hasOneConnection: true,
    execute: (sql, params) => inTurn((transaction) => execute(transaction, sql, params)),
    transaction: (work) => inTurn((client) => work({ client, ...connection(client) })),
    join: (client) => (isPgliteTransaction(client) ? connection(client) : undefined),
  };
}

function connection(transaction: PgliteTransaction): SqlConnection {
  return {
    async execute(sql, params) {
      if (transaction.closed) throw sqlError("25P01", "the transaction has ended");
      return execute(transaction, sql, params);
    },
  };
}

/** Values are read and written past what the application may have set for its own; lists travel as text. */
const readings: Readings = {
  // boolean, smallint, integer; what is a bigint stays text
  parsers: {
    16: (text) => text === "t",
    20: String,
    21: Number,
    23: Number,
    25: String,
    1009: parseArrayLiteral,
    1016: parseArrayLiteral,
  },
  serializers: { 16: String, 20: String, 21: String, 23: String, 25: String, 1009: String, 1016: String },
};

async function execute<TRow extends object>(
  transaction: PgliteTransaction,
  sql: string,
  params: readonly SqlValue[] = [],
): Promise<readonly TRow[]> {
  const sent = params.map((value) => (Array.isArray(value) ? arrayLiteral(value) : value));
  const { rows } = await transaction.query(sql, sent, readings);
  return rows as TRow[];
}

function givenUp(): Error {
  return sqlError("55P03", `another transaction has held the connection of PGlite for ${patience} ms`);
}
