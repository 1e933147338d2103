import fc from "fast-check";
import { expect, test } from "vitest";
import { isEqual } from "./is-equal.ts";

const nan = Number.NaN;

test.for<[unknown, unknown]>([
  [{ constructor: {} }, { constructor: {} }],
  [{ a: [{ constructor: { b: 1 }, hasOwnProperty: [] }] }, { a: [{ hasOwnProperty: [], constructor: { b: 1 } }] }],
  [JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
  [
    { at: new Date(1), in: new Map([["a", new Set([1])]]) },
    { at: new Date(1), in: new Map([["a", new Set([1])]]) },
  ],
  [
    [nan, undefined],
    [nan, undefined],
  ],
  [Object.create(null), Object.create(null)],
])("%j and another of it are equal", ([a, b]) => {
  expect(isEqual(a, b)).toBe(true);
  expect(isEqual(b, a)).toBe(true);
});

test.for<[unknown, unknown]>([
  [{ constructor: {} }, { constructor: { a: 1 } }],
  [{ constructor: {} }, {}],
  [{ a: undefined }, { b: undefined }],
  [{ a: undefined }, {}],
  [JSON.parse('{"__proto__":{"a":1}}'), {}],
  [[1], [1, undefined]],
  [Object.assign(new Array(2), { 1: 1 }), [0, 1]],
  [[], {}],
  [{ 0: 1, length: 1 }, [1]],
  [null, {}],
  [{}, Object.create(null)],
  [new Date(1), new Date(2)],
  [new (class Money {})(), {}],
  ["1", 1],
])("%j and %j are not", ([a, b]) => {
  expect(isEqual(a, b)).toBe(false);
  expect(isEqual(b, a)).toBe(false);
});

test("any JSON is equal to its copy, and to nothing else", () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(isEqual(a, structuredClone(a))).toBe(true);
      // Of JSON, two values are the same where a copy with its keys in order has the same text; -0 is 0 there, as in `===`.
      expect(isEqual(a, b)).toBe(inOrder(a) === inOrder(b));
    }),
  );
});

function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, it) =>
    typeof it === "object" && it !== null && !Array.isArray(it) ? ["object", ...Object.entries(it).sort()] : it,
  );
}
