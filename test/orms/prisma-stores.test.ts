import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { PrismaPg } from "@prisma/adapter-pg";
import { createPool } from "mysql2";
import pg from "pg";
import { createMysqlStore, fromPrisma as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromPrisma as fromPostgres } from "ventyd/postgres";
import { createSqliteStore, fromPrisma as fromSqlite } from "ventyd/sqlite";
import { generateStockClient, type PrismaClient, type Provider } from "../prisma/open-prisma.ts";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";
import { ormStoreTests } from "./store-tests.ts";
import { createSqliteFile } from "./temp-sqlite.ts";

/** The application's part: products that are in stock. */
async function open(provider: Provider, adapter: object) {
  const StockClient = await generateStockClient(provider);
  const prisma: PrismaClient = new StockClient({ adapter });
  await prisma.$executeRawUnsafe("CREATE TABLE stock (product VARCHAR(50) PRIMARY KEY, pieces INT NOT NULL)");
  return {
    prisma,
    transaction: (work: (tx: PrismaClient) => Promise<void>) => prisma.$transaction(work),
    insert: (tx: PrismaClient, product: string) => tx.stock.create({ data: { product, pieces: 1 } }),
    texts: async () => (await prisma.stock.findMany()).map(({ product }: { product: string }) => product),
  };
}

ormStoreTests("Prisma on pg", async () => {
  const { url, drop } = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  const { prisma, ...rest } = await open("postgresql", new PrismaPg(pool));
  return {
    ...rest,
    store: createPostgresStore(fromPostgres(prisma)),
    driverStore: createPostgresStore(pool),
    fromOrm: fromPostgres,
    close: () =>
      prisma
        .$disconnect()
        .then(() => pool.end())
        .then(drop),
  };
});

ormStoreTests("Prisma on the connector for MariaDB", async () => {
  const { url, drop } = await createMysqlDatabase();
  const { prisma, ...rest } = await open("mysql", new PrismaMariaDb(url));
  const pool = createPool({ uri: url, connectionLimit: 5 });
  return {
    ...rest,
    store: createMysqlStore(fromMysql(prisma)),
    driverStore: createMysqlStore(pool),
    fromOrm: fromMysql,
    close: () => Promise.all([pool.promise().end(), prisma.$disconnect()]).then(drop),
  };
});

ormStoreTests("Prisma on better-sqlite3", async () => {
  const { file, drop } = createSqliteFile();
  const { prisma, ...rest } = await open("sqlite", new PrismaBetterSqlite3({ url: `file:${file}` }));
  const store = createSqliteStore(fromSqlite(prisma));
  return { ...rest, store, fromOrm: fromSqlite, close: () => prisma.$disconnect().then(drop) } as never;
});
