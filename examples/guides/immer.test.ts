import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { Cart, CartClass } from "./immer.ts";

test("a cart whose handlers write into drafts keeps every state that it had", async () => {
  const carts = createRepository(Cart, { adapter: createMemoryStore() });
  await carts.create({ entityId: "c", body: {} });
  await carts.mutate({ entityId: "c" }, (cart) => {
    cart.addItem("a");
    cart.addItem("a", 2);
    cart.order();
  });
  const rows = await carts.history({ entityId: "c" });
  expect(rows.map(({ after }) => after)).toEqual([
    { items: [], status: "open" },
    { items: [{ sku: "a", quantity: 1 }], status: "open" },
    { items: [{ sku: "a", quantity: 3 }], status: "open" },
    { items: [{ sku: "a", quantity: 3 }], status: "ordered" },
  ]);
});

test("so does one that is written as a class", () => {
  const cart = CartClass.create({ body: {} });
  expect(cart.state).toEqual({ items: [], status: "open" });
});
