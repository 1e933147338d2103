import { createRepository, type EventStore } from "ventyd";
import { expect, onTestFinished, test } from "vitest";
import { createMysqlDatabase, createPostgresDatabase } from "../../test/support/servers.ts";
import { tempFile } from "../../test/support/temp-database.ts";
import { Order, placeOrders } from "./join.ts";
import * as onMysql from "./open-mysql.ts";
import * as onPostgres from "./open-postgres.ts";
import * as onSqlite from "./open-sqlite.ts";

const ofItsOwn = (create: typeof createPostgresDatabase) => async () => {
  const { url, drop } = await create();
  onTestFinished(drop);
  return url;
};

test.each([
  ["PostgreSQL", onPostgres, ofItsOwn(createPostgresDatabase)],
  ["MariaDB", onMysql, ofItsOwn(createMysqlDatabase)],
  ["SQLite", onSqlite, async () => tempFile()],
])("a store is opened through Knex on %s, and what it keeps is there for the next", async (_name, open, makePlace) => {
  const place = await makePlace();
  for (const isFirst of [true, false]) {
    const { db, store } = await open.openStore(place);
    const orders = createRepository(Order, { adapter: store as EventStore });
    if (isFirst) await orders.create({ entityId: "1", body: { product: "lamp" } });
    else expect((await orders.findOneOrThrow({ entityId: "1" })).state).toEqual({ product: "lamp" });
    await store.close();
    await db.destroy();
  }
});

test("orders and stock are written together or not at all, in the store's transaction and in the application's", async () => {
  const place = await ofItsOwn(createPostgresDatabase)();
  expect(await placeOrders(place)).toEqual({ soldOut: expect.stringContaining("stock_pieces_check"), stored: 2 });
});
