import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("a table of your own follows the log: a rollback is seen, and an erasure empties the row", async () => {
  expect(await printedBy("how-do-i/list-and-search.ts")).toEqual([
    "p1 1 ann",
    "p2 1 ann",
    "p3 1 ann",
    "[ 'p1', 'p3' ]",
    "[ 'Events', 5 ]",
    "[ null, 6 ]",
  ]);
});
