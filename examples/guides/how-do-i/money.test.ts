import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("amounts in the smallest unit add up", async () => {
  expect(await printedBy("how-do-i/money.ts")).toEqual(["0.30000000000000004", "30"]);
});
