import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("a reader hears of every event once, in order, and keeps its own place", async () => {
  expect(await printedBy("how-do-i/follow-the-log.ts")).toEqual([
    "[ 'Post p1 is approved', 'Post p2 is approved' ]",
    "4",
  ]);
});
