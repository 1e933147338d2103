import { spawnSync } from "node:child_process";
import path from "node:path";
import { createRepository } from "ventyd";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { generateStockClient } from "../prisma/open-prisma.ts";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";
import { createSqliteFile } from "./temp-sqlite.ts";

const folder = path.resolve("test/prisma/client");

beforeAll(async () => {
  for (const provider of ["postgresql", "mysql", "sqlite"] as const) await generateStockClient(provider);
});

test("the types of generated clients fit, and `client` is their own", () => {
  const tsc = path.resolve("node_modules/typescript/bin/tsc");
  const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", path.join(folder, "tsconfig.stores.json")], {
    encoding: "utf8",
  });
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
});

test.each([
  ["postgres", createPostgresDatabase],
  ["mysql", createMysqlDatabase],
  [
    "sqlite",
    async () => {
      const { file, drop } = createSqliteFile();
      return { url: `file:${file}`, drop };
    },
  ],
])("a store is opened on a client for %s, and what it keeps is there for the next", async (name, create) => {
  const { url, drop } = await create();
  onTestFinished(drop);
  const { Order } = await import(path.join(folder, "join.ts"));
  const { openStore } = await import(path.join(folder, `open-${name}.ts`));
  for (const isFirst of [true, false]) {
    const { prisma, store } = await openStore(url);
    const orders = createRepository(Order as never, { adapter: store });
    if (isFirst) await orders.create({ entityId: "1", body: { product: "lamp" } } as never);
    else expect(await orders.findOneOrThrow({ entityId: "1" })).toMatchObject({ state: { product: "lamp" } });
    await store.close();
    await prisma.$disconnect();
  }
});

test("orders and stock are written together or not at all, in the store's transaction and in the application's", async () => {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const { placeOrders } = await import(path.join(folder, "join.ts"));
  expect(await placeOrders(url)).toEqual({ soldOut: expect.stringContaining("stock_pieces_check"), stored: 2 });
});
