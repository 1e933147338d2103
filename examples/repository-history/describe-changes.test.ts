import { expect, test } from "vitest";
import { describeChanges } from "./describe-changes.ts";

test("describes changes field by field, and no more than two of a list", () => {
  expect(
    describeChanges([
      { op: "replace", path: "/lines", previous: 1000, value: 2 },
      ...["a", "b", "c", "d"].map((value) => ({ op: "add", path: "/authors/-", value }) as const),
      { op: "remove", path: "/note", previous: "x" },
    ]),
  ).toEqual(["lines 1,000 → 2", 'authors + "a", + "b" and 2 more', 'note - "x"']);
});

test("describes a first state as its fields", () => {
  expect(describeChanges([{ op: "add", path: "", value: { exists: true, lines: 3 } }])).toEqual([
    "exists + true",
    "lines + 3",
  ]);
});
