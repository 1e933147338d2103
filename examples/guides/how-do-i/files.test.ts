import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("an event holds the address of a file, and a body that is too large is refused", async () => {
  expect(await printedBy("how-do-i/files.ts")).toEqual(["body_too_large", "4"]);
});
