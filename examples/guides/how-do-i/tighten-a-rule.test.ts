import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("a tighter rule holds for what is written, and does not make old events unreadable", async () => {
  expect(await printedBy("how-do-i/tighten-a-rule.ts")).toEqual([
    "invalid_event",
    "{ text: 'Far too long' }",
    "invalid_event",
  ]);
});
