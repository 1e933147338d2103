import { UnsupportedError } from "../../../errors/index.ts";
import { isExecutor, type SqlExecutor } from "../../sql/executor.ts";
import type { PostgresDriver } from "./driver.ts";
import { type PgPool, type PgPoolClient, pg } from "./pg.ts";
import { type PgliteDatabase, pglite } from "./pglite.ts";
import { type PostgresJsSql, postgresJs } from "./postgres-js.ts";

export type { PgliteDatabase, PgPool, PostgresJsSql };

/** A handle of one of the drivers that the store knows, on which transactions can be begun, or an executor for any other. */
export type PostgresDatabase = PgPool | PostgresJsSql | PgliteDatabase | SqlExecutor;

/** What a driver's transactions are used through: the handle that `client` is in the transactions of a store. */
export type PostgresClientOf<TDatabase> =
  TDatabase extends SqlExecutor<infer TClient extends object>
    ? TClient
    : TDatabase extends {
          begin(options: string, work: (client: infer TClient extends object) => unknown): unknown;
        }
      ? TClient
      : TDatabase extends { transaction(work: (client: infer TClient extends object) => Promise<unknown>): unknown }
        ? TClient
        : TDatabase extends {
              connect: { (): Promise<infer TClient extends object>; (callback: never): unknown };
            }
          ? TClient
          : TDatabase extends { connect(): Promise<infer TClient extends object> }
            ? TClient
            : PgPoolClient;

const drivers = [pg, postgresJs, pglite] as readonly unknown[] as readonly PostgresDriver<unknown, object>[];

/**
 * The store's view of what an application has.
 *
 * @throws {UnsupportedError} `postgres-driver`.
 */
export function executorOf(database: unknown): SqlExecutor {
  if (isExecutor(database)) return database;
  const driver = Object(database) === database ? drivers.find((one) => one.owns(database)) : undefined;
  if (driver !== undefined) return driver.executor(database);
  throw new UnsupportedError(
    "postgres-driver",
    "Unsupported: this is no pool of pg, no `sql` of postgres.js and no database of PGlite. " +
      "Pass what `new Pool({ ... })`, `postgres(url)` or `new PGlite(folder)` gave you; a single client serves only to join a transaction.",
  );
}
