import type { SqlExecutor } from "../sql/executor.ts";
import { type KyselyHandle, kyselyExecutor } from "../sql/orms/kysely.ts";
import { postgresWire } from "./orm-wire.ts";

const wire = { ...postgresWire, isolationLevel: "read committed", hasOneConnection: false } as const;

/**
 * Lets a store speak through Kysely: `client` in its transactions is then the transaction of Kysely, and `{ transaction: fromKysely(trx) }` joins one that the
 * application has opened, in a store on any driver. Its statements go past the application's plugins. Kysely does not listen to the connections that it uses:
 * listen yourself, `pool.on("connect", (client) => client.on("error", ...))`, or one that is lost ends the process.
 *
 * @param db a `Kysely` with the `PostgresDialect`, or a transaction of it, controlled ones included.
 *
 * @example
 * const store = createPostgresStore(fromKysely(db));
 * await store.migrate();
 * await store.transaction(async ({ client }) => {
 *   await client.insertInto("orders").values({ product: "lamp" }).execute();
 * });
 */
export function fromKysely<TTransaction extends object>(db: KyselyHandle<TTransaction>): SqlExecutor<TTransaction> {
  return kyselyExecutor(db, wire);
}
