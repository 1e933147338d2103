import type { SqlExecutor } from "../../src/adapters/sql/executor.ts";
import { heldTransaction } from "../postgres/held-transaction.ts";
import type { PrismaClient } from "../prisma/open-prisma.ts";
import type { OpenExecutor } from "../sql/executor-contract.ts";

/** An executor of Prisma for the contract of executors. */
export function openPrismaExecutor(
  prisma: PrismaClient,
  executor: SqlExecutor<object>,
  drop: () => Promise<unknown>,
): OpenExecutor {
  const run = (client: object, sql: string) => (client as PrismaClient).$executeRawUnsafe(sql);
  return {
    executor,
    async openTransaction() {
      const held = await heldTransaction<PrismaClient>((work) => prisma.$transaction(work, { timeout: 60_000 }));
      return { ...held, run: (sql) => run(held.client, sql) };
    },
    run,
    notJoined: [prisma],
    close: () => prisma.$disconnect().then(drop),
  };
}
