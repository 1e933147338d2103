import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("a preview that was kept is committed as it was shown, once, and not over a change made since", async () => {
  expect(await printedBy("how-do-i/approval.ts")).toEqual([
    "{ title: 'Hello', status: 'draft' } { title: 'Hello, world', status: 'draft' }",
    "Hello, world",
    "true",
    "concurrency_conflict",
  ]);
});
