import { describe, expect, test } from "vitest";
import { describeDifference } from "./describe-difference.ts";

describe("describeDifference", () => {
  test.each<[string, unknown, unknown]>([
    ["values deep down", { a: [{ b: 1 }] }, { a: [{ b: 1 }] }],
    ["keys in another order", { a: 1, b: 2 }, { b: 2, a: 1 }],
    ["a key that is undefined, and one that is not there", { a: undefined }, {}],
    ["dates", { at: new Date(5) }, { at: new Date(5) }],
    ["maps and sets", { map: new Map([[1, 2]]), set: new Set([1]) }, { map: new Map([[1, 2]]), set: new Set([1]) }],
    ["objects with and without a prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ])("has nothing to say about equal %s", (_, actual, expected) => {
    expect(describeDifference("state", actual, expected)).toBeUndefined();
  });

  test.each<[string, unknown, unknown, string]>([
    ["a value", { a: { b: 1 } }, { a: { b: 2 } }, "state.a.b: expected 2, got 1"],
    ["a type", { a: 1 }, { a: "1" }, 'state.a: expected "1", got 1'],
    ["a missing key", {}, { a: 1 }, "state.a: missing, expected 1"],
    ["a key too many", { a: 1 }, {}, "state.a: not expected, got 1"],
    ["the whole value", 1, 2, "state: expected 2, got 1"],
    ["no value at all", null, { a: 1 }, 'state: expected {"a":1}, got null'],
    ["a key with a slash and a tilde", { "a/b~c": 1 }, { "a/b~c": 2 }, "state.a/b~c: expected 2, got 1"],
    ["an item too many", [1, 2], [1], "state at the end: not expected, got 2"],
    ["a date", { at: new Date(0) }, { at: new Date(1) }, "1970-01-01T00:00:00.001Z"],
    ["a date and its text", { at: new Date(0) }, { at: new Date(0).toISOString() }, "state.at: expected"],
    ["NaN and a number", { n: Number.NaN }, { n: 1 }, 'state.n: expected 1, got "NaN"'],
    ["bigints", { n: 1n }, { n: 2n }, 'state.n: expected "2n", got "1n"'],
    ["sets", { ids: new Set([1n]) }, { ids: new Set([2n]) }, "state.ids: expected"],
    [
      "the class alone",
      { at: new (class A {})() },
      { at: new (class A {})() },
      "state: looks the same, but is made of instances of another class",
    ],
    ["undefined in a list", [undefined], [null], 'state.0: expected null, got "undefined"'],
  ])("names the place that differs: %s", (_, actual, expected, line) => {
    expect(describeDifference("state", actual, expected)).toContain(line);
  });

  test("stays short, however much there is to say", () => {
    const all = (value: string) => Object.fromEntries(Array.from({ length: 100 }, (_, index) => [index, value]));
    const text = describeDifference("state", all("a".repeat(1000)), all("b".repeat(1000))) as string;
    expect(text.split("\n")).toHaveLength(21);
    expect(text).toContain("... and 80 more");
    expect(text.length).toBeLessThan(10_000);
  });
});
