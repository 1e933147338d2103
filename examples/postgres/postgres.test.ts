import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createRepository } from "ventyd";
import { expect, onTestFinished, test } from "vitest";
import { createPostgresDatabase } from "../../test/support/servers.ts";
import { Order, placeOrders } from "./join.ts";
import * as ofPg from "./pg.ts";
import * as ofPglite from "./pglite.ts";
import * as ofPostgresJs from "./postgres-js.ts";

async function databaseOfItsOwn(): Promise<string> {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  return url;
}

async function folderOfItsOwn(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "ventyd-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return path.join(folder, "database");
}

test.each([
  ["pg", ofPg, databaseOfItsOwn],
  ["postgres.js", ofPostgresJs, databaseOfItsOwn],
  ["PGlite", ofPglite, folderOfItsOwn],
])("%s opens a store, and what it keeps is there for the next", async (_name, { openStore }, makePlace) => {
  const place = await makePlace();
  const { store, close } = await openStore(place);
  await createRepository(Order, { adapter: store }).create({ entityId: "1", body: { product: "lamp" } });
  await close();
  const again = await openStore(place);
  const order = await createRepository(Order, { adapter: again.store }).findOneOrThrow({ entityId: "1" });
  expect(order.state).toEqual({ product: "lamp" });
  await again.close();
});

test("orders and stock are written together, in the store's transaction and in the application's", async () => {
  const { soldOut, stored } = await placeOrders(await databaseOfItsOwn());
  expect(soldOut).toContain("stock_pieces_check");
  expect(stored).toBe(2);
});
