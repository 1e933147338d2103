import { expect, test } from "vitest";
import { pathOfDifference } from "./path-of-difference.ts";

test.each<[string, unknown, unknown, (string | number)[]]>([
  [
    "a value in a list in an object",
    { a: 1, list: [{ n: 1 }, { n: 2 }] },
    { a: 1, list: [{ n: 1 }, { n: 3 }] },
    ["list", 1, "n"],
  ],
  ["a key that only one has", { a: { b: 1 } }, { a: {} }, ["a", "b"]],
  ["a key that only the other has", { a: {} }, { a: { b: 1 } }, ["a", "b"]],
  ["a key whose value is undefined", {}, { a: undefined }, ["a"]],
  ["an item too many", [1], [1, 2], [1]],
  ["a list that is an object", { a: [] }, { a: {} }, ["a"]],
  ["two dates", { at: new Date(1) }, { at: new Date(2) }, ["at"]],
  ["the first of several", { a: 1, b: 1 }, { a: 2, b: 2 }, ["a"]],
  ["the values themselves", 1, "1", []],
])("is where two values differ: %s", (_, a, b, path) => {
  expect(pathOfDifference(a, b)).toEqual(path);
});
