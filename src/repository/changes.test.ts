import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../util/json.ts";
import { type Change, compare } from "./changes.ts";

type Container = Record<string, Json> | Json[];

/** RFC 6901: a pointer's tokens, unescaped in the order that the RFC demands. */
function tokensOf(pointer: string): string[] {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) throw new Error(`no JSON Pointer: ${pointer}`);
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * A JSON Patch applier as strict as RFC 6902 asks for: what is removed or replaced must be there, list indexes must fit. Checks `previous`
 * on the way. Keys are read and set as own properties, `__proto__` like any other.
 */
function applyPatch(document: Json, changes: readonly Change[]): Json {
  const root: Record<string, Json> = { document: structuredClone(document) as Json };
  for (const change of changes) {
    const tokens = ["document", ...tokensOf(change.path)];
    const last = tokens.pop() as string;
    let parent: Container = root;
    for (const token of tokens) parent = read(parent, token) as Container;
    if (change.op !== "add") expect(normalised(change.previous)).toBe(normalised(read(parent, last)));
    const value = change.op === "remove" ? undefined : (structuredClone(change.value) as Json);
    if (Array.isArray(parent)) applyToList(parent, change.op, last, value);
    else if (change.op === "remove") delete parent[last];
    else {
      if (change.op === "add" && parent !== root && Object.hasOwn(parent, last))
        throw new Error("added what was there");
      Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  return root.document as Json;
}

function read(container: Container, token: string): Json {
  if (Array.isArray(container) && !/^(0|[1-9]\d*)$/.test(token)) throw new Error(`no list index: ${token}`);
  if (!Object.hasOwn(container, token)) throw new Error(`nothing at ${token}`);
  return (container as Record<string, Json>)[token] as Json;
}

function applyToList(list: Json[], op: Change["op"], token: string, value: Json | undefined): void {
  const index = token === "-" ? list.length : Number(token);
  if (!Number.isInteger(index) || index < 0 || index > list.length) throw new Error(`index ${token} of ${list.length}`);
  if (op === "add") return void list.splice(index, 0, value as Json);
  if (index === list.length) throw new Error(`nothing at ${token}`);
  list.splice(index, 1, ...(op === "remove" ? [] : [value as Json]));
}

/** Fails unless the changes turn `before` into `after`, with what was there before, and touch neither. */
function expectToLead(before: Json | null, after: Json | null): void {
  const texts = [JSON.stringify(before), JSON.stringify(after)];
  const changes = compare(before, after);
  expect(normalised(applyPatch(before, changes))).toBe(normalised(after));
  expect([JSON.stringify(before), JSON.stringify(after)]).toEqual(texts);
}

/** As text, key order aside: JSON objects have none. Matchers of a test library would take `constructor` and `__proto__` for more than keys. */
function normalised(value: Json | null): string {
  return JSON.stringify(value, (_key, item: Json) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : item,
  );
}

const hostileKeys = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "length", ""].concat([
  "~",
  "/",
  "~0",
  "~1",
  "a/b",
  "-",
  "0",
  "1",
  "01",
  "\u0000",
  "\ud800",
  "é",
  " ",
]);
const key = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...hostileKeys) }, fc.string({ maxLength: 3 }));
const json = fc.letrec<{ value: Json; list: Json[]; object: Record<string, Json> }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Json>(null, true, false, 0, 1, -1, 1e308, "", "a", "b"),
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("value"), { maxLength: 6 }),
  // From pairs, so that `__proto__` becomes a key and not a prototype.
  object: fc.array(fc.tuple(key, tie("value")), { maxLength: 6 }).map((pairs) => Object.fromEntries(pairs)),
}));

