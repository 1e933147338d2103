import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { fromPrisma } from "../../src/adapters/mysql/from-prisma.ts";
import { dialect, mysqlWords as words } from "../mysql/words.ts";
import { generateStockClient, type PrismaClient } from "../prisma/open-prisma.ts";
import { executorContract, type OpenExecutor } from "../sql/executor-contract.ts";
import { createMysqlDatabase } from "../support/servers.ts";
import { openPrismaExecutor } from "./open-prisma.ts";

async function open(
  options: ConstructorParameters<typeof PrismaMariaDb>[1] = {},
  extended: (prisma: PrismaClient) => PrismaClient = (prisma) => prisma,
): Promise<OpenExecutor> {
  const { url, drop } = await createMysqlDatabase();
  const StockClient = await generateStockClient("mysql");
  const prisma = extended(new StockClient({ adapter: new PrismaMariaDb(url, options) }));
  return openPrismaExecutor(prisma, fromPrisma(prisma), drop);
}

executorContract("Prisma on the connector for MariaDB", { open: () => open(), words, dialect });
executorContract("Prisma on the connector for MariaDB with its text protocol and an extension of the application's", {
  open: () =>
    open({ useTextProtocol: true }, (prisma) =>
      prisma.$extends({ query: { $allOperations: ({ args, query }: PrismaClient) => query(args) } }),
    ),
  words,
  dialect,
});
