import { expect, onTestFinished, test } from "vitest";
import { createMysqlDatabase } from "../../test/support/servers.ts";
import { placeOrders } from "./join.ts";

test("orders and stock are written together or not at all, in the store's transaction and in the application's", async () => {
  const { url, drop } = await createMysqlDatabase();
  onTestFinished(drop);
  expect(await placeOrders(url)).toEqual({ soldOut: expect.stringContaining("CONSTRAINT"), stored: 2 });
});
