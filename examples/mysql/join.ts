import { createRepository, defineEntity } from "ventyd";
import { z } from "zod";
import { openStore } from "./mysql2.ts";

export const Order = defineEntity("order", {
  state: z.object({ product: z.string() }),
  events: { placed: z.object({ product: z.string() }) },
  initial: "placed",
  reduce: { placed: (_, { body }) => body },
});

export async function placeOrders(uri: string) {
  const { pool, store } = await openStore(uri);
  await pool.query("CREATE TABLE stock (product VARCHAR(50) PRIMARY KEY, pieces INT, CHECK (pieces >= 0))");
  await pool.query("INSERT INTO stock VALUES ('lamp', 2)");
  const orders = createRepository(Order, { adapter: store });
  const take = "UPDATE stock SET pieces = pieces - 1 WHERE product = ?";

  // #region store
  await store.transaction(async ({ client }) => {
    await client.query(take, ["lamp"]); // a connection of the pool, lent for this transaction
    await orders.create({ body: { product: "lamp" } });
  });
  // #endregion

  // #region application
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    await connection.query(take, ["lamp"]);
    await orders.create({ body: { product: "lamp" } }, { transaction: connection });
    await connection.commit();
  } catch (error) {
    await connection.rollback();
    throw error;
  } finally {
    connection.release();
  }
  // #endregion

  const soldOut = await store
    .transaction(async ({ client }) => {
      await orders.create({ body: { product: "lamp" } });
      await client.query(take, ["lamp"]);
    })
    .catch((error: Error) => error.message);
  const stored = await store.entities({ entityName: "order" });
  await store.close();
  await pool.end();
  return { soldOut, stored: stored.length };
}
