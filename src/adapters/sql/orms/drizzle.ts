import { UnsupportedError } from "../../../errors/index.ts";
import type { SqlConnection, SqlExecutor } from "../executor.ts";
import { driverError, transact } from "./transact.ts";
import type { Wire } from "./wire.ts";

/** A database of Drizzle, or a transaction, as far as we use it. */
export interface DrizzleHandle<TTransaction> {
  transaction<T>(work: (transaction: TTransaction) => Promise<T>): Promise<T>;
  /** What Drizzle was made with. */
  readonly $client?: unknown;
}

/** The same on a server. */
export interface DrizzleServerHandle<TTransaction> extends DrizzleHandle<TTransaction> {
  execute(sql: string): PromiseLike<unknown>;
}

/** How Drizzle runs statements on one kind of database. */
export interface DrizzleWire extends Wire {
  /** The method that takes SQL, and answers as the driver does. */
  readonly method: "execute" | "all";
  /** The rows of such an answer, by the names that the statement gives to its columns. */
  rows(answer: unknown, sql: string): readonly object[];
  readonly isolationLevel?: "read committed";
  /** True where a step in a transaction must be a transaction of Drizzle in that of Drizzle. */
  readonly nests: boolean;
}

/** SQL as Drizzle takes it: what says how it is written. */
interface DrizzleSql {
  getSQL(): { toQuery(): { readonly sql: string; readonly params: readonly unknown[] } };
}

/** How a transaction is begun, where the database has isolation levels. */
type Begin = <TTransaction, T>(
  work: (transaction: TTransaction) => Promise<T>,
  config?: { isolationLevel: "read committed" },
) => Promise<T>;

/** A transaction of Drizzle, as far as we use it. */
interface DrizzleTransaction extends DrizzleHandle<DrizzleTransaction> {
  rollback(): never;
}

/**
 * Speaks through Drizzle in its transactions.
 *
 * @param beside how statements run beside them, over what Drizzle was made with.
 */
export function drizzleExecutor<TTransaction extends object>(
  handle: DrizzleHandle<TTransaction>,
  beside: (plain: SqlConnection, client: unknown) => Omit<SqlExecutor, "transaction" | "join">,
  wireOf: (client: unknown) => DrizzleWire,
): SqlExecutor<TTransaction> {
  const { $client } = handle;
  const wire = wireOf($client);
  const join = (value: unknown) => (isTransaction(value, wire) ? connection(value, wire) : undefined);
  const joined = join(handle);
  if (joined !== undefined) return { ...joined, hasOneConnection: true, transaction: cannotBegin, join };
  const { isolationLevel } = wire;
  const db = handle as { readonly transaction: Begin };
  return {
    ...beside(connection(handle, wire), $client),
    transaction: <T>(work: Parameters<typeof wire.care<TTransaction, T>>[1]) =>
      wire.care<TTransaction, T>(
        (run) =>
          transact<TTransaction, T>(
            (begun) => heard(begun, (heardOf) => db.transaction(heardOf, isolationLevel && { isolationLevel })),
            (client) => run({ client, ...connection(client, wire) }),
          ),
        work,
      ),
    join,
  };
}

function isTransaction(value: unknown, { method }: DrizzleWire): value is DrizzleTransaction {
  const { rollback, transaction, [method]: run } = (value ?? {}) as Record<string, unknown>;
  return [rollback, transaction, run].every((one) => typeof one === "function");
}

function cannotBegin(): never {
  throw new UnsupportedError(
    "drizzle-transaction",
    "Unsupported: this is a transaction of Drizzle, which serves to be joined. Pass the database of Drizzle to the store.",
  );
}

/** Statements on a transaction of Drizzle. */
function connection(transaction: object, wire: DrizzleWire): SqlConnection {
  const handle = transaction as DrizzleTransaction &
    Record<"execute" | "all", (sql: DrizzleSql) => PromiseLike<unknown>>;
  const plain = wire.connection(async (sql, params) => {
    const written = { toQuery: () => ({ sql, params }) };
    try {
      return wire.rows(await handle[wire.method]({ getSQL: () => written }), sql);
    } catch (error) {
      throw driverError(error);
    }
  });
  if (!wire.nests) return plain;
  return {
    ...plain,
    savepoint: <T>(work: (step: SqlConnection) => Promise<T>) =>
      transact<DrizzleTransaction, T>(
        (run) => handle.transaction(run),
        (step) => work(connection(step, wire)),
      ),
  };
}

/** A connection of a driver's that tells of its end. */
interface Emitter {
  on(event: "error", listener: () => void): unknown;
  removeListener(event: "error", listener: () => void): unknown;
}

/** Listens to the connection of a transaction until that is over. Drizzle does not: were it lost unheard, the process would end. */
async function heard<TTransaction, T>(
  work: (transaction: TTransaction) => Promise<T>,
  begin: (work: (transaction: TTransaction) => Promise<T>) => Promise<T>,
): Promise<T> {
  let emitter: Partial<Emitter> | undefined;
  const listener = () => {};
  try {
    return await begin((transaction) => {
      emitter = (transaction as { session?: { client?: Partial<Emitter> } }).session?.client;
      emitter?.on?.("error", listener);
      return work(transaction);
    });
  } finally {
    emitter?.removeListener?.("error", listener);
  }
}
