import { describe, expect, test } from "vitest";
import { CursorAheadError, ValidationError, VentydError } from "../errors/index.ts";
import { AssertionError } from "./assertion-error.ts";
import { equal, matches, ok, rejects } from "./expect.ts";

/** What a piece of work threw. */
function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("equal", () => {
  test("takes equal values, all the way down", () => {
    equal({ a: [1, { b: null }] }, { a: [1, { b: null }] });
    equal(new Set(["a"]), new Set(["a"]));
    equal(Number.NaN, Number.NaN);
  });

  test.for([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1, b: undefined }, { a: 1 }],
    [[1, 2], [1]],
    ["1", 1],
    [null, undefined],
    [JSON.parse('{"__proto__":1}'), {}],
  ])("tells %j from %j", ([actual, expected]) => {
    expect(thrownBy(() => equal(actual, expected))).toBeInstanceOf(AssertionError);
  });

  test("fails with both values, which a runner draws its diff from, and names the places that differ", () => {
    expect(thrownBy(() => equal({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }, "the row"))).toMatchObject({
      name: "AssertionError",
      message: "not as expected: the row\n  - the row.b.1: expected 3, got 2",
      actual: { a: 1, b: [1, 2] },
      expected: { a: 1, b: [1, 3] },
    });
    expect(thrownBy(() => equal({ a: undefined }, {}))).toMatchObject({
      message: expect.stringContaining("with the value undefined"),
    });
  });
});

describe("matches", () => {
  test("lets objects have more keys, all the way down", () => {
    matches({ a: 1, more: 2 }, { a: 1 });
    matches({ list: [{ a: 1, more: 2 }] }, { list: [{ a: 1 }] });
    matches({ a: 1 }, { missing: undefined });
    matches(new ValidationError("invalid_text", "text"), { code: "invalid_text" });
  });

  test.for([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [[{ a: 1 }, { a: 2 }], [{ a: 1 }]],
    [[], [{ a: 1 }]],
    [undefined, { a: 1 }],
    [null, {}],
    [{ a: 1 }, [1]],
  ])("tells %j from %j", ([actual, expected]) => {
    expect(thrownBy(() => matches(actual, expected))).toBeInstanceOf(AssertionError);
  });

  test("shows of the value what was compared", () => {
    expect(thrownBy(() => matches({ a: 1, more: 2 }, { a: 2 }))).toMatchObject({ actual: { a: 1 } });
  });
});

describe("ok", () => {
  test("takes what is true and fails on what is not, by the name that was given", () => {
    ok("text", "there is a text");
    expect(thrownBy(() => ok(undefined, "there is a text"))).toMatchObject({ name: "AssertionError" });
  });
});

describe("rejects", () => {
  const error = new CursorAheadError({ after: 2, head: 1 });

  test("takes an error of the class, or with the facts, and gives it back", async () => {
    expect(await rejects(Promise.reject(error), CursorAheadError)).toBe(error);
    expect(await rejects(Promise.reject(error), VentydError)).toBe(error);
    expect(await rejects(Promise.reject(error), { code: "cursor_ahead", head: 1 })).toBe(error);
  });

  test("fails on another error, which is its cause", async () => {
    await expect(rejects(Promise.reject(error), ValidationError)).rejects.toMatchObject({ cause: error });
    await expect(rejects(Promise.reject(error), { head: 2 })).rejects.toMatchObject({ cause: error });
  });

  test("fails where nothing is rejected", async () => {
    await expect(rejects(Promise.resolve("value"), Error)).rejects.toMatchObject({ actual: "value" });
  });
});
