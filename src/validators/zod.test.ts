import { describe, expect, test } from "vitest";
import { z as zodItself } from "zod";
import * as z3 from "zod/v3";
import { ValidationError, VentydError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { z, zod } from "./zod.ts";

type Body = z.ZodType;

/** Parses a body with a schema, as the event of an entity whose state has the same schema. */
function parse(body: Body, input: unknown): unknown {
  const schema = defineSchema("user", {
    schema: zod({ event: { created: body }, state: body }),
    initialEventName: "user:created",
  });
  expect(schema.parseState(input)).toEqual(body.parse(input));
  return schema.parseEvent(event(input)).body;
}

function event(body: unknown, eventName = "user:created") {
  return {
    eventId: "e1",
    eventCreatedAt: "2026-01-01T00:00:00Z",
    eventName,
    entityId: "u1",
    entityName: "user",
    body,
    version: 1,
  };
}

function issuesOf(body: Body, input: unknown) {
  const schema = defineSchema("user", {
    schema: zod({ event: { created: body }, state: body }),
    initialEventName: "user:created",
  });
  try {
    schema.parseEvent(event(input));
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return (error as ValidationError).issues.map(({ path }) => path.join("."));
  }
  throw new Error("not refused");
}

const circle = z.object({ kind: z.literal("circle"), radius: z.number() });
const square = z.object({ kind: z.literal("square"), side: z.number() });

describe("bodies and states may be", () => {
  test("objects, which drop what they do not know", () => {
    expect(parse(z.object({ a: z.string() }), { a: "x", b: 1 })).toEqual({ a: "x" });
    expect(
      issuesOf(z.object({ a: z.string(), tags: z.array(z.object({ n: z.number() })) }), { tags: [{ n: 1 }, {}] }),
    ).toEqual(["body.a", "body.tags.1.n"]);
  });

  test("L10: strict objects, which refuse it", () => {
    expect(parse(z.strictObject({ a: z.string() }), { a: "x" })).toEqual({ a: "x" });
    expect(issuesOf(z.strictObject({ a: z.string() }), { a: "x", b: 1 })).toEqual(["body"]);
  });

  test("L10: loose objects, which keep it", () => {
    expect(parse(z.looseObject({ a: z.string() }), { a: "x", b: 1 })).toEqual({ a: "x", b: 1 });
  });

  test("L10: unions, discriminated or not", () => {
    for (const union of [z.union([circle, square]), z.discriminatedUnion("kind", [circle, square])]) {
      expect(parse(union, { kind: "square", side: 2 })).toEqual({ kind: "square", side: 2 });
      expect(issuesOf(union, { kind: "square" }).every((path) => path.startsWith("body"))).toBe(true);
    }
  });

  test("L10: refined objects", () => {
    const range = z.object({ from: z.number(), to: z.number() }).refine(({ from, to }) => from <= to, { path: ["to"] });
    expect(parse(range, { from: 1, to: 2 })).toEqual({ from: 1, to: 2 });
    expect(issuesOf(range, { from: 2, to: 1 })).toEqual(["body.to"]);
  });

  test("transforms, defaults and coercions, whose output is used", () => {
    expect(parse(z.object({ n: z.string().transform(Number) }), { n: "5" })).toEqual({ n: 5 });
    expect(parse(z.object({ n: z.number().default(7) }), {})).toEqual({ n: 7 });
    expect(parse(z.object({ at: z.coerce.date() }), { at: "2026-01-01T00:00:00Z" })).toEqual({
      at: new Date("2026-01-01T00:00:00Z"),
    });
    expect(
      parse(
        z.object({ n: z.string() }).transform(({ n }) => n),
        { n: "x" },
      ),
    ).toBe("x");
  });

  test("no objects at all", () => {
    expect(parse(z.string(), "x")).toBe("x");
    expect(parse(z.tuple([z.number(), z.string()]), [1, "x"])).toEqual([1, "x"]);
    expect(parse(z.record(z.string(), z.number()), { a: 1 })).toEqual({ a: 1 });
    expect(parse(z.null(), null)).toBeNull();
    expect(issuesOf(z.string(), 5)).toEqual(["body"]);
  });
});

describe("zod", () => {
  test("E8: says which event, where and what, in Zod's own words", () => {
    const schema = defineSchema("user", {
      schema: zod({ event: { created: z.object({ email: z.email() }) }, state: circle }),
      initialEventName: "user:created",
    });
    expect(() => schema.parseEvent(event({ email: "x" }))).toThrow(
      expect.objectContaining({
        code: "invalid_event",
        message: 'Validation failed: "user:created"\n  - body.email: Invalid email address',
      }),
    );
    expect(() => schema.parseState({ kind: "circle" })).toThrow(
      expect.objectContaining({
        code: "invalid_state",
        message: "Validation failed\n  - radius: Invalid input: expected number, received undefined",
      }),
    );
  });

  test("E7: refuses a schema that validates asynchronously, in bodies and in states", () => {
    const later = z.object({ email: z.string().refine(async () => true) });
    const schema = defineSchema("user", {
      schema: zod({ event: { created: later }, state: later }),
      initialEventName: "user:created",
    });
    for (const attempt of [() => schema.parseEvent(event({ email: "x" })), () => schema.parseState({ email: "x" })]) {
      expect(attempt).toThrow(VentydError);
      expect(attempt).toThrow(/^Promise validation result is not supported/);
    }
  });

  test("takes bodies and states of another version of Zod than its own", () => {
    const old = z3.z.object({ n: z3.z.string().transform(Number) });
    const schema = defineSchema("user", {
      schema: zod({ event: { created: old }, state: old }),
      initialEventName: "user:created",
    });
    expect(schema.parseEvent(event({ n: "5" }))).toHaveProperty("body", { n: 5 });
    expect(schema.parseState({ n: "5" })).toEqual({ n: 5 });
    expect(() => schema.parseEvent(event({ n: 5 }))).toThrow('Validation failed: "user:created"\n  - body.n: ');
  });

  test("hands on Zod's own z", () => {
    expect(z).toBe(zodItself);
  });
});
