import { describe, expect, test } from "vitest";
import { fullCopy } from "./full-copy.ts";

describe("fullCopy", () => {
  test("shares no object with the value, dates included", () => {
    const value = { list: [{ n: 1 }], at: new Date(5), none: null, missing: undefined };
    const copy = fullCopy(value);
    expect(copy).toStrictEqual(value);
    expect(copy).not.toBe(value);
    expect(copy?.list).not.toBe(value.list);
    expect(copy?.list[0]).not.toBe(value.list[0]);
    expect(copy?.at).not.toBe(value.at);
  });

  test("keeps a key __proto__, and an object without a prototype as one", () => {
    const own = JSON.parse('{"__proto__":{"admin":true}}');
    expect(Object.keys(fullCopy(own))).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(fullCopy(Object.assign(Object.create(null), { a: 1 })))).toBeNull();
  });

  test.each<[string, () => unknown]>([
    ["an instance of a class", () => new (class Money {})()],
    ["a map", () => new Map()],
    ["a function", () => () => 1],
    [
      "a cycle",
      () => {
        const value: { self?: unknown } = {};
        value.self = value;
        return value;
      },
    ],
  ])("gives up on %s", (_, make) => {
    expect(fullCopy({ inside: [make()] })).toBeUndefined();
  });
});
