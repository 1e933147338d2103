// #region open
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { createMysqlStore, fromPrisma } from "ventyd/mysql";
import { PrismaClient } from "./mysql/client.ts";

export async function openStore(url: string) {
  const prisma = new PrismaClient({ adapter: new PrismaMariaDb(url) });
  const store = createMysqlStore(fromPrisma(prisma));
  await store.migrate();
  return { prisma, store };
}
// #endregion
