// Outside of the project's type check, for what it imports is generated; test/orms/prisma-types.test.ts checks it, and runs it.
import { createRepository, defineEntity } from "ventyd";
import { fromPrisma } from "ventyd/postgres";
import { z } from "zod";
import { openStore } from "./open-postgres.ts";

export const Order = defineEntity("order", {
  state: z.object({ product: z.string() }),
  events: { placed: z.object({ product: z.string() }) },
  initial: "placed",
  reduce: { placed: (_, { body }) => body },
});

export async function placeOrders(connectionString: string) {
  const { prisma, store } = await openStore(connectionString);
  await prisma.$executeRaw`CREATE TABLE stock (product varchar(50) PRIMARY KEY, pieces int NOT NULL CHECK (pieces >= 0))`;
  await prisma.stock.create({ data: { product: "lamp", pieces: 2 } });
  const orders = createRepository(Order, { adapter: store });
  const take = { where: { product: "lamp" }, data: { pieces: { decrement: 1 } } };

  // #region store
  await store.transaction(async ({ client }) => {
    await client.stock.update(take); // Prisma's own client of the transaction
    await orders.create({ body: { product: "lamp" } });
  });
  // #endregion

  // #region application
  await prisma.$transaction(async (tx) => {
    await tx.stock.update(take);
    await orders.create({ body: { product: "lamp" } }, { transaction: fromPrisma(tx) });
  });
  // #endregion

  const soldOut = await store
    .transaction(async ({ client }) => {
      await orders.create({ body: { product: "lamp" } });
      await client.stock.update(take);
    })
    .catch((error: Error) => error.message);
  const stored = await store.entities({ entityName: "order" });
  await store.close();
  await prisma.$disconnect();
  return { soldOut, stored: stored.length };
}
