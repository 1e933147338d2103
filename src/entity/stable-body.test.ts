import { describe, expect, test } from "vitest";
import { SerializationError } from "../errors/index.ts";
import type { Json } from "../util/json.ts";
import { z } from "../validators/zod.ts";
import { stableBody } from "./stable-body.ts";

function decide(schema: z.ZodType, input: Json) {
  let parsed = 0;
  const parse = (json: Json) => {
    parsed++;
    return schema.parse(json);
  };
  const result = stableBody("post:created", input, parse(structuredClone(input)), parse);
  return { ...result, parsed };
}

const at = "2026-01-01T00:00:00.000Z";

describe("stableBody", () => {
  test("stores the output, and does not parse again, where the schema changes nothing", () => {
    const { stored, isOutput, parsed } = decide(z.object({ a: z.string(), list: z.array(z.number()) }), {
      a: "x",
      list: [1],
    });
    expect(stored).toStrictEqual({ a: "x", list: [1] });
    expect(isOutput).toBe(true);
    expect(parsed).toBe(1);
  });

  test.each<[string, z.ZodType, Json, Json, boolean]>([
    ["the output, where it is JSON that parses to itself", z.object({ n: z.number().default(7) }), {}, { n: 7 }, true],
    ["the output, where keys were dropped", z.object({ a: z.string() }), { a: "x", b: 1 }, { a: "x" }, true],
    ["the input, where the output is no JSON", z.object({ at: z.coerce.date() }), { at }, { at }, false],
    [
      "the input, where the output cannot be parsed",
      z.object({ n: z.string().transform(Number) }),
      { n: "5" },
      { n: "5" },
      false,
    ],
    ["the input, where the output parses to something else", z.number().transform((n) => n * 2), 5, 5, false],
    ["the input, where the output is -0", z.string().transform(() => -0), "x", "x", false],
    ["the input, where the output is undefined", z.string().transform(() => undefined), "x", "x", false],
    ["the input, where an array holds undefined", z.array(z.string().transform(() => undefined)), ["x"], ["x"], false],
  ])("stores %s, and says so", (_, schema, input, stored, isOutput) => {
    const decided = decide(schema, input);
    expect(decided.stored).toStrictEqual(stored);
    expect(decided.isOutput).toBe(isOutput);
    expect(decided.seen).toStrictEqual(schema.parse(structuredClone(input)));
  });

  test("stores the keys in the order in which the reducer sees them", () => {
    const { stored, seen } = decide(z.object({ a: z.object({ x: z.number(), y: z.number() }), b: z.number() }), {
      b: 1,
      a: { y: 2, x: 3 },
    });
    expect(JSON.stringify(stored)).toBe('{"a":{"x":3,"y":2},"b":1}');
    expect(JSON.stringify(seen)).toBe(JSON.stringify(stored));
  });

  test("shares no object between what is stored and what the reducer sees", () => {
    const shared = { n: 1 };
    const cases: [z.ZodType, Json][] = [
      [z.any(), { deep: { n: 1 } }],
      [z.object({ deep: z.any() }), { deep: { n: 1 } }],
      [z.object({ deep: z.any().default(shared) }), {}],
      [z.looseObject({ extra: z.number().default(1) }), { deep: { n: 1 } }],
      [z.object({ deep: z.any(), at: z.coerce.date() }), { deep: { n: 1 }, at }],
    ];
    for (const [schema, input] of cases) {
      const { stored, seen } = decide(schema, input);
      const before = JSON.stringify(stored);
      (seen as { deep: { n: number } }).deep.n = 9;
      expect(JSON.stringify(stored)).toBe(before);
    }
    expect(shared).toEqual({ n: 1 });
  });

  test("refuses a body that neither form reads back, naming the event and the cure", () => {
    const attempt = () =>
      decide(
        z.string().transform(() => Math.random()),
        "x",
      );
    expect(attempt).toThrow(SerializationError);
    expect(attempt).toThrow(expect.objectContaining({ code: "unstable_body" }));
    expect(attempt).toThrow(/"post:created".*before the dispatch/s);
  });
});
