import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("of two users with one name, or one address, the second is refused and leaves nothing behind", async () => {
  expect(await printedBy("how-do-i/unique.ts")).toEqual([
    "entity_exists username ann",
    "UNIQUE constraint failed: emails.email",
    "2",
  ]);
});
