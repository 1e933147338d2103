import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";

test("a state is kept when a commit passes the hundredth event", async () => {
  expect(await printedBy("how-do-i/fast-loads.ts")).toEqual(["150"]);
  const { database } = await import("./fast-loads.ts");
  expect(database.prepare("SELECT version FROM ventyd_snapshots").pluck().all()).toEqual([101]);
});
