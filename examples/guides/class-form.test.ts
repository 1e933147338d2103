import { given } from "ventyd/testing";
import { expect, test } from "vitest";
import { printedBy } from "./printed-by.ts";

test("an entity of schema, reducer and class is loaded with its getters and mutations", async () => {
  expect(await printedBy("class-form.ts")).toEqual(["true 2", "This order is shipped already", "2 parcel-9", "3"]);
});

test("a mutation that calls others is undone as a whole when one of them throws", async () => {
  const { Order } = await import("./class-form.ts");
  given(Order)
    .events(["order:placed", { lines: [] }])
    .when((order) => order.shipWithGift(""))
    .thenError("invalid_event")
    .thenState({ lines: [], parcel: null });
});
