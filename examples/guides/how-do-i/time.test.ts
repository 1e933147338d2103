import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("what had happened by an instant and what was known by it are two questions", async () => {
  expect(await printedBy("how-do-i/time.ts")).toEqual(["paid", "open"]);
});
