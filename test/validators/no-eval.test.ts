import { execFileSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { orders } from "./libraries.ts";

const child = path.join(import.meta.dirname, "no-eval-child.ts");
const run = (...flags: string[]) =>
  JSON.parse(execFileSync(process.execPath, ["--conditions=ventyd-source", ...flags, child], { encoding: "utf8" }));

const outcomes = Object.keys(orders).map((library) => [library, "done", "invalid_event"]);

test("every library takes what fits and refuses what does not, where the platform forbids code that is made of text", () => {
  expect(run("--disallow-code-generation-from-strings")).toEqual({ evaluating: "EvalError", outcomes });
});

test("and where it does not", () => {
  expect(run()).toEqual({ evaluating: "done", outcomes });
});
