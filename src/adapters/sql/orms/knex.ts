import { UnsupportedError } from "../../../errors/index.ts";
import type { SqlConnection, SqlExecutor } from "../executor.ts";
import { ExecutorFailure } from "../executor-failure.ts";
import { inTurn } from "../turns.ts";
import { transact } from "./transact.ts";

/** A connection of a driver's, as it lies in the pool of Knex. */
interface PooledConnection {
  on?(event: "error", listener: (error: Error) => void): unknown;
  removeListener?(event: "error", listener: (error: Error) => void): unknown;
  /** By this Knex knows connections that it must not lend again. */
  __knex__disposed?: unknown;
}

/** What Knex reaches a database through, as far as we use it; that of a transaction has one connection only. */
interface KnexClient {
  readonly driverName: string;
  readonly pool?: { readonly max?: number };
  acquireConnection(): Promise<PooledConnection>;
  releaseConnection(connection: PooledConnection): unknown;
}

/** A database of Knex, or a transaction, as far as we use it. */
export interface KnexHandle<TTransaction> {
  readonly client: unknown;
  transaction<T>(
    work: (transaction: TTransaction) => Promise<T>,
    config?: { isolationLevel?: "read committed"; connection?: object },
  ): Promise<T>;
}

/** A transaction of Knex, as far as we use it. */
interface KnexTransaction {
  readonly client: KnexClient;
  isCompleted(): boolean;
}

/** What differs from database to database. */
export interface KnexWire {
  /** What Knex calls the driver whose connections are spoken to, past Knex: it would read parameters into our SQL, and change rows as the application says. */
  readonly driver: string;
  connection(connection: object): SqlConnection;
  readonly isolationLevel?: "read committed";
  /** True where the driver blocks the process while one connection waits for another, which then waits for ever. */
  readonly needsOneConnection?: boolean;
  /** Stands around all of a transaction, on its connection. */
  around?<T>(connection: SqlConnection, run: () => Promise<T>, onError: (error: Error) => void): Promise<T>;
  /** Rejects where COMMIT would be answered with a rollback. */
  beforeCommit?(connection: SqlConnection): Promise<void>;
}

export function knexExecutor<TTransaction extends object>(
  handle: KnexHandle<TTransaction>,
  wire: KnexWire,
): SqlExecutor<TTransaction> {
  const client = handle.client as KnexClient | undefined;
  if (client?.driverName !== wire.driver) {
    throw new UnsupportedError(
      "knex-driver",
      `Unsupported: this is no Knex with the driver ${wire.driver}. Pass what \`knex({ client: "${wire.driver}", ... })\` gave you, or a transaction of it.`,
    );
  }
  const join = (value: unknown) =>
    isTransaction(value) && value.client.driverName === wire.driver ? connection(value, wire) : undefined;
  const joined = join(handle);
  if (joined !== undefined) return { ...joined, hasOneConnection: true, transaction: cannotBegin, join };
  const hasOneConnection = client.pool?.max === 1;
  if (wire.needsOneConnection === true && !hasOneConnection) {
    throw new UnsupportedError(
      "knex-pool",
      `Unsupported: this Knex has several connections of ${wire.driver}, which would block the process while one waits for another. Leave \`pool\` out, or say \`pool: { min: 1, max: 1 }\`.`,
    );
  }
  const borrow = <T>(work: (lent: PooledConnection) => Promise<T>) =>
    hasOneConnection ? inTurn<PooledConnection, T>(client, (run) => lend(client, run), work) : lend(client, work);
  return {
    hasOneConnection,
    execute: (sql, params) => borrow((lent) => wire.connection(lent).execute(sql, params)),
    transaction: (work) => borrow((lent) => transaction(handle, wire, lent, work)),
    join,
  };
}

function isTransaction(handle: unknown): handle is KnexTransaction {
  const { client, isCompleted } = (handle ?? {}) as Partial<KnexTransaction>;
  return typeof isCompleted === "function" && typeof client?.acquireConnection === "function";
}

function cannotBegin(): never {
  throw new UnsupportedError(
    "knex-transaction",
    "Unsupported: this is a transaction of Knex, which serves to be joined. Pass what `knex({ ... })` gave you to the store.",
  );
}

/** Statements on a transaction; when it has ended, its connection is somebody else's. */
function connection(transaction: KnexTransaction, wire: KnexWire): SqlConnection {
  return {
    async execute(sql, params) {
      const lent = await transaction.client.acquireConnection();
      if (transaction.isCompleted()) throw new ExecutorFailure("no_transaction", "the transaction has ended");
      return wire.connection(lent).execute(sql, params);
    },
  };
}

async function transaction<TTransaction extends object, T>(
  handle: KnexHandle<TTransaction>,
  wire: KnexWire,
  lent: PooledConnection,
  work: (transaction: SqlConnection & { readonly client: TTransaction }) => Promise<T>,
): Promise<T> {
  const { isolationLevel, around = (_connection, run) => run() } = wire;
  const config = { connection: lent, ...(isolationLevel !== undefined && { isolationLevel }) };
  return transact<TTransaction, T>(
    (run) =>
      around(
        wire.connection(lent),
        () =>
          handle.transaction(run, config).catch((error) => {
            throw withoutStatement(error);
          }),
        (error) => dispose(lent, error),
      ),
    async (client) => {
      const opened = connection(client as object as KnexTransaction, wire);
      const result = await work({ client, ...opened });
      await wire.beforeCommit?.(opened);
      return result;
    },
  );
}

/** Lends a connection of the pool; one that broke is not lent again. */
async function lend<T>(client: KnexClient, work: (lent: PooledConnection) => Promise<T>): Promise<T> {
  const lent = await client.acquireConnection().catch((error) => {
    if (error?.name !== "KnexTimeoutError") throw error;
    throw new ExecutorFailure("lock_timeout", error.message, { cause: error });
  });
  const onError = (error: Error) => dispose(lent, error);
  // Unheard, it would end the process, where the pool is not one of Knex.
  lent.on?.("error", onError);
  try {
    return await work(lent);
  } finally {
    lent.removeListener?.("error", onError);
    client.releaseConnection(lent);
  }
}

function dispose(connection: PooledConnection, error: Error): void {
  connection.__knex__disposed ??= error;
}

/** Takes the statement out of what the driver said of BEGIN or COMMIT, where Knex has written it. */
function withoutStatement(error: unknown): unknown {
  if (error instanceof Error) error.message = error.message.replace(/^[A-Z ]+;? - /, "");
  return error;
}
