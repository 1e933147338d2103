import { expect, test } from "vitest";
import { clone } from "./clone.ts";

class Money {
  readonly cents = 5;
}

test("copies arrays and plain objects all the way down", () => {
  const value = { list: [{ n: 1 }, [2]], map: { inner: { n: 3 } }, nothing: null, missing: undefined };
  const copy = clone(value);
  expect(copy).toStrictEqual(value);
  expect(copy).not.toBe(value);
  expect(copy.list).not.toBe(value.list);
  expect(copy.list[0]).not.toBe(value.list[0]);
  expect(copy.list[1]).not.toBe(value.list[1]);
  expect(copy.map.inner).not.toBe(value.map.inner);
});

test("keeps the order of keys, and keys with the value undefined", () => {
  expect(Object.keys(clone({ z: 1, a: undefined, m: 2 }))).toEqual(["z", "a", "m"]);
});

test("copies a key named __proto__ like any other", () => {
  const copy = clone(JSON.parse('{"__proto__":{"admin":true}}'));
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"admin":true}}');
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
});

test("hands on what is neither, as it is", () => {
  const value = { at: new Date(0), price: new Money(), map: new Map(), run: () => 1 };
  const copy = clone(value);
  expect(copy.at).toBe(value.at);
  expect(copy.price).toBe(value.price);
  expect(copy.map).toBe(value.map);
  expect(copy.run).toBe(value.run);
  for (const primitive of ["a", 1, 1n, true, null, undefined]) expect(clone(primitive)).toBe(primitive);
});

test("copies an object without a prototype", () => {
  const value = Object.assign(Object.create(null), { inner: { n: 1 } });
  const copy = clone(value);
  expect(copy).toEqual({ inner: { n: 1 } });
  expect(copy.inner).not.toBe(value.inner);
});
