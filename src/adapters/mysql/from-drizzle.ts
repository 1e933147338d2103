import type { SqlExecutor } from "../sql/executor.ts";
import { type DrizzleServerHandle, type DrizzleWire, drizzleExecutor } from "../sql/orms/drizzle.ts";
import { executorOf } from "./executors/index.ts";
import { mysqlWire } from "./orm-wire.ts";

const wire: DrizzleWire = {
  ...mysqlWire,
  method: "execute",
  rows(answer) {
    const [rows] = answer as readonly [unknown];
    return Array.isArray(rows) ? rows : [];
  },
  isolationLevel: "read committed",
  nests: false,
};

/**
 * Lets a store speak through Drizzle: `client` in its transactions is then the transaction of Drizzle, and `{ transaction: fromDrizzle(tx) }` joins one that the
 * application has opened, in a store on any driver.
 *
 * @param db what `drizzle(...)` of `drizzle-orm/mysql2` gave you over a pool, or a transaction of it.
 * @throws {UnsupportedError} `unsupported` for a database of Drizzle over another driver, or over a single connection.
 *
 * @example
 * const store = createMysqlStore(fromDrizzle(db));
 * await store.migrate();
 * await store.transaction(async ({ client }) => {
 *   await client.insert(orders).values({ product: "lamp" });
 * });
 */
export function fromDrizzle<TTransaction extends object>(
  db: DrizzleServerHandle<TTransaction>,
): SqlExecutor<TTransaction> {
  return drizzleExecutor(
    db,
    (_plain, client) => executorOf(client),
    () => wire,
  );
}
