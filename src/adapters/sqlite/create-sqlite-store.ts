import { type AttributionPolicy, checkPolicy } from "../../attribution/policy.ts";
import { ValidationError, VentydError } from "../../errors/index.ts";
import { checkWhole } from "../../storage/index.ts";
import { emitWarning, type OnWarning } from "../../util/warning.ts";
import { accessDatabase } from "./database.ts";
import { fromDriverError, isBusy } from "./driver-errors.ts";
import type { SqliteDatabase } from "./executors/index.ts";
import { type SqliteStore, SqliteStoreOf } from "./sqlite-store.ts";

/** Options of {@link createSqliteStore}. */
export interface SqliteStoreOptions {
  /** Largest body in bytes of its JSON text; default 1 MiB, up to 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** How long a call waits while others hold the database, in milliseconds; default 5,000. The process goes on meanwhile. */
  readonly busyTimeout?: number | undefined;
  /**
   * `"recommended"` puts the file into WAL mode, where readers and the writer do not wait for each other, and sets `synchronous = FULL` on the
   * handle and on the store's connections, so that an acknowledged commit survives a loss of power. Default: no setting is changed.
   */
  readonly pragmas?: "recommended" | undefined;
  /** The clock behind `recordedAt`; default the system's. */
  readonly now?: (() => Date) | undefined;
  /** What every commit must say about itself, whoever commits; default `"optional"`. A repository may ask for more. */
  readonly attribution?: AttributionPolicy | undefined;
  /** Is told, once, when settings of the database allow an acknowledged commit to be lost; default `process.emitWarning`. */
  readonly onWarning?: OnWarning | undefined;
}

const mebibyte = 1024 * 1024;

/**
 * Keeps events in a SQLite database that the application has opened, with better-sqlite3, libsql (a file), `node:sqlite` or `bun:sqlite`.
 *
 * The store opens connections of its own on the same file, so that a transaction of the application can neither take its writes back nor
 * be taken back by it; the application's handle serves to join that transaction, `{ transaction: database }`. A `:memory:` database has
 * one connection only: there the handle must be the store's alone.
 *
 * No setting is changed unless `pragmas` asks for it; `synchronous` is taken over from the handle when the store is made, `foreign_keys` then and
 * for each transaction. Acknowledged commits survive a loss of power with `synchronous = FULL`; better-sqlite3 opens a file that is in WAL mode
 * with NORMAL. `status().durability` says what holds; where it is less, `onWarning` is told.
 *
 * @param database an open database of one of these drivers, told by its structure.
 * @throws {UnsupportedError} `unsupported` for anything else.
 * @throws {ValidationError} `invalid_option`, also while a transaction is open on the database.
 * @throws {VentydError} `database_busy` when others hold the database so that it cannot be opened, or its mode changed, within `busyTimeout`;
 * the process is blocked for as long.
 *
 * @example
 * const store = createSqliteStore(new Database("app.db"), { pragmas: "recommended" });
 * await store.migrate();
 */
export function createSqliteStore<TDatabase extends SqliteDatabase>(
  database: TDatabase,
  options: SqliteStoreOptions = {},
): SqliteStore<TDatabase> {
  const { maxBodyBytes = mebibyte, busyTimeout = 5_000, attribution = "optional", pragmas } = options;
  checkPolicy(attribution);
  checkWhole("maxBodyBytes", maxBodyBytes, 1, 16 * mebibyte);
  checkWhole("busyTimeout", busyTimeout, 0);
  if (pragmas !== undefined && pragmas !== "recommended") {
    throw new ValidationError(
      "invalid_option",
      `Invalid option: pragmas is ${JSON.stringify(pragmas)}. Give "recommended", or leave it out and set what you like on the database.`,
    );
  }
  const { now = () => new Date(), onWarning = emitWarning } = options;
  const openBy = Date.now() + busyTimeout;
  const rest = () => Math.max(0, openBy - Date.now());
  try {
    const access = accessDatabase(database, rest());
    if (pragmas === "recommended") access.recommend(rest());
    return new SqliteStoreOf(access, { maxBodyBytes, busyTimeout, now, attribution, onWarning }, rest);
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
