import { describe, expect, test } from "vitest";
import { SerializationError, ValidationError } from "../errors/index.ts";
import { type Attribution, mergeMetadata } from "./metadata.ts";

describe("mergeMetadata", () => {
  test("lays attribution and the application's own metadata flat beside each other", () => {
    const said = {
      actor: "alice",
      reason: "Review",
      correlationId: "r1",
      causationId: "c1",
      metadata: { ip: "::1", tags: ["a"] },
    };
    expect(mergeMetadata([said])).toStrictEqual({
      actor: "alice",
      reason: "Review",
      correlationId: "r1",
      causationId: "c1",
      ip: "::1",
      tags: ["a"],
    });
    expect(mergeMetadata([])).toStrictEqual({});
    expect(mergeMetadata([undefined, {}, undefined])).toStrictEqual({});
  });

  test("takes each key from the first that says something: dispatch, then commit, then what surrounds them", () => {
    const dispatch: Attribution = { reason: "Typo", metadata: { source: "dispatch" } };
    const commit: Attribution = { actor: "bob", reason: "Review", metadata: { source: "commit", ip: "::1" } };
    const surrounding: Attribution = {
      actor: "alice",
      reason: "Job",
      correlationId: "r1",
      metadata: { ip: "::2", batch: 7 },
    };
    expect(mergeMetadata([dispatch, commit, surrounding])).toStrictEqual({
      actor: "bob",
      reason: "Typo",
      correlationId: "r1",
      source: "dispatch",
      ip: "::1",
      batch: 7,
    });
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null, from JavaScript", null],
    ["an empty text", ""],
    ["blanks alone", " \t\n\u00a0"],
  ])("takes %s for nothing said: the next one counts, and it is never stored", (_, blank) => {
    const said = { actor: blank, reason: blank, correlationId: blank, causationId: blank } as Attribution;
    const next = { actor: "alice", reason: "Review", correlationId: "r1", causationId: "c1" };
    expect(mergeMetadata([said, next])).toStrictEqual(next);
    expect(mergeMetadata([said])).toStrictEqual({});
  });

  test("takes a custom value as said that is null, false, 0 or empty, but not undefined", () => {
    const outer = { metadata: { a: 1, b: 1, c: 1, d: 1, e: 1 } };
    const inner = { metadata: { a: null, b: false, c: 0, d: "", e: undefined } };
    expect(mergeMetadata([inner, outer])).toStrictEqual({ a: null, b: false, c: 0, d: "", e: 1 });
  });

  test("puts what was made of the event's own attribution before everything else", () => {
    const own = { reason: "Typo", source: "dispatch" };
    const commit = { actor: "bob", reason: "Review", metadata: { source: "commit", ip: "::1" } };
    expect(mergeMetadata([commit], own)).toStrictEqual({ actor: "bob", reason: "Typo", source: "dispatch", ip: "::1" });
    expect(mergeMetadata([], own)).toStrictEqual(own);
    expect(own).toEqual({ reason: "Typo", source: "dispatch" });
  });

  test("replaces a custom value as a whole", () => {
    expect(mergeMetadata([{ metadata: { tags: { a: 1 } } }, { metadata: { tags: { b: 2 } } }])).toStrictEqual({
      tags: { a: 1 },
    });
  });

  test("copies custom values: they do not change with what was given", () => {
    const tags = ["a"];
    const merged = mergeMetadata([{ metadata: { tags } }]);
    tags.push("b");
    expect(merged).toStrictEqual({ tags: ["a"] });
  });

  test("keeps a custom name __proto__, and those that objects have anyway", () => {
    const metadata = JSON.parse('{"__proto__":1,"toString":2,"constructor":3}');
    const merged = mergeMetadata([{ metadata }, { metadata: JSON.parse('{"__proto__":9,"toString":9}') }]);
    expect(JSON.stringify(merged)).toBe('{"__proto__":1,"toString":2,"constructor":3}');
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });

  test("makes JSON of dates and drops what is undefined inside", () => {
    expect(mergeMetadata([{ metadata: { at: new Date(0), more: { a: undefined } } }])).toStrictEqual({
      at: "1970-01-01T00:00:00.000Z",
      more: {},
    });
  });
});

describe("mergeMetadata refuses", () => {
  test.each([
    "actor",
    "reason",
    "correlationId",
    "causationId",
    "onBehalfOf",
    "idempotencyKey",
    "tenant",
    "$",
    "$flags",
  ])("the custom name %s, whoever says it", (name) => {
    for (const said of [[{ metadata: { [name]: "x" } }], [{ actor: "alice" }, { metadata: { [name]: undefined } }]]) {
      expect(() => mergeMetadata(said)).toThrow(ValidationError);
      expect(() => mergeMetadata(said)).toThrow(expect.objectContaining({ code: "reserved_metadata" }));
      expect(() => mergeMetadata(said)).toThrow(`"${name}"`);
    }
  });

  test("metadata: { actor } with the advice where an actor belongs", () => {
    expect(() => mergeMetadata([{ metadata: { actor: "alice" } }])).toThrow("Pass actor beside metadata");
    expect(() => mergeMetadata([{ metadata: { tenant: "t1" } }])).toThrow("Choose another name");
  });

  test.each<[string, unknown, (string | number)[]]>([
    ["a function", () => 1, []],
    ["NaN", Number.NaN, []],
    ["a bigint, deep inside", { list: [1n] }, ["list", 0]],
    ["a map", { map: new Map() }, ["map"]],
  ])("custom metadata that JSON cannot carry, with its name and path: %s", (_, value, path) => {
    const attempt = () => mergeMetadata([{ metadata: { trace: value } }]);
    expect(attempt).toThrow(SerializationError);
    expect(attempt).toThrow(expect.objectContaining({ code: "not_json", path }));
    expect(attempt).toThrow('metadata "trace"');
  });

  test.each<[keyof Attribution, unknown]>([
    ["actor", "a\u0000"],
    ["actor", "\ud800"],
    ["actor", "a".repeat(256)],
    ["actor", 5],
    ["correlationId", "é".repeat(128)],
    ["causationId", {}],
    ["reason", "a\u0000"],
    ["reason", "\udc00"],
    ["reason", 5],
  ])("an %s that not every store could keep: %j", (key, value) => {
    const attempt = () => mergeMetadata([{ [key]: value }]);
    expect(attempt).toThrow(ValidationError);
    expect(attempt).toThrow(expect.objectContaining({ code: "invalid_text" }));
    expect(attempt).toThrow(key);
  });

  test("no reason for being long", () => {
    expect(mergeMetadata([{ reason: "because ".repeat(1000) }]).reason).toHaveLength(8000);
  });
});