describe("compare", () => {
  test("gives the operations that turn any JSON into any other, hostile keys included", () => {
    fc.assert(
      fc.property(json.value, json.value, (before, after) => expectToLead(before, after)),
      { numRuns: 3_000 },
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("gives the operations that lead from a value to a variation of it", () => {
    const edits = fc.array(fc.tuple(key, json.value, fc.boolean()), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(json.object, edits, (before, changed) => {
        const after = Object.fromEntries(Object.entries(structuredClone(before)));
        for (const [name, value, isRemoval] of changed) {
          if (isRemoval) delete after[name];
          else Object.defineProperty(after, name, { value, enumerable: true, configurable: true, writable: true });
        }
        expectToLead(before, after);
        expectToLead({ deep: [before] }, { deep: [after] });
      }),
      { numRuns: 1_000 },
    );
  });

  test("gives none between equal values, key order aside", () => {
    fc.assert(
      fc.property(json.value, (value) => {
        expect(compare(value, structuredClone(value))).toEqual([]);
      }),
    );
    expect(compare({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([]);
  });

  test("takes null for what is not there yet", () => {
    expect(compare(null, null)).toEqual([]);
    expect(compare(null, { a: 1 })).toEqual([{ op: "add", path: "", value: { a: 1 } }]);
    expect(compare({ a: 1 }, null)).toEqual([{ op: "replace", path: "", value: null, previous: { a: 1 } }]);
  });

  test("replaces what became of another kind, with what was there before", () => {
    expect(compare({ a: [1] }, { a: { 0: 1 } })).toEqual([
      { op: "replace", path: "/a", value: { 0: 1 }, previous: [1] },
    ]);
    expect(compare([1], { 0: 1 })).toEqual([{ op: "replace", path: "", value: { 0: 1 }, previous: [1] }]);
    expect(compare("a", "b")).toEqual([{ op: "replace", path: "", value: "b", previous: "a" }]);
  });

  test("escapes paths as JSON Pointer does", () => {
    expect(compare({ "a/b~c": { "": 1 } }, { "a/b~c": { "": 2 } })).toEqual([
      { op: "replace", path: "/a~1b~0c/", value: 2, previous: 1 },
    ]);
  });

  test("says what is one change to a reader as one change", () => {
    const items = ["a", "b", "c", "d", "e"];
    expect(compare(items, ["a", "b", "d", "e"])).toEqual([{ op: "remove", path: "/2", previous: "c" }]);
    expect(compare(items, ["x", ...items])).toEqual([{ op: "add", path: "/0", value: "x" }]);
    expect(compare(items, ["a", "b", "X", "d", "e"])).toEqual([
      { op: "replace", path: "/2", value: "X", previous: "c" },
    ]);
    expect(compare({ list: [{ n: 1, m: 1 }] }, { list: [{ n: 2, m: 1 }] })).toEqual([
      { op: "replace", path: "/list/0/n", value: 2, previous: 1 },
    ]);
  });

  describe("of long lists", () => {
    const numbers = (length: number, from = 0) => Array.from({ length }, (_, index) => from + index);
    const objects = (length: number) => numbers(length).map((id) => ({ id, tags: [`t${id}`] }));

    test("is right, whatever was taken out, put in or changed", () => {
      const edit = fc.record({
        at: fc.nat({ max: 299 }),
        removed: fc.nat({ max: 3 }),
        added: fc.array(json.value, { maxLength: 3 }),
      });
      fc.assert(
        fc.property(
          fc.integer({ min: 90, max: 300 }),
          fc.array(edit, { minLength: 1, maxLength: 3 }),
          (length, edits) => {
            const before: Json[] = objects(length);
            const after = structuredClone(before);
            for (const { at, removed, added } of edits) after.splice(at, removed, ...added);
            expectToLead({ list: before }, { list: after });
            expectToLead(after, before);
          },
        ),
        { numRuns: 60 },
      );
    });

    test("is right where lists grow, shrink, empty and turn round", () => {
      const long = objects(400);
      for (const other of [[], long.slice(0, 399), long.slice(1), [...long, { id: 400 }], long.toReversed(), [1]]) {
        expectToLead(long, other);
        expectToLead(other, long);
      }
    });

    test("names one item that was put in at either end, taken out, or changed, and nothing else", () => {
      const list = numbers(1_000);
      expect(compare(list, [...list, -1])).toMatchObject([{ op: "add", value: -1 }]);
      expect(compare(list, [-1, ...list])).toEqual([{ op: "add", path: "/0", value: -1 }]);
      expect(compare(list, list.toSpliced(500, 1))).toEqual([{ op: "remove", path: "/500", previous: 500 }]);
      expect(compare(list, list.with(500, -1))).toEqual([{ op: "replace", path: "/500", value: -1, previous: 500 }]);
      const nested = objects(1_000);
      expect(compare({ nested }, { nested: nested.with(7, { id: 7, tags: ["other"] }) })).toEqual([
        { op: "replace", path: "/nested/7/tags/0", value: "other", previous: "t7" },
      ]);
    });

    test("does not run out of stack or time, however uneven the lists", () => {
      const long = numbers(20_000);
      for (const short of [[], [-1], [0], [-1, -2, -3]]) {
        expectToLead(short, long);
        expectToLead(long, short);
      }
      expectToLead(numbers(9_999), [-1]);
      expectToLead([-1], numbers(9_999));
    });

    test("of lists in lists is right", () => {
      const before = numbers(120).map((n) => numbers(3, n));
      const after = before.with(50, numbers(200)).toSpliced(10, 1);
      expectToLead(before, after);
      expectToLead([before], [after, before]);
    });
  });
});
