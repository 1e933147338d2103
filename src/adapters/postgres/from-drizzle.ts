import type { SqlExecutor } from "../sql/executor.ts";
import { type DrizzleServerHandle, type DrizzleWire, drizzleExecutor } from "../sql/orms/drizzle.ts";
import type { Care } from "../sql/orms/wire.ts";
import { inTurn } from "../sql/turns.ts";
import { executorOf } from "./executors/index.ts";
import { namedAsAsked } from "./executors/output-names.ts";
import { pglite } from "./executors/pglite.ts";
import { postgresJs, watchingConnection } from "./executors/postgres-js.ts";
import { committing, postgresWire } from "./orm-wire.ts";

/** What the transactions of Drizzle need on what it was made with. */
function careOf(client: unknown): Care {
  if (Object(client) !== client) return committing;
  if (postgresJs.owns(client)) return watchingConnection;
  if (pglite.owns(client)) return (begin, work) => inTurn(client as object, (run) => committing(begin, run), work);
  return committing;
}

const wireOf = (client: unknown): DrizzleWire => ({
  ...postgresWire,
  care: careOf(client),
  method: "execute",
  // postgres.js answers with the rows themselves, under names that the application may have transformed.
  rows: (answer, sql) =>
    Array.isArray(answer) ? namedAsAsked(sql, answer) : (answer as { rows: readonly object[] }).rows,
  isolationLevel: "read committed",
  nests: true,
});

/**
 * Lets a store speak through Drizzle: `client` in its transactions is then the transaction of Drizzle, and `{ transaction: fromDrizzle(tx) }` joins one that the
 * application has opened, in a store on any driver.
 *
 * @param db what `drizzle(...)` of `drizzle-orm/node-postgres`, `postgres-js` or `pglite` gave you, over a pool where the driver has pools, or a transaction of it.
 * @throws {UnsupportedError} `unsupported` for a database of Drizzle over another driver, or over a single client.
 *
 * @example
 * const store = createPostgresStore(fromDrizzle(db));
 * await store.migrate();
 * await store.transaction(async ({ client }) => {
 *   await client.insert(orders).values({ product: "lamp" });
 * });
 */
export function fromDrizzle<TTransaction extends object>(
  db: DrizzleServerHandle<TTransaction>,
): SqlExecutor<TTransaction> {
  return drizzleExecutor(db, (_plain, client) => executorOf(client), wireOf);
}
