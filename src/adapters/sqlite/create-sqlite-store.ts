import { type AttributionPolicy, checkPolicy } from "../../attribution/policy.ts";
import { UnsupportedError } from "../../errors/index.ts";
import { checkWhole } from "../../storage/index.ts";
import { emitWarning, type OnWarning } from "../../util/warning.ts";
import { type BetterSqlite3Database, betterSqlite3Driver, isBetterSqlite3 } from "./better-sqlite3.ts";
import { type SqliteStore, SqliteStoreOf } from "./sqlite-store.ts";

/** Options of {@link createSqliteStore}. */
export interface SqliteStoreOptions {
  /** Largest body in bytes of its JSON text; default 1 MiB, up to 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** How long a call waits while others hold the database, in milliseconds; default 5,000. */
  readonly busyTimeout?: number | undefined;
  /** The clock behind `recordedAt`; default the system's. */
  readonly now?: (() => Date) | undefined;
  /** What every commit must say about itself, whoever commits; default `"optional"`. A repository may ask for more. */
  readonly attribution?: AttributionPolicy | undefined;
  /** Is told, once, when settings of the database allow an acknowledged commit to be lost; default `process.emitWarning`. */
  readonly onWarning?: OnWarning | undefined;
}

const mebibyte = 1024 * 1024;

/**
 * Keeps events in a SQLite database that the application has opened.
 *
 * The store opens connections of its own on the same file, so that a transaction of the application can neither take its writes back nor
 * be taken back by it; the application's handle serves to join that transaction, `{ transaction: database }`. A `:memory:` database has
 * one connection only: there the handle must be the store's alone.
 *
 * No setting is changed; `synchronous` and `foreign_keys` are taken over from the handle when the store is made, and for each transaction. Acknowledged commits survive a
 * loss of power with `synchronous = FULL`: set it yourself, for better-sqlite3 opens a file that is in WAL mode with NORMAL.
 * `status().durability` says what holds; where it is less, `onWarning` is told.
 *
 * @param database an open better-sqlite3 database; on other drivers `UnsupportedError`.
 * @throws {ValidationError} `invalid_option`.
 *
 * @example
 * const store = createSqliteStore(new Database("app.db"));
 * await store.migrate();
 */
export function createSqliteStore<TDatabase extends BetterSqlite3Database>(
  database: TDatabase,
  options: SqliteStoreOptions = {},
): SqliteStore<TDatabase> {
  if (!isBetterSqlite3(database) || !database.open) {
    throw new UnsupportedError(
      "sqlite-driver",
      "Unsupported: this is no open database of better-sqlite3. Pass `new Database(file)` of that package.",
    );
  }
  const { maxBodyBytes = mebibyte, busyTimeout = 5_000, attribution = "optional" } = options;
  checkPolicy(attribution);
  checkWhole("maxBodyBytes", maxBodyBytes, 1, 16 * mebibyte);
  checkWhole("busyTimeout", busyTimeout, 0);
  return new SqliteStoreOf(betterSqlite3Driver(database), {
    maxBodyBytes,
    busyTimeout,
    now: options.now ?? (() => new Date()),
    attribution,
    onWarning: options.onWarning ?? emitWarning,
  });
}
