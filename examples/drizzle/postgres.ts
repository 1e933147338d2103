import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import pg from "pg";
import { createRepository } from "ventyd";
import { createPostgresStore, fromDrizzle } from "ventyd/postgres";
import { Order } from "../postgres/join.ts";

const stock = pgTable("stock", { product: text().primaryKey(), pieces: integer().notNull() });

// #region open
export async function openStore(connectionString: string) {
  const pool = new pg.Pool({ connectionString });
  pool.on("error", (error) => console.error("a connection that nobody used has gone:", error.message));
  const db = drizzle({ client: pool });
  const store = createPostgresStore(fromDrizzle(db));
  await store.migrate();
  return { db, store, close: () => store.close().then(() => pool.end()) };
}
// #endregion

export async function placeOrders(connectionString: string) {
  const { db, store, close } = await openStore(connectionString);
  await db.execute("CREATE TABLE stock (product text PRIMARY KEY, pieces int CHECK (pieces >= 0))");
  await db.insert(stock).values({ product: "lamp", pieces: 2 });
  const orders = createRepository(Order, { adapter: store });
  const oneLess = { pieces: sql`${stock.pieces} - 1` };

  // #region store
  await store.transaction(async ({ client }) => {
    await client.update(stock).set(oneLess).where(eq(stock.product, "lamp")); // Drizzle's own transaction
    await orders.create({ body: { product: "lamp" } });
  });
  // #endregion

  // #region application
  await db.transaction(async (tx) => {
    await tx.update(stock).set(oneLess).where(eq(stock.product, "lamp"));
    await orders.create({ body: { product: "lamp" } }, { transaction: fromDrizzle(tx) });
  });
  // #endregion

  const soldOut = await store
    .transaction(async ({ client }) => {
      await orders.create({ body: { product: "lamp" } });
      await client.update(stock).set(oneLess).where(eq(stock.product, "lamp"));
    })
    .catch((error: Error) => (error.cause as Error).message);
  const stored = await store.entities({ entityName: "order" });
  await close();
  return { soldOut, stored: stored.length };
}
