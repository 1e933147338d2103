import type { SqlExecutor } from "../sql/executor.ts";
import { type KyselyHandle, kyselyExecutor } from "../sql/orms/kysely.ts";
import { sqliteWire } from "./orm-wire.ts";

const wire = { ...sqliteWire, hasOneConnection: true } as const;

/**
 * Lets a store speak through Kysely: `client` in its transactions is then the transaction of Kysely, and `{ transaction: fromKysely(trx) }` joins one that the
 * application has opened. Kysely has one connection to a database of SQLite: what stays out of a transaction waits for its end.
 *
 * @param db a `Kysely` with the `SqliteDialect`, or a transaction of it, controlled ones included.
 *
 * @example
 * const store = createSqliteStore(fromKysely(db));
 * await store.migrate();
 * await store.transaction(async ({ client }) => {
 *   await client.insertInto("orders").values({ product: "lamp" }).execute();
 * });
 */
export function fromKysely<TTransaction extends object>(db: KyselyHandle<TTransaction>): SqlExecutor<TTransaction> {
  return kyselyExecutor(db, wire);
}
