import type { SqlConnection, SqlExecutor, SqlValue } from "../../sql/executor.ts";
import { inTurn } from "../../sql/turns.ts";
import { arrayLiteral, parseArrayLiteral } from "./array-literal.ts";
import { assertCommits, type PostgresDriver, sqlError } from "./driver.ts";

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
  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>;
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

function pgliteExecutor(database: PgliteDatabase): SqlExecutor<PgliteTransaction> {
  const inTransaction = <T>(work: (transaction: PgliteTransaction) => Promise<T>) =>
    inTurn<PgliteTransaction, T>(
      database,
      (run) => database.transaction(run),
      async (transaction) => {
        const result = await work(transaction);
        await assertCommits(connection(transaction));
        return result;
      },
    );
  return {
    hasOneConnection: true,
    execute: (sql, params) => inTransaction((transaction) => execute(transaction, sql, params)),
    listen: (channel, onNotify) => database.listen(channel, onNotify),
    transaction: (work) => inTransaction((client) => work({ client, ...connection(client) })),
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
