import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("history is taken over from another store, and an import that is run again skips what is there", async () => {
  expect(await printedBy("how-do-i/import.ts")).toEqual([
    "{ imported: 1, skipped: 0 }",
    "{ imported: 0, skipped: 1 }",
    "Hello",
  ]);
});
