import type { SqlExecutor } from "../sql/executor.ts";
import { type PrismaHandle, type PrismaWire, prismaExecutor } from "../sql/orms/prisma.ts";
import { postgresWire } from "./orm-wire.ts";

/** What Prisma says of a socket, which has no code of the server. */
const gone: ReadonlySet<string | undefined> = new Set(["ConnectionClosed", "DatabaseNotReachable", "SocketTimeout"]);

const wire: PrismaWire = {
  ...postgresWire,
  provider: "postgresql",
  driverError: ({ kind, originalCode, constraint }) =>
    gone.has(kind) ? "connection_lost" : { code: originalCode, constraint: constraint?.index },
  isolationLevel: "ReadCommitted",
};

/**
 * Lets a store speak through Prisma 7, with its driver adapter for pg: `client` in its transactions is then the client of an interactive transaction, and
 * `{ transaction: fromPrisma(tx) }` joins one that the application has opened, in a store on any driver.
 *
 * @param prisma a client, or what `$transaction` gives its callback.
 * @throws {UnsupportedError} `unsupported` for a client with another provider.
 *
 * @example
 * const store = createPostgresStore(fromPrisma(prisma));
 * await store.migrate();
 * await store.transaction(async ({ client }) => {
 *   await client.stock.update({ where: { product: "lamp" }, data: { pieces: { decrement: 1 } } });
 * });
 */
export function fromPrisma<TTransaction extends object>(prisma: PrismaHandle<TTransaction>): SqlExecutor<TTransaction> {
  return prismaExecutor(prisma, wire);
}
