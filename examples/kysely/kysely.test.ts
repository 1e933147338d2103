import { createRepository } from "ventyd";
import { expect, onTestFinished, test } from "vitest";
import { createMysqlDatabase, createPostgresDatabase } from "../../test/support/servers.ts";
import { tempFile } from "../../test/support/temp-database.ts";
import { Order } from "../postgres/join.ts";
import * as onMysql from "./mysql.ts";
import { placeOrders } from "./postgres.ts";
import * as onSqlite from "./sqlite.ts";

test("orders and stock are written together, in the store's transaction and in Kysely's", async () => {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const { soldOut, stored } = await placeOrders(url);
  expect(soldOut).toContain("stock_pieces_check");
  expect(stored).toBe(2);
});

test("on MySQL a store is opened, too", async () => {
  const { url, drop } = await createMysqlDatabase();
  onTestFinished(drop);
  const { store, close } = await onMysql.openStore(url);
  await createRepository(Order, { adapter: store }).create({ body: { product: "lamp" } });
  expect(await store.entities({ entityName: "order" })).toHaveLength(1);
  await close();
});

test("on SQLite a store is opened, too", async () => {
  const { store, close } = await onSqlite.openStore(tempFile());
  await createRepository(Order, { adapter: store }).create({ body: { product: "lamp" } });
  expect(await store.entities({ entityName: "order" })).toHaveLength(1);
  await close();
});
