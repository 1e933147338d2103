import { setTimeout } from "node:timers/promises";
import Database from "better-sqlite3";
import pg from "pg";
import { createRepository, type EventStore, type StoreRepository } from "ventyd";
import { createPostgresStore } from "ventyd/postgres";
import { createSqliteStore } from "ventyd/sqlite";
import { Order, placed, who } from "./order.ts";

/** Commits so many orders, some milliseconds apart; the price of each says when its commit was called. */
export async function writeOrders(orders: Pick<StoreRepository<Order, typeof Order.schema>, "create">, count: number) {
  for (let n = 0; n < count; n++) {
    await setTimeout(2 + Math.random() * 10);
    await orders.create({ body: { ...placed, price: performance.timeOrigin + performance.now() } }, who);
  }
}

/** Opens the store at a place: a file of SQLite, or the URL of a PostgreSQL database. */
async function openStore(place: string) {
  if (!place.startsWith("postgres:")) {
    const database = new Database(place);
    const store = createSqliteStore(database, { onWarning: () => {} });
    return { store, close: async () => void database.close() };
  }
  const pool = new pg.Pool({ connectionString: place });
  return { store: createPostgresStore(pool), close: () => pool.end() };
}

// As a process of its own: node bench/tail-writer.ts <place> <count>.
if (import.meta.main) {
  const [place = "", count] = process.argv.slice(2);
  const { store, close } = await openStore(place);
  await writeOrders(createRepository(Order, { adapter: store as EventStore }), Number(count));
  await store.close();
  await close();
}
