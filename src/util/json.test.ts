import vm from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SerializationError } from "../errors/index.ts";
import { compareWithJson, type Json, toJson } from "./json.ts";

/** The error with which a value is refused. */
function refusal(value: unknown): SerializationError {
  let copied: Json;
  try {
    copied = toJson(value, "the body");
  } catch (error) {
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ code: "not_json" });
    return error as SerializationError;
  }
  throw new Error(`not refused, but copied to ${JSON.stringify(copied)}`);
}

/** A value inside `levels` arrays. */
const nested = (levels: number, inner: unknown = null) => {
  let value = inner;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
};

class Money {
  readonly cents = 5;
}

describe("toJson copies", () => {
  test.each<[string, Json]>([
    ["a string", "x"],
    ["the empty string", ""],
    ["U+0000", "a\u0000b"],
    ["half of a surrogate pair", "\ud800"],
    ["the largest safe integers", [2 ** 53 - 1, -(2 ** 53)]],
    ["the largest and the smallest numbers", [1.7976931348623157e308, 5e-324]],
    ["true, false and null", [true, false, null]],
    ["empty containers and an empty key", { "": {}, list: [] }],
    ["keys that objects have anyway", { toString: 1, constructor: 2, hasOwnProperty: 3, toJSON: 4 }],
  ])("%s, unchanged", (_, value) => {
    expect(toJson(value, "the body")).toStrictEqual(value);
    expect(JSON.parse(JSON.stringify(toJson(value, "the body")))).toStrictEqual(value);
  });

  test("keys in their order", () => {
    const value = { z: 1, a: { y: 1, b: 2 }, m: 3 };
    expect(JSON.stringify(toJson(value, "the body"))).toBe('{"z":1,"a":{"y":1,"b":2},"m":3}');
  });

  test("every object and array: nothing of the value is part of the copy", () => {
    const value = { list: [{ n: 1 }], map: { inner: { n: 2 } } };
    const copy = toJson(value, "the body");
    (value.list[0] as { n: number }).n = 9;
    value.map.inner.n = 9;
    value.list.push({ n: 9 });
    expect(copy).toEqual({ list: [{ n: 1 }], map: { inner: { n: 2 } } });
  });

  test("an object that stands twice without being a cycle, once for each place", () => {
    const shared = { n: 1 };
    const copy = toJson({ a: shared, b: [shared] }, "the body") as { a: object; b: object[] };
    expect(copy).toEqual({ a: { n: 1 }, b: [{ n: 1 }] });
    expect(copy.a).not.toBe(copy.b[0]);
  });

  test("a key named __proto__ as a key like any other", () => {
    const value = JSON.parse('{"__proto__":{"admin":true},"a":{"__proto__":1}}');
    const copy = toJson(value, "the body") as Record<string, Json>;
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"admin":true},"a":{"__proto__":1}}');
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect((copy as { admin?: unknown }).admin).toBeUndefined();
  });

  test("-0 as 0", () => {
    expect(toJson(-0, "the body")).toBe(0);
    expect(toJson({ n: [-0] }, "the body")).toStrictEqual({ n: [0] });
  });

  test("no key whose value is undefined", () => {
    const copy = toJson({ a: undefined, b: { c: undefined, d: 1 } }, "the body");
    expect(copy).toStrictEqual({ b: { d: 1 } });
  });

  test("no key that is not enumerable, and none that is inherited", () => {
    const value = Object.defineProperty({ a: 1 }, "hidden", { value: 2 });
    expect(toJson(value, "the body")).toStrictEqual({ a: 1 });
    expect(toJson(Object.assign(Object.create(null), { a: 1 }), "the body")).toStrictEqual({ a: 1 });
  });

  test("any value that came from JSON, so that it reads the same again", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), (text) => {
        const value = JSON.parse(text);
        const copy = toJson(value, "the body");
        expect(compareWithJson(value, copy)).not.toBe("different");
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
      }),
    );
  });

  test("plain objects and arrays of another realm", () => {
    const foreign = vm.runInNewContext("({ list: [1, { a: 2 }] })");
    expect(toJson(foreign, "the body")).toStrictEqual({ list: [1, { a: 2 }] });
  });
});

describe("toJson asks toJSON", () => {
  test("of dates and of classes, with the key that they stand under", () => {
    const asked: string[] = [];
    class Amount {
      toJSON(key: string) {
        asked.push(key);
        return { cents: 5, gone: undefined };
      }
    }
    const at = new Date("2026-01-31T09:30:00Z");
    expect(toJson({ at, list: [new Amount()], price: new Amount() }, "the body")).toStrictEqual({
      at: "2026-01-31T09:30:00.000Z",
      list: [{ cents: 5 }],
      price: { cents: 5 },
    });
    expect(asked).toEqual(["0", "price"]);
  });

  test("at the top, with an empty key", () => {
    expect(toJson({ toJSON: (key: string) => `key:${key}` }, "the body")).toBe("key:");
  });

  test("and looks at the answer like at any other value", () => {
    expect(refusal({ a: { toJSON: () => ({ b: 1n }) } }).path).toEqual(["a", "b"]);
    expect(refusal([{ toJSON: () => undefined }]).path).toEqual([0]);
    expect(toJson({ a: { toJSON: () => undefined } }, "the body")).toStrictEqual({});
  });

  test("once: an answer that has a toJSON of its own cannot keep it busy", () => {
    const endless = { toJSON: () => ({ ...endless }) };
    expect(refusal({ a: endless }).path).toEqual(["a", "toJSON"]);
  });
});

