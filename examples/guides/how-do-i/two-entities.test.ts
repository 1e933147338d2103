import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("two accounts change together, with a table of the application, or not at all", async () => {
  expect(await printedBy("how-do-i/two-entities.ts")).toEqual(["There is not enough money", "500", "1500", "0"]);
});
