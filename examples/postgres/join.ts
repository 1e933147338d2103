import pg from "pg";
import { createRepository, defineEntity } from "ventyd";
import { createPostgresStore } from "ventyd/postgres";
import { z } from "zod";

export const Order = defineEntity("order", {
  state: z.object({ product: z.string() }),
  events: { placed: z.object({ product: z.string() }) },
  initial: "placed",
  reduce: { placed: (_, { body }) => body },
});

export async function placeOrders(connectionString: string) {
  const pool = new pg.Pool({ connectionString });
  await pool.query("CREATE TABLE stock (product text PRIMARY KEY, pieces int CHECK (pieces >= 0))");
  await pool.query("INSERT INTO stock VALUES ('lamp', 2)");
  const store = createPostgresStore(pool);
  await store.migrate();
  const orders = createRepository(Order, { adapter: store });
  const take = "UPDATE stock SET pieces = pieces - 1 WHERE product = 'lamp'";

  // #region store
  await store.transaction(async ({ client }) => {
    await client.query(take); // pg's own client, inside the transaction
    await orders.create({ body: { product: "lamp" } });
  });
  // #endregion

  // #region application
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query(take);
    await orders.create({ body: { product: "lamp" } }, { transaction: client });
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
  // #endregion

  const soldOut = await store
    .transaction(async ({ client }) => {
      await orders.create({ body: { product: "lamp" } });
      await client.query(take);
    })
    .catch((error: Error) => error.message);
  const stored = await store.entities({ entityName: "order" });
  await store.close();
  await pool.end();
  return { soldOut, stored: stored.length };
}
