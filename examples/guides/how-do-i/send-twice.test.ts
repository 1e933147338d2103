import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("a command that is sent twice under one key is carried out once", async () => {
  expect(await printedBy("how-do-i/send-twice.ts")).toEqual(["false true", "500"]);
});
