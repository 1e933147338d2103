import { ValidationError, VentydError } from "../../errors/index.ts";
import { checkWhole } from "../../storage/index.ts";
import { emitWarning } from "../../util/warning.ts";
import { isBusy } from "../sql/dialects/sqlite-errors.ts";
import { isExecutor, type SqlExecutor } from "../sql/executor.ts";
import { readOptions } from "../sql/options.ts";
import { accessDatabase } from "./database.ts";
import { fromDriverError } from "./driver-errors.ts";
import type { SqliteDatabase } from "./executors/index.ts";
import { overExecutor } from "./over-executor.ts";
import { SqliteStoreOf } from "./sqlite-store.ts";
import type { SqliteExecutorOptions, SqliteStore, SqliteStoreOptions } from "./types.ts";

/** What the transactions of an executor are used through. */
type ClientOf<TExecutor> = TExecutor extends SqlExecutor<infer TClient extends object> ? TClient : never;

/**
 * Keeps events in a SQLite database that the application has opened, with better-sqlite3, libsql (a file), `node:sqlite` or `bun:sqlite`; or through an
 * executor, on the connections that this has.
 *
 * The store opens connections of its own on the same file, so that a transaction of the application can neither take its writes back nor
 * be taken back by it; the application's handle serves to join that transaction, `{ transaction: database }`. A `:memory:` database has
 * one connection only: there the handle must be the store's alone.
 *
 * No setting is changed unless `pragmas` asks for it; `synchronous` is taken over from the handle when the store is made, `foreign_keys` then and
 * for each transaction. Acknowledged commits survive a loss of power with `synchronous = FULL`; better-sqlite3 opens a file that is in WAL mode
 * with NORMAL. `status().durability` says what holds; where it is less, `onWarning` is told.
 *
 * @param database an open database of one of these drivers, told by its structure, or an executor.
 * @throws {UnsupportedError} `unsupported` for anything else.
 * @throws {ValidationError} `invalid_option`, also while a transaction is open on the database.
 * @throws {VentydError} `database_busy` when others hold the database so that it cannot be opened, or its mode changed, within `busyTimeout`;
 * the process is blocked for as long.
 *
 * @example
 * const store = createSqliteStore(new Database("app.db"), { pragmas: "recommended" });
 * await store.migrate();
 */
export function createSqliteStore<TExecutor extends SqlExecutor>(
  executor: TExecutor,
  options?: SqliteExecutorOptions,
): SqliteStore<ClientOf<TExecutor>, SqlExecutor>;
export function createSqliteStore<TDatabase extends SqliteDatabase>(
  database: TDatabase,
  options?: SqliteStoreOptions,
): SqliteStore<TDatabase>;
export function createSqliteStore(
  database: SqliteDatabase | SqlExecutor,
  options: SqliteStoreOptions = {},
): SqliteStore<object> {
  const { maxBodyBytes, attribution, now = () => new Date(), pragmas } = readOptions(options);
  const { busyTimeout = 5_000, onWarning = emitWarning } = options;
  checkWhole("busyTimeout", busyTimeout, 0);
  const settings = { maxBodyBytes, busyTimeout, now, attribution, onWarning };
  if (isExecutor(database)) {
    if (pragmas === undefined) return overExecutor(database, settings);
    throw new ValidationError(
      "invalid_option",
      "Invalid option: pragmas is for databases of a driver. An executor has connections of its own: set what you like where they are opened.",
    );
  }
  if (pragmas !== undefined && pragmas !== "recommended") {
    throw new ValidationError(
      "invalid_option",
      `Invalid option: pragmas is ${JSON.stringify(pragmas)}. Give "recommended", or leave it out and set what you like on the database.`,
    );
  }
  const openBy = Date.now() + busyTimeout;
  const rest = () => Math.max(0, openBy - Date.now());
  try {
    const access = accessDatabase(database, rest());
    if (pragmas === "recommended") access.recommend(rest());
    return new SqliteStoreOf(access, settings, rest);
  } catch (error) {
    throw isBusy(error) ? notOpened(busyTimeout, error) : fromDriverError(error);
  }
}

function notOpened(busyTimeout: number, cause: unknown): VentydError {
  return new VentydError(
    "database_busy",
    `Database is busy: others have held the file for more than ${busyTimeout} ms, so that the store could not be made. Try again, or raise busyTimeout; to change the file's mode nobody else may be reading it.`,
    { cause },
  );
}
