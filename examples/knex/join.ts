import { createRepository, defineEntity } from "ventyd";
import { fromKnex } from "ventyd/postgres";
import { z } from "zod";
import { openStore } from "./open-postgres.ts";

export const Order = defineEntity("order", {
  state: z.object({ product: z.string() }),
  events: { placed: z.object({ product: z.string() }) },
  initial: "placed",
  reduce: { placed: (_, { body }) => body },
});

export async function placeOrders(connection: string) {
  const { db, store } = await openStore(connection);
  await db.raw("CREATE TABLE stock (product text PRIMARY KEY, pieces int CHECK (pieces >= 0))");
  await db("stock").insert({ product: "lamp", pieces: 2 });
  const orders = createRepository(Order, { adapter: store });

  // #region store
  await store.transaction(async ({ client }) => {
    await client("stock").where({ product: "lamp" }).decrement("pieces"); // the transaction of Knex
    await orders.create({ body: { product: "lamp" } });
  });
  // #endregion

  // #region application
  await db.transaction(async (trx) => {
    await trx("stock").where({ product: "lamp" }).decrement("pieces");
    await orders.create({ body: { product: "lamp" } }, { transaction: fromKnex(trx) });
  });
  // #endregion

  const soldOut = await store
    .transaction(async ({ client }) => {
      await orders.create({ body: { product: "lamp" } });
      await client("stock").where({ product: "lamp" }).decrement("pieces");
    })
    .catch((error: Error) => error.message);
  const stored = await store.entities({ entityName: "order" });
  await store.close();
  await db.destroy();
  return { soldOut, stored: stored.length };
}
