import { expect, test } from "vitest";
import { printedBy } from "./printed-by.ts";

test("rows of a table become entities, and the table follows in the same transaction", async () => {
  expect(await printedBy("from-an-update-statement.ts")).toEqual([
    "{ imported: 2, skipped: 0 }",
    "approved",
    "migration Taken over from the table posts null { title: 'Hello', status: 'draft' }",
    "bob Weekly review { title: 'Hello', status: 'draft' } { title: 'Hello', status: 'approved' }",
    "This post is approved already",
  ]);
});