describe("toJson refuses", () => {
  test.each<[string, unknown]>([
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["minus infinity", Number.NEGATIVE_INFINITY],
    ["a bigint", 1n],
    ["a function", () => 1],
    ["a class", Money],
    ["a symbol", Symbol("x")],
    ["an instance of a class", new Money()],
    ["a map", new Map([["a", 1]])],
    ["a set", new Set([1])],
    ["a typed array", new Uint8Array([1])],
    ["an array buffer", new ArrayBuffer(1)],
    ["a regular expression", /x/],
    ["an error", new Error("x")],
    ["a promise", Promise.resolve(1)],
    ["a boxed string", Object("x")],
    ["a boxed number", Object(1)],
    ["a map of another realm", vm.runInNewContext("new Map()")],
    ["a date that is none", new Date(Number.NaN)],
  ])("%s, at the top and inside, with its path", (_, value) => {
    expect(refusal(value).path).toEqual([]);
    expect(refusal({ lines: [{ ok: 1 }, { price: value }] }).path).toEqual(["lines", 1, "price"]);
    expect(refusal([1, value]).path).toEqual([1]);
  });

  test("undefined where JSON would need a value: at the top, in an array and in a hole of one", () => {
    expect(refusal(undefined).path).toEqual([]);
    expect(refusal({ list: [1, undefined] }).path).toEqual(["list", 1]);
    // biome-ignore lint/suspicious/noSparseArray: the hole is the point
    expect(refusal({ list: [1, , 3] }).path).toEqual(["list", 1]);
    expect(refusal({ list: [undefined] }).message).toContain("undefined in an array");
    expect(refusal({ list: new Array(1) }).message).toContain("a hole in an array");
  });

  test("a symbol key, which JSON would drop", () => {
    expect(refusal({ a: { [Symbol("secret")]: 1 } }).path).toEqual(["a"]);
    expect(refusal({ a: { [Symbol("secret")]: 1 } }).message).toContain("Symbol(secret)");
  });

  test("a cycle, however long, and beside other values", () => {
    const person: Record<string, unknown> = { name: "Ada" };
    person.self = person;
    expect(refusal(person).message).toContain("a cycle");
    expect(refusal(person).path[0]).toBe("self");
    const list: unknown[] = [];
    list.push({ list });
    expect(refusal({ list }).message).toContain("a cycle");
  });

  test("what is nested deeper than 500 levels, and nothing above that", () => {
    expect(() => toJson(nested(500), "the body")).not.toThrow();
    expect(refusal(nested(502)).message).toContain("500");
    expect(refusal(nested(100_000)).message).toContain("500");
  });

  test("with a message that names the value, the place and the cure", () => {
    expect(refusal({ a: [Number.NaN] }).message).toBe(
      "Not JSON: the body at a.0 is NaN. Store a string, number, boolean, array or plain object instead.",
    );
    expect(refusal(1n).message).toMatch(/^Not JSON: the body is bigint\./);
    expect(refusal({ price: new Money() }).message).toContain("the body at price is an instance of Money");
  });
});

describe("compareWithJson", () => {
  test.each<[unknown, Json]>([
    ["a", "a"],
    [null, null],
    [{ a: [1, { b: true }] }, { a: [1, { b: true }] }],
    [
      { b: 1, a: 2 },
      { a: 2, b: 1 },
    ],
    [{ a: 1, b: undefined }, { a: 1 }],
    [[], []],
  ])("finds %j and %j equal", (value, json) => {
    expect(compareWithJson(value, json)).toBe("distinct");
  });

  test.each<[unknown, Json]>([
    ["1", 1],
    [-0, 0],
    [undefined, null],
    [{}, []],
    [[], {}],
    [[1], [1, 2]],
    [[1, 2], [1]],
    [{ a: 1 }, {}],
    [{}, { a: 1 }],
    [{ a: undefined }, { a: null }],
    [
      { a: 1, b: undefined },
      { a: 1, b: 2 },
    ],
    [
      { a: 1, toString: undefined, b: 2 },
      { a: 1, c: 2 },
    ],
    [{ constructor: Object }, {}],
    [{ constructor: Object }, { a: 1 }],
    [new Date(0), {}],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new Map(), {}],
    [new Money(), { cents: 5 }],
    [[undefined], [null]],
  ])("finds %j and %j different", (value, json) => {
    expect(compareWithJson(value, json)).toBe("different");
  });

  test("tells equal values that share an object from those that do not", () => {
    const part = { n: 1 };
    const json: Json = { a: [part], b: 2 };
    expect(compareWithJson({ a: [{ n: 1 }], b: 2 }, json)).toBe("distinct");
    expect(compareWithJson({ a: [part], b: 2 }, json)).toBe("shared");
    expect(compareWithJson(json, json)).toBe("shared");
    expect(compareWithJson({ a: [part], b: 3 }, json)).toBe("different");
  });
});
