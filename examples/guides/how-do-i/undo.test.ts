import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("a rollback shows what it would do, can be rolled back, and spares what is irreversible", async () => {
  expect(await printedBy("how-do-i/undo.ts")).toEqual([
    "{ title: 'Good bye', status: 'draft' } { title: 'Hello', status: 'draft' }",
    "Hello",
    "Good bye",
    "irreversible_event",
  ]);
});
