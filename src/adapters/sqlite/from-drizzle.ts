import { UnsupportedError } from "../../errors/index.ts";
import { FifoLock } from "../../util/fifo-lock.ts";
import { classify } from "../sql/dialects/sqlite-errors.ts";
import type { SqlExecutor } from "../sql/executor.ts";
import { type DrizzleHandle, type DrizzleWire, drizzleExecutor } from "../sql/orms/drizzle.ts";
import { type BetterSqlite3Database, betterSqlite3 } from "./executors/better-sqlite3.ts";
import { sqliteWire } from "./orm-wire.ts";

/** A client of @libsql/client, as far as we use it. */
interface LibsqlClient {
  execute(sql: string): Promise<unknown>;
  /** Absent where a server is spoken to over HTTP. */
  reconnect?(): Promise<unknown>;
}

const locks = new WeakMap<object, FifoLock>();

/**
 * Lets calls of ours take turns, whatever transactions they are in. A connection of @libsql/client to a file waits for nobody, and one on which a statement was
 * refused because others write commits nothing any more: it is replaced.
 */
async function inTurns<T>(client: LibsqlClient, work: () => Promise<T>): Promise<T> {
  const lock = locks.get(client) ?? new FifoLock();
  locks.set(client, lock);
  await lock.acquire();
  try {
    return await work();
  } catch (error) {
    if (classify(error) === "lock_timeout") await client.reconnect?.();
    throw error;
  } finally {
    lock.release();
  }
}

const wireOf = (client: unknown): DrizzleWire => ({
  ...sqliteWire,
  // What is begun is begun with BEGIN IMMEDIATE.
  care: (begin, work) => inTurns(client as LibsqlClient, () => begin(work)) as ReturnType<typeof work>,
  method: "all",
  rows: (answer) => answer as readonly object[],
  nests: false,
});

/** A database of Drizzle over better-sqlite3, as far as we use it. */
export interface DrizzleOnBetterSqlite3<TDatabase extends BetterSqlite3Database> {
  readonly $client: TDatabase;
}

/**
 * Lets a store speak through Drizzle. Over `@libsql/client`, `client` in its transactions is the transaction of Drizzle, and
 * `{ transaction: fromDrizzle(tx) }` joins one that the application has opened. Over better-sqlite3, whose transactions cannot wait for anything, it is
 * the database of better-sqlite3 that a store is made with; `drizzle({ client })` makes Drizzle of the `client` in its transactions.
 *
 * @param db what `drizzle(...)` of `drizzle-orm/better-sqlite3`, or of `drizzle-orm/libsql` over a file, gave you; of the latter also a transaction.
 * @throws {UnsupportedError} `unsupported` for a database of Drizzle over another driver.
 *
 * @example
 * const store = createSqliteStore(fromDrizzle(db));
 * await store.migrate();
 * await store.transaction(async ({ client }) => {
 *   await client.insert(orders).values({ product: "lamp" });
 * });
 */
export function fromDrizzle<TDatabase extends BetterSqlite3Database>(db: DrizzleOnBetterSqlite3<TDatabase>): TDatabase;
export function fromDrizzle<TTransaction extends object>(db: DrizzleHandle<TTransaction>): SqlExecutor<TTransaction>;
export function fromDrizzle(
  db: DrizzleOnBetterSqlite3<BetterSqlite3Database> | DrizzleHandle<object>,
): BetterSqlite3Database | SqlExecutor {
  const { $client } = db as { readonly $client?: object };
  if (betterSqlite3.owns($client ?? {})) return $client as BetterSqlite3Database;
  return drizzleExecutor(
    db as DrizzleHandle<object>,
    (plain, client) => {
      if (!isLibsql(client)) {
        throw new UnsupportedError(
          "sqlite-driver",
          "Unsupported: this is no Drizzle over better-sqlite3 or @libsql/client. Pass what `drizzle({ client })` of `drizzle-orm/better-sqlite3` or `drizzle-orm/libsql` gave you.",
        );
      }
      return {
        hasOneConnection: true,
        execute: <TRow extends object>(...statement: Parameters<typeof plain.execute>) =>
          inTurns(client, () => plain.execute<TRow>(...statement)),
      };
    },
    wireOf,
  );
}

function isLibsql(client: unknown): client is LibsqlClient {
  const { execute, transaction } = (client ?? {}) as Record<string, unknown>;
  return typeof execute === "function" && typeof transaction === "function";
}
