import { DatabaseSync } from "node:sqlite";
import { createRepository, defineEntity } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z } from "zod";

export const Order = defineEntity("order", {
  state: z.object({ product: z.string() }),
  events: { placed: z.object({ product: z.string() }) },
  initial: "placed",
  reduce: { placed: (_, { body }) => body },
});

export async function placeOrders(file: string) {
  const database = new DatabaseSync(file);
  database.exec("CREATE TABLE stock (product TEXT PRIMARY KEY, pieces INTEGER CHECK (pieces >= 0))");
  database.exec("INSERT INTO stock VALUES ('lamp', 2)");
  const store = createSqliteStore(database, { pragmas: "recommended" });
  await store.migrate();
  const orders = createRepository(Order, { adapter: store });
  const take = (product: string) => `UPDATE stock SET pieces = pieces - 1 WHERE product = '${product}'`;

  // #region store
  await store.transaction(async ({ client }) => {
    client.exec(take("lamp")); // the same driver's handle, on a connection of the transaction's own
    await orders.create({ body: { product: "lamp" } });
  });
  // #endregion

  // #region application
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(take("lamp"));
    await orders.create({ body: { product: "lamp" } }, { transaction: database });
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
  // #endregion

  const soldOut = await store
    .transaction(async ({ client }) => {
      await orders.create({ body: { product: "lamp" } });
      client.exec(take("lamp"));
    })
    .catch((error: Error) => error.message);
  const stored = await store.entities({ entityName: "order" });
  await store.close();
  database.close();
  return { soldOut, stored: stored.length };
}
