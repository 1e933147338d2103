import type { AttributionPolicy } from "../../attribution/policy.ts";
import type { OnWarning } from "../../util/warning.ts";
import type { SqlStoreOptions } from "../sql/options.ts";
import type { SqlEventStore } from "../sql/sql-store.ts";
import type { SqliteDatabase } from "./executors/index.ts";

/** Options of `createSqliteStore` over an executor, which has its own connections, with their settings. */
export interface SqliteExecutorOptions extends SqlStoreOptions {
  /** How long a call waits while others hold the database, in milliseconds; default 5,000. The process goes on meanwhile. */
  readonly busyTimeout?: number | undefined;
  /** Is told, once, when settings of the database allow an acknowledged commit to be lost; default `process.emitWarning`. */
  readonly onWarning?: OnWarning | undefined;
}

/** Options of `createSqliteStore`. */
export interface SqliteStoreOptions extends SqliteExecutorOptions {
  /**
   * `"recommended"` puts the file into WAL mode, where readers and the writer do not wait for each other, and sets `synchronous = FULL` on the
   * handle and on the store's connections, so that an acknowledged commit survives a loss of power. Default: no setting is changed.
   */
  readonly pragmas?: "recommended" | undefined;
}

/**
 * A store on SQLite; `client` in its transactions is a database of the driver, or a transaction of the executor, that it was made with. `TJoined` is what
 * `{ transaction }` takes besides.
 */
export interface SqliteStore<TClient = SqliteDatabase, TJoined = never> extends SqlEventStore<TClient, TJoined> {}

/** The options of a store, filled in. */
export interface SqliteSettings {
  readonly maxBodyBytes: number;
  readonly busyTimeout: number;
  readonly now: () => Date;
  readonly attribution: AttributionPolicy;
  readonly onWarning: OnWarning;
}
