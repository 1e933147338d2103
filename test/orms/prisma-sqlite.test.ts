import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { fromPrisma } from "../../src/adapters/sqlite/from-prisma.ts";
import { generateStockClient, type PrismaClient } from "../prisma/open-prisma.ts";
import { executorContract, type OpenExecutor } from "../sql/executor-contract.ts";
import { dialect, sqliteWords as words } from "../sql/sqlite-words.ts";
import { rejection } from "../support/promises.ts";
import { openPrismaExecutor } from "./open-prisma.ts";
import { createSqliteFile } from "./temp-sqlite.ts";

async function connect(file: string): Promise<PrismaClient> {
  const StockClient = await generateStockClient("sqlite");
  const config = { url: `file:${file}`, timeout: 0 };
  return new StockClient({ adapter: new PrismaBetterSqlite3(config, { timestampFormat: "unixepoch-ms" }) });
}

async function open(): Promise<OpenExecutor> {
  const { file, drop } = createSqliteFile();
  const prisma = await connect(file);
  return openPrismaExecutor(prisma, fromPrisma(prisma), drop);
}

executorContract("Prisma on better-sqlite3", { open, words, dialect });

/** A table of the application's in a file, and two connections to it. */
async function openStock() {
  const { file, drop } = createSqliteFile();
  const database = new Database(file);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE stock (product TEXT PRIMARY KEY, pieces INT NOT NULL)");
  const prisma = await connect(file);
  onTestFinished(async () => {
    await prisma.$disconnect();
    database.close();
    await drop();
  });
  return { database, prisma };
}

const lamp = { data: { product: "lamp", pieces: 1 } };
const aborted = new Error("aborted");

test("what the application sends outside of a transaction is taken back with the one of the store's around it; inside of one it waits for its turn", async () => {
  const { prisma } = await openStock();
  const executor = fromPrisma(prisma);
  const outside = executor.transaction(async () => {
    await prisma.stock.create(lamp);
    throw aborted;
  });
  expect(await rejection(outside)).toBe(aborted);
  expect(await prisma.stock.count()).toBe(0);

  let created: Promise<unknown> = Promise.resolve();
  const inside = executor.transaction(async () => {
    created = prisma.$transaction([prisma.stock.create(lamp)]);
    throw aborted;
  });
  expect(await rejection(inside)).toBe(aborted);
  await created;
  expect(await prisma.stock.count()).toBe(1);
});

test("somebody else who holds the database is told apart", async () => {
  const { database, prisma } = await openStock();
  database.exec("BEGIN IMMEDIATE");
  const work = fromPrisma(prisma).transaction(async () => {});
  expect(dialect.classify(await rejection(work))).toBe("lock_timeout");
  database.exec("COMMIT");
});
