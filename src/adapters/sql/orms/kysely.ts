import { UnsupportedError } from "../../../errors/index.ts";
import type { SqlConnection, SqlExecutor } from "../executor.ts";
import { ExecutorFailure } from "../executor-failure.ts";
import { inTurn } from "../turns.ts";
import { transact } from "./transact.ts";
import type { Wire } from "./wire.ts";

interface KyselyTransactionBuilder<TTransaction> {
  setIsolationLevel(level: "read committed"): KyselyTransactionBuilder<TTransaction>;
  execute<T>(work: (transaction: TTransaction) => Promise<T>): Promise<T>;
}

/** A database of Kysely, or a transaction, as far as we use it. */
export interface KyselyHandle<TTransaction> {
  readonly isTransaction: boolean;
  transaction(): KyselyTransactionBuilder<TTransaction>;
}

/** What runs statements, past the plugins of the application. */
interface KyselyRunner {
  executeQuery(query: {
    readonly sql: string;
    readonly parameters: readonly unknown[];
    readonly query: {
      readonly kind: "RawNode";
      readonly sqlFragments: readonly string[];
      readonly parameters: readonly [];
    };
    readonly queryId: { readonly queryId: string };
  }): Promise<{ readonly rows: readonly object[] }>;
}

/** A database of Kysely, or a transaction, on its inside. */
interface KyselyInside {
  readonly isTransaction: boolean;
  withoutPlugins(): KyselyRunner;
  connection(): { execute<T>(work: (db: KyselyInside) => Promise<T>): Promise<T> };
}

/** How Kysely runs statements on one kind of database. */
export interface KyselyWire extends Wire {
  readonly isolationLevel?: "read committed";
  /** True where Kysely has one connection for all. */
  readonly hasOneConnection: boolean;
}

export function kyselyExecutor<TTransaction extends object>(
  handle: KyselyHandle<TTransaction>,
  wire: KyselyWire,
): SqlExecutor<TTransaction> {
  const { isolationLevel, hasOneConnection, care } = wire;
  const join = (value: unknown) => (isTransaction(value) ? connection(value, wire) : undefined);
  const joined = join(handle);
  if (joined !== undefined) return { ...joined, hasOneConnection: true, transaction: cannotBegin, join };
  const db = handle as unknown as KyselyInside;
  if (typeof db.withoutPlugins !== "function") {
    throw new UnsupportedError(
      "kysely",
      "Unsupported: this is no database of Kysely. Pass what `new Kysely({ dialect })` gave you, or a transaction of it.",
    );
  }
  const begin = <T>(run: (transaction: TTransaction) => Promise<T>) => {
    const builder = handle.transaction();
    return (isolationLevel === undefined ? builder : builder.setIsolationLevel(isolationLevel)).execute(run);
  };
  return {
    ...(hasOneConnection ? inTurns(db, wire) : connection(db, wire)),
    hasOneConnection,
    transaction: <T>(work: Parameters<typeof care<TTransaction, T>>[1]) =>
      care<TTransaction, T>(
        (run) =>
          transact<TTransaction, T>(
            (begun) => (hasOneConnection ? inTurn(db, begin<T>, begun) : begin(begun)),
            (client) => run({ client, ...connection(client as unknown as KyselyInside, wire) }),
          ),
        work,
      ),
    join,
  };
}

function isTransaction(value: unknown): value is KyselyInside {
  const { isTransaction, withoutPlugins } = (value ?? {}) as Partial<KyselyInside>;
  return isTransaction === true && typeof withoutPlugins === "function";
}

function cannotBegin(): never {
  throw new UnsupportedError(
    "kysely-transaction",
    "Unsupported: this is a transaction of Kysely, which serves to be joined. Pass the database of Kysely to the store.",
  );
}

/** Statements on a database of Kysely with one connection, beside its transactions. */
function inTurns(db: KyselyInside, wire: KyselyWire): SqlConnection {
  return {
    execute: <TRow extends object>(...statement: Parameters<SqlConnection["execute"]>) =>
      inTurn<KyselyInside, readonly TRow[]>(
        db,
        (run) => db.connection().execute(run),
        (lent) => connection(lent, wire).execute<TRow>(...statement),
      ),
  };
}

function connection(handle: KyselyInside, wire: KyselyWire): SqlConnection {
  const runner = handle.withoutPlugins();
  return wire.connection(async (sql, parameters) => {
    const query = { kind: "RawNode", sqlFragments: [sql], parameters: [] } as const;
    try {
      return (await runner.executeQuery({ sql, parameters, query, queryId: { queryId: "ventyd" } })).rows;
    } catch (error) {
      if (/^Transaction is already (committed|rolled back)$/.test((error as Error).message))
        throw new ExecutorFailure("no_transaction", "the transaction has ended", { cause: error });
      throw error;
    }
  });
}
