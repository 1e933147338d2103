import type { SqlExecutor } from "../sql/executor.ts";
import { type PrismaHandle, type PrismaWire, prismaExecutor } from "../sql/orms/prisma.ts";
import { mysqlWire } from "./orm-wire.ts";

/** By these numbers the connector for MariaDB says that a connection has gone. */
const gone: ReadonlySet<string | undefined> = new Set(["45004", "45009", "45012", "45013", "45019", "45026"]);

const wire: PrismaWire = {
  ...mysqlWire,
  provider: "mysql",
  driverError: ({ originalCode, cause = "" }) =>
    originalCode === undefined || gone.has(originalCode) || (originalCode === "45028" && /\bE[A-Z]+\b/.test(cause))
      ? "connection_lost"
      : { errno: Number(originalCode) },
  isolationLevel: "ReadCommitted",
  withoutProcedures: true,
};

/**
 * Lets a store speak through Prisma 7, with its driver adapter for MariaDB: `client` in its transactions is then the client of an interactive transaction,
 * and `{ transaction: fromPrisma(tx) }` joins one that the application has opened, in a store on any driver.
 *
 * @param prisma a client, or what `$transaction` gives its callback.
 * @throws {UnsupportedError} `unsupported` for a client with another provider.
 *
 * @example
 * const store = createMysqlStore(fromPrisma(prisma));
 * await store.migrate();
 * await store.transaction(async ({ client }) => {
 *   await client.stock.update({ where: { product: "lamp" }, data: { pieces: { decrement: 1 } } });
 * });
 */
export function fromPrisma<TTransaction extends object>(prisma: PrismaHandle<TTransaction>): SqlExecutor<TTransaction> {
  return prismaExecutor(prisma, wire);
}
