import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { expect, test } from "vitest";
import { fromPrisma } from "../../src/adapters/postgres/from-prisma.ts";
import { dialect, postgresWords as words } from "../postgres/words.ts";
import { generateStockClient, type PrismaClient } from "../prisma/open-prisma.ts";
import { executorContract, type OpenExecutor } from "../sql/executor-contract.ts";
import { createPostgresDatabase } from "../support/servers.ts";
import { openPrismaExecutor } from "./open-prisma.ts";

async function open(
  adapterOf: (url: string) => PrismaPg = (url) => new PrismaPg({ connectionString: url, max: 5 }),
  extended: (prisma: PrismaClient) => PrismaClient = (prisma) => prisma,
): Promise<OpenExecutor> {
  const { url, drop } = await createPostgresDatabase();
  const StockClient = await generateStockClient("postgresql");
  const prisma = extended(new StockClient({ adapter: adapterOf(url) }));
  return openPrismaExecutor(prisma, fromPrisma(prisma), drop);
}

executorContract("Prisma on pg", { open: () => open(), words, dialect });
executorContract("Prisma on pg with statement names, parsers, and an extension of the application's", {
  open: () =>
    open(
      (url) => {
        const pool = new pg.Pool({ connectionString: url, max: 5, types: { getTypeParser: () => String } as never });
        return new PrismaPg(pool, {
          disposeExternalPool: true,
          statementNameGenerator: ({ sql }) => `s${Buffer.from(sql).toString("base64url").slice(-50)}${sql.length}`,
          userDefinedTypeParser: async () => "changed",
        });
      },
      (prisma) => prisma.$extends({ query: { $allOperations: ({ args, query }: PrismaClient) => query(args) } }),
    ),
  words,
  dialect,
});

test("a client for another database is refused, and so is what is no client", async () => {
  const Other = await generateStockClient("mysql");
  for (const other of [new Other({ adapter: new PrismaMariaDb("mysql://root@127.0.0.1:3306/none") }), {}])
    expect(() => fromPrisma(other as never)).toThrow(
      expect.objectContaining({ code: "unsupported", ability: "prisma-provider" }),
    );
});
