import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { createRepository } from "ventyd";
import { createPostgresStore, fromKysely } from "ventyd/postgres";
import { Order } from "../postgres/join.ts";

interface Tables {
  stock: { product: string; pieces: number };
}

// #region open
export async function openStore(connectionString: string) {
  const pool = new pg.Pool({ connectionString });
  pool.on("error", (error) => console.error("a connection that nobody used has gone:", error.message));
  // Kysely does not listen to the connections that it uses: one that is lost would end the process.
  pool.on("connect", (client) => client.on("error", (error) => console.error("a connection has gone:", error.message)));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const store = createPostgresStore(fromKysely(db));
  await store.migrate();
  return { db, store, close: () => store.close().then(() => db.destroy()) };
}
// #endregion

export async function placeOrders(connectionString: string) {
  const { db, store, close } = await openStore(connectionString);
  await sql`CREATE TABLE stock (product text PRIMARY KEY, pieces int CHECK (pieces >= 0))`.execute(db);
  await db.insertInto("stock").values({ product: "lamp", pieces: 2 }).execute();
  const orders = createRepository(Order, { adapter: store });
  const take = (executor: Kysely<Tables>) =>
    executor
      .updateTable("stock")
      .set((stock) => ({ pieces: stock("pieces", "-", 1) }))
      .where("product", "=", "lamp")
      .execute();

  // #region store
  await store.transaction(async ({ client }) => {
    await take(client); // Kysely's own transaction
    await orders.create({ body: { product: "lamp" } });
  });
  // #endregion

  // #region application
  await db.transaction().execute(async (trx) => {
    await take(trx);
    await orders.create({ body: { product: "lamp" } }, { transaction: fromKysely(trx) });
  });
  // #endregion

  const soldOut = await store
    .transaction(async ({ client }) => {
      await orders.create({ body: { product: "lamp" } });
      await take(client);
    })
    .catch((error: Error) => error.message);
  const stored = await store.entities({ entityName: "order" });
  await close();
  return { soldOut, stored: stored.length };
}
