import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("entities, states and repositories of named types are used over a store that is chosen at run time", async () => {
  expect(await printedBy("how-do-i/name-the-types.ts")).toEqual(["Hello (draft)", "Hello"]);
});
