import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("every commit of a request says who made it, and one that lacks what the policy asks for is refused", async () => {
  expect(await printedBy("how-do-i/who-and-why.ts")).toEqual([
    "[ 'actor', 'reason' ]",
    "{ actor: 'bob', reason: 'Spam', correlationId: 'r1' }",
  ]);
});
