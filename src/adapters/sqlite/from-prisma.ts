import type { SqlExecutor } from "../sql/executor.ts";
import { type PrismaHandle, type PrismaWire, prismaExecutor } from "../sql/orms/prisma.ts";
import { sqliteWire } from "./orm-wire.ts";

const wire: PrismaWire = {
  ...sqliteWire,
  provider: "sqlite",
  driverError: ({ originalCode }) => ({ code: originalCode }),
  hasOneConnection: true,
};

/**
 * Lets a store speak through Prisma 7, with its driver adapter for better-sqlite3: `client` in its transactions is then the client of an interactive
 * transaction, and `{ transaction: fromPrisma(tx) }` joins one that the application has opened. The store shares the one connection of Prisma: its calls
 * and the application's transactions take turns. What the application sends outside of transactions does not: Prisma lets it run inside of the one that is open.
 *
 * @param prisma a client, or what `$transaction` gives its callback.
 * @throws {UnsupportedError} `unsupported` for a client with another provider.
 *
 * @example
 * const store = createSqliteStore(fromPrisma(prisma));
 * await store.migrate();
 * await store.transaction(async ({ client }) => {
 *   await client.stock.update({ where: { product: "lamp" }, data: { pieces: { decrement: 1 } } });
 * });
 */
export function fromPrisma<TTransaction extends object>(prisma: PrismaHandle<TTransaction>): SqlExecutor<TTransaction> {
  return prismaExecutor(prisma, wire);
}
