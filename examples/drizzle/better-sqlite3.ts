import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import { createRepository } from "ventyd";
import { createSqliteStore, fromDrizzle } from "ventyd/sqlite";
import { Order } from "../postgres/join.ts";

const shipments = sqliteTable("shipments", { product: text() });

export async function placeOrder(file: string) {
  const client = new Database(file);
  client.exec("CREATE TABLE shipments (product text)");

  // #region store
  const db = drizzle({ client });
  const store = createSqliteStore(fromDrizzle(db), { pragmas: "recommended" });
  await store.migrate();
  const orders = createRepository(Order, { adapter: store });

  await store.transaction(async ({ client }) => {
    drizzle({ client }).insert(shipments).values({ product: "lamp" }).run();
    await orders.create({ body: { product: "lamp" } });
  });
  // #endregion

  const shipped = db.select().from(shipments).all();
  const stored = await store.entities({ entityName: "order" });
  await store.close();
  client.close();
  return { shipped: shipped.length, stored: stored.length };
}
