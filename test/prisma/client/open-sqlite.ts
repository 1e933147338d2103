// #region open
import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import { createSqliteStore, fromPrisma } from "ventyd/sqlite";
import { PrismaClient } from "./sqlite/client.ts";

export async function openStore(url: string) {
  const prisma = new PrismaClient({ adapter: new PrismaBetterSqlite3({ url }) });
  const store = createSqliteStore(fromPrisma(prisma));
  await store.migrate();
  return { prisma, store };
}
// #endregion
