import * as valibotItself from "valibot";
import { describe, expect, test } from "vitest";
import { ValidationError, VentydError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { v, valibot } from "./valibot.ts";

type Body = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>;

const userSchema = (body: Body) =>
  defineSchema("user", {
    schema: valibot({ event: { created: body }, state: body }),
    initialEventName: "user:created",
  });

/** Parses a body with a schema, as the event of an entity whose state has the same schema. */
function parse(body: Body, input: unknown): unknown {
  expect(userSchema(body).parseState(input)).toEqual(v.parse(body, input));
  return userSchema(body).parseEvent(event(input)).body;
}

function event(body: unknown) {
  return {
    eventId: "e1",
    eventCreatedAt: "2026-01-01T00:00:00Z",
    eventName: "user:created",
    entityId: "u1",
    entityName: "user",
    body,
    version: 1,
  };
}

function issuesOf(body: Body, input: unknown) {
  try {
    userSchema(body).parseEvent(event(input));
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return (error as ValidationError).issues.map(({ path }) => path.join("."));
  }
  throw new Error("not refused");
}

const circle = v.object({ kind: v.literal("circle"), radius: v.number() });
const square = v.object({ kind: v.literal("square"), side: v.number() });

describe("bodies and states may be", () => {
  test("objects, which drop what they do not know", () => {
    expect(parse(v.object({ a: v.string() }), { a: "x", b: 1 })).toEqual({ a: "x" });
    expect(
      issuesOf(v.object({ a: v.string(), tags: v.array(v.object({ n: v.number() })) }), { tags: [{ n: 1 }, {}] }),
    ).toEqual(["body.a", "body.tags.1.n"]);
  });

  test("L10: strict objects, which refuse it", () => {
    expect(parse(v.strictObject({ a: v.string() }), { a: "x" })).toEqual({ a: "x" });
    expect(issuesOf(v.strictObject({ a: v.string() }), { a: "x", b: 1 })).toEqual(["body.b"]);
  });

  test("L10: loose objects, which keep it", () => {
    expect(parse(v.looseObject({ a: v.string() }), { a: "x", b: 1 })).toEqual({ a: "x", b: 1 });
  });

  test("L10: unions and variants", () => {
    for (const union of [v.union([circle, square]), v.variant("kind", [circle, square])]) {
      expect(parse(union, { kind: "square", side: 2 })).toEqual({ kind: "square", side: 2 });
      expect(issuesOf(union, { kind: "square" }).every((path) => path.startsWith("body"))).toBe(true);
    }
  });

  test("L10: pipes with checks over several keys", () => {
    const range = v.pipe(
      v.object({ from: v.number(), to: v.number() }),
      v.forward(
        v.check(({ from, to }) => from <= to, "Wrong way round"),
        ["to"],
      ),
    );
    expect(parse(range, { from: 1, to: 2 })).toEqual({ from: 1, to: 2 });
    expect(issuesOf(range, { from: 2, to: 1 })).toEqual(["body.to"]);
  });

  test("transforms and defaults, whose output is used", () => {
    expect(parse(v.object({ n: v.pipe(v.string(), v.transform(Number)) }), { n: "5" })).toEqual({ n: 5 });
    expect(parse(v.object({ n: v.optional(v.number(), 7) }), {})).toEqual({ n: 7 });
    expect(parse(v.object({ at: v.pipe(v.string(), v.toDate()) }), { at: "2026-01-01T00:00:00Z" })).toEqual({
      at: new Date("2026-01-01T00:00:00Z"),
    });
  });

  test("no objects at all", () => {
    expect(parse(v.string(), "x")).toBe("x");
    expect(parse(v.tuple([v.number(), v.string()]), [1, "x"])).toEqual([1, "x"]);
    expect(parse(v.record(v.string(), v.number()), { a: 1 })).toEqual({ a: 1 });
    expect(issuesOf(v.string(), 5)).toEqual(["body"]);
  });
});

describe("valibot", () => {
  test("E8: says which event, where and what, in Valibot's own words", () => {
    const schema = userSchema(v.object({ email: v.pipe(v.string(), v.email()) }));
    expect(() => schema.parseEvent(event({ email: "x" }))).toThrow(
      expect.objectContaining({
        code: "invalid_event",
        message: 'Validation failed: "user:created"\n  - body.email: Invalid email: Received "x"',
      }),
    );
    expect(() => schema.parseState({ email: "x" })).toThrow(
      expect.objectContaining({
        code: "invalid_state",
        message: 'Validation failed\n  - email: Invalid email: Received "x"',
      }),
    );
  });

  test("E7: refuses a schema that validates asynchronously, in bodies and in states", () => {
    const later = v.objectAsync({
      email: v.pipeAsync(
        v.string(),
        v.checkAsync(async () => true),
      ),
    });
    const schema = userSchema(later as never);
    for (const attempt of [() => schema.parseEvent(event({ email: "x" })), () => schema.parseState({ email: "x" })]) {
      expect(attempt).toThrow(VentydError);
      expect(attempt).toThrow(/^Promise validation result is not supported/);
    }
  });

  test("hands on the whole of Valibot", () => {
    expect(v).toBe(valibotItself);
  });
});
