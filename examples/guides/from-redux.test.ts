import { given } from "ventyd/testing";
import { expect, test } from "vitest";
import { printedBy } from "./printed-by.ts";

test("a cart is changed, logged, counted, looked back on and rolled back", async () => {
  expect(await printedBy("from-redux.ts")).toEqual([
    "cart:opened ann open",
    "cart:item_added ann open",
    "cart:ordered ann ordered",
    "3000",
    "Map(1) { 'book' => 2 }",
    "2 cart:item_added [ '/items/-' ]",
    "3 cart:ordered [ '/status' ]",
    "0",
    "cart:$rolled_back ann open",
  ]);
});

test("its rules hold: nothing is added to a cart that is ordered, and an empty one is not ordered", async () => {
  const { Cart } = await import("./from-redux.ts");
  given(Cart)
    .events(["cart:opened", {}], ["cart:ordered", {}])
    .when((cart) => cart.addItem({ sku: "book", quantity: 1, price: 1_500 }))
    .thenError("This cart is ordered already");
  given(Cart)
    .events(["cart:opened", {}])
    .when((cart) => cart.order())
    .thenError("This cart is empty");
});
