import { UnsupportedError } from "../../../errors/index.ts";
import { isExecutor, type SqlExecutor } from "../../sql/executor.ts";
import { type Lent, type MysqlCallbackPool, type MysqlClient, type MysqlPool, mysql2Executor } from "./mysql2.ts";

export type { MysqlCallbackPool, MysqlClient, MysqlPool };

/** A handle of the driver that the store knows, on which transactions can be begun, or an executor for any other. */
export type MysqlDatabase = MysqlPool | MysqlCallbackPool | SqlExecutor;

/** What the driver's transactions are used through: the connection that `client` is in the transactions of a store. */
export type MysqlClientOf<TDatabase> =
  TDatabase extends SqlExecutor<infer TClient extends object>
    ? TClient
    : TDatabase extends { getConnection(): Promise<infer TClient extends object> }
      ? TClient
      : TDatabase extends {
            getConnection(callback: (error: Error | null, connection: infer TClient extends object) => void): void;
          }
        ? TClient
        : MysqlClient & Lent;

/**
 * The store's view of what an application has.
 *
 * @throws {UnsupportedError} `mysql-driver`.
 */
export function executorOf(database: unknown): SqlExecutor {
  if (isExecutor(database)) return database;
  const executor = Object(database) === database ? mysql2Executor(database as object) : undefined;
  if (executor !== undefined) return executor;
  throw new UnsupportedError(
    "mysql-driver",
    "Unsupported: this is no pool of mysql2. Pass what `createPool({ ... })` of `mysql2/promise` or `mysql2` gave you; a single connection serves only to join a transaction.",
  );
}
