import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("an old build reads what a newer one has written, and does not change it", async () => {
  expect(await printedBy("how-do-i/rolling-deployment.ts")).toEqual(["Hello", "stale_build"]);
});
