import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("a deleted post can still be read; of an erased one only who did what and when is left", async () => {
  expect(await printedBy("how-do-i/delete.ts")).toEqual([
    "{ title: 'Ann Lee, 12 Elm Street', status: 'deleted' }",
    "entity_erased",
    "1 post:drafted ann null",
    "2 post:deleted ann null",
    "3 post:$erased bob null",
  ]);
});
