import { UnsupportedError } from "../../../errors/index.ts";
import type { SqlConnection, SqlExecutor } from "../executor.ts";
import { ExecutorFailure } from "../executor-failure.ts";
import { inTurn } from "../turns.ts";
import { transact } from "./transact.ts";
import type { Wire } from "./wire.ts";

/** A client of Prisma, or a transaction, as far as we use it. */
export interface PrismaHandle<TTransaction> {
  $queryRawUnsafe(sql: string, ...params: unknown[]): PromiseLike<unknown>;
  $transaction<T>(
    work: (transaction: TTransaction) => Promise<T>,
    options?: { maxWait?: number; timeout?: number; isolationLevel?: never },
  ): Promise<T>;
}

/** What a driver adapter of Prisma makes of what its driver has thrown. */
export interface PrismaDriverError {
  readonly kind?: string;
  /** The code of the driver; absent where it had none. */
  readonly originalCode?: string;
  readonly originalMessage?: string;
  readonly constraint?: { readonly index?: string };
  /** Of what the driver met on its way. */
  readonly cause?: string;
}

/** How Prisma runs statements on one kind of database. */
export interface PrismaWire extends Wire {
  /** What Prisma calls the database. */
  readonly provider: string;
  /** What our dialect reads in an error, in the words of the driver; `connection_lost` where there is no connection. */
  driverError(error: PrismaDriverError): object | "connection_lost";
  readonly isolationLevel?: "ReadCommitted";
  /** True where all that runs shares one connection, and Prisma lets statements outside of a transaction run inside of it. */
  readonly hasOneConnection?: boolean;
  readonly withoutProcedures?: boolean;
}

/** As long as timers can be: how long something may take, the store says, or the pool of the driver. */
const forever = 2 ** 31 - 1;

export function prismaExecutor<TTransaction extends object>(
  handle: PrismaHandle<TTransaction>,
  wire: PrismaWire,
): SqlExecutor<TTransaction> {
  const { provider, isolationLevel, hasOneConnection = false, withoutProcedures = false } = wire;
  const known = (handle as { readonly _activeProvider?: unknown })._activeProvider ?? provider;
  if (typeof handle.$queryRawUnsafe !== "function" || known !== provider) {
    throw new UnsupportedError(
      "prisma-provider",
      `Unsupported: this is no client of Prisma for ${provider}. Pass what \`new PrismaClient({ adapter })\` gave you, or a transaction of it.`,
    );
  }
  const join = (value: unknown) => (isTransaction(value) ? connection(value, wire) : undefined);
  const joined = join(handle);
  if (joined !== undefined) return { ...joined, hasOneConnection: true, transaction: cannotBegin, join };
  const options = { maxWait: forever, timeout: forever, ...(isolationLevel !== undefined && { isolationLevel }) };
  const begin = <T>(work: (client: TTransaction) => Promise<T>) =>
    transact<TTransaction, T>((run) => handle.$transaction(run, options as object).catch(rethrow(wire)), work);
  const inTransaction = <T>(work: (client: TTransaction) => Promise<T>) =>
    hasOneConnection ? inTurn<TTransaction, T>(handle, begin, work) : begin(work);
  return {
    hasOneConnection,
    withoutProcedures,
    execute: hasOneConnection
      ? (sql, params) => inTransaction((client) => connection(client, wire).execute(sql, params))
      : connection(handle, wire).execute,
    transaction: <T>(work: Parameters<typeof wire.care<TTransaction, T>>[1]) =>
      wire.care<TTransaction, T>(
        (run) => inTransaction((client) => run({ client, ...connection(client, wire) })),
        work,
      ),
    join,
  };
}

/** Transactions cannot connect. */
function isTransaction(handle: unknown): handle is object {
  const { $queryRawUnsafe, $connect } = (handle ?? {}) as { $queryRawUnsafe?: unknown; $connect?: unknown };
  return typeof $queryRawUnsafe === "function" && $connect === undefined;
}

function cannotBegin(): never {
  throw new UnsupportedError(
    "prisma-transaction",
    "Unsupported: this is a transaction of Prisma, which serves to be joined. Pass the client of Prisma to the store.",
  );
}

function connection(handle: object, wire: PrismaWire): SqlConnection {
  return wire.connection(
    async (sql, params) =>
      (await (handle as PrismaHandle<never>)
        .$queryRawUnsafe(sql, ...params)
        .then((rows) => rows, rethrow(wire))) as readonly object[],
  );
}

/** Throws what the driver threw, as far as Prisma says; the error of Prisma is the cause. */
function rethrow(wire: PrismaWire): (error: unknown) => never {
  return (error) => {
    throw unwrapped(error, wire);
  };
}

function unwrapped(error: unknown, wire: PrismaWire): unknown {
  if (!(error instanceof Error)) return error;
  const { code, meta, cause } = error as Error & {
    readonly code?: unknown;
    readonly meta?: { readonly driverAdapterError?: { readonly cause?: PrismaDriverError } };
  };
  // The transaction has ended, or was none.
  if (code === "P2028") return new ExecutorFailure("no_transaction", error.message, { cause: error });
  // What Prisma says by itself has the driver's error in it; what it passes on from COMMIT is that error.
  const driver = meta?.driverAdapterError?.cause ?? (error.name === "DriverAdapterError" ? cause : undefined);
  if (driver === undefined) return error;
  const said = wire.driverError(driver as PrismaDriverError);
  const message = (driver as PrismaDriverError).originalMessage ?? error.message;
  if (said === "connection_lost") return new ExecutorFailure(said, message, { cause: error });
  return Object.assign(new Error(message, { cause: error }), said);
}
