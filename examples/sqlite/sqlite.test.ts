import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createRepository } from "ventyd";
import { expect, onTestFinished, test } from "vitest";
import * as better from "./better-sqlite3.ts";
import { Order, placeOrders } from "./join.ts";
import * as libsql from "./libsql.ts";
import * as node from "./node-sqlite.ts";

function tempFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ventyd-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return path.join(folder, "app.db");
}

// The one of Bun is run by test/runtimes.
test.each([
  ["better-sqlite3", better],
  ["libsql", libsql],
  ["node:sqlite", node],
])("%s opens a durable store, and what it keeps is there for the next", async (_name, { openStore }) => {
  const file = tempFile();
  const store = await openStore(file);
  expect((await store.status()).durability.survives).toBe("power_loss");
  await createRepository(Order, { adapter: store }).create({ entityId: "1", body: { product: "lamp" } });
  await store.close();
  const again = await openStore(file);
  const order = await createRepository(Order, { adapter: again }).findOneOrThrow({ entityId: "1" });
  expect(order.state).toEqual({ product: "lamp" });
  await again.close();
});

test("orders and stock are written together or not at all, in the store's transaction and in the application's", async () => {
  expect(await placeOrders(tempFile())).toEqual({ soldOut: expect.stringContaining("CHECK"), stored: 2 });
});
