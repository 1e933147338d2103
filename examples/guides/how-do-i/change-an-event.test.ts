import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("events of last year are read as those of today, and stay stored as they were", async () => {
  expect(await printedBy("how-do-i/change-an-event.ts")).toEqual([
    "Hello?",
    "{ title: 'Hi', language: 'en', status: 'approved' }",
    "post:drafted",
    "post:seen",
    "post:renamed",
    "post:retitled_and_approved",
  ]);
});
