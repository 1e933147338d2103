import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { budgets } from "../../bench/size/budgets.ts";
import { verdict } from "../../bench/size/verdict.ts";

describe("the size of an entry", () => {
  test("fails the build where it is over its budget, or has none", () => {
    expect(verdict(8.71, { budget: 8.7, goal: 4 })).toEqual({ passes: false, text: "OVER BUDGET by 0.01" });
    expect(verdict(1, undefined)).toMatchObject({ passes: false });
  });

  test("passes within its budget, and says by how much it misses its goal", () => {
    expect(verdict(8.7, { budget: 8.7, goal: 4 })).toEqual({ passes: true, text: "goal missed by 4.70" });
    expect(verdict(4, { budget: 8.7, goal: 4 })).toEqual({ passes: true, text: "goal met" });
    expect(verdict(2, { budget: 2 })).toEqual({ passes: true, text: "" });
  });
});

test("every entry of the package has a budget, and nothing else has", () => {
  const entries = Object.keys(manifest.exports).filter((entry) => entry !== "./package.json");
  expect(Object.keys(budgets)).toEqual(["entity half", ...entries]);
});
