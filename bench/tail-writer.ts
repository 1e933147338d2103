import { setTimeout } from "node:timers/promises";
import Database from "better-sqlite3";
import { createRepository, type StoreRepository } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { Order, placed, who } from "./order.ts";

/** Commits so many orders, some milliseconds apart; the price of each says when its commit was called. */
export async function writeOrders(orders: Pick<StoreRepository<Order, typeof Order.schema>, "create">, count: number) {
  for (let n = 0; n < count; n++) {
    await setTimeout(2 + Math.random() * 10);
    await orders.create({ body: { ...placed, price: performance.timeOrigin + performance.now() } }, who);
  }
}

// As a process of its own: node bench/tail-writer.ts <file> <count>.
if (import.meta.main) {
  const [file = "", count] = process.argv.slice(2);
  const database = new Database(file);
  const store = createSqliteStore(database, { onWarning: () => {} });
  await writeOrders(createRepository(Order, { adapter: store }), Number(count));
  await store.close();
  database.close();
}
