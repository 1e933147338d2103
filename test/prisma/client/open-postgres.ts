// #region open
import { PrismaPg } from "@prisma/adapter-pg";
import { createPostgresStore, fromPrisma } from "ventyd/postgres";
import { PrismaClient } from "./postgresql/client.ts";

export async function openStore(connectionString: string) {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
  const store = createPostgresStore(fromPrisma(prisma));
  await store.migrate();
  return { prisma, store };
}
// #endregion
