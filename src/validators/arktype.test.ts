import * as arktypeItself from "arktype";
import { describe, expect, test } from "vitest";
import { ValidationError, VentydError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { arktype, type } from "./arktype.ts";

type Body = StandardSchemaV1 & { readonly t: unknown } & ((input: unknown) => unknown);

const userSchema = (body: Body, entityName = "user") =>
  defineSchema(entityName, {
    schema: arktype({ event: { created: body }, state: body }),
    initialEventName: `${entityName}:created`,
  });

/** Parses a body, as the event of an entity whose state has the same type. */
function parse(body: Body, input: unknown): unknown {
  expect(userSchema(body).parseState(structuredClone(input))).toEqual(body(structuredClone(input)));
  return userSchema(body).parseEvent(event(input)).body;
}

const event = (body: unknown, entityName = "user") => ({
  eventId: "e1",
  eventCreatedAt: "2026-01-01T00:00:00Z",
  eventName: `${entityName}:created`,
  entityId: "u1",
  entityName,
  body,
  version: 1,
});

function issuesOf(body: Body, input: unknown) {
  try {
    userSchema(body).parseEvent(event(input));
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return (error as ValidationError).issues.map(({ path }) => path.join("."));
  }
  throw new Error("not refused");
}

describe("bodies and states may be", () => {
  test("objects, which keep what they do not know", () => {
    expect(parse(type({ a: "string" }), { a: "x", b: 1 })).toEqual({ a: "x", b: 1 });
    expect(issuesOf(type({ a: "string", tags: type({ n: "number" }).array() }), { tags: [{ n: 1 }, {}] })).toEqual([
      "body.a",
      "body.tags.1.n",
    ]);
  });

  test("L10: objects that refuse it, or drop it", () => {
    expect(issuesOf(type({ a: "string", "+": "reject" }), { a: "x", b: 1 })).toEqual(["body.b"]);
    expect(parse(type({ a: "string", "+": "delete" }), { a: "x", b: 1 })).toEqual({ a: "x" });
  });

  test("L10: unions, intersections and narrowed types", () => {
    const shape = type({ kind: "'circle'", radius: "number" }).or({ kind: "'square'", side: "number" });
    expect(parse(shape, { kind: "square", side: 2 })).toEqual({ kind: "square", side: 2 });
    expect(issuesOf(shape, { kind: "square" })).toEqual(["body.side"]);
    const range = type({ from: "number", to: "number" }).narrow(
      ({ from, to }, context) => from <= to || context.reject({ expected: "after from", path: ["to"] }),
    );
    expect(parse(range, { from: 1, to: 2 })).toEqual({ from: 1, to: 2 });
    expect(issuesOf(range, { from: 2, to: 1 })).toEqual(["body.to"]);
  });

  test("morphs and defaults, whose output is used", () => {
    expect(parse(type({ n: "string.numeric.parse" }), { n: "5" })).toEqual({ n: 5 });
    expect(parse(type({ n: "number = 7" }), {})).toEqual({ n: 7 });
    expect(parse(type({ at: "string.date.parse" }), { at: "2026-01-01T00:00:00Z" })).toEqual({
      at: new Date("2026-01-01T00:00:00Z"),
    });
    const length = type("string").pipe((text) => text.length);
    expect(parse(length, "four")).toBe(4);
  });

  test("no objects at all", () => {
    expect(parse(type("string"), "x")).toBe("x");
    expect(parse(type(["number", "string"]), [1, "x"])).toEqual([1, "x"]);
    expect(parse(type({ "[string]": "number" }), { a: 1 })).toEqual({ a: 1 });
    expect(issuesOf(type("string"), 5)).toEqual(["body"]);
  });
});

describe("arktype", () => {
  test("E8: says which event, where and what, in ArkType's own words", () => {
    const schema = userSchema(type({ email: "string.email" }));
    expect(() => schema.parseEvent(event({ email: "x" }))).toThrow(
      expect.objectContaining({
        code: "invalid_event",
        message: 'Validation failed: "user:created"\n  - body.email: email must be an email address (was "x")',
      }),
    );
    expect(() => schema.parseState({ email: "x" })).toThrow(
      expect.objectContaining({
        code: "invalid_state",
        message: 'Validation failed\n  - email: email must be an email address (was "x")',
      }),
    );
  });

  test("gives paths that are plain arrays, of events and of states", () => {
    const schema = userSchema(type({ a: { b: "string" } }));
    for (const [attempt, path] of [
      [() => schema.parseState({ a: {} }), ["a", "b"]],
      [() => schema.parseEvent(event({ a: {} })), ["body", "a", "b"]],
    ] as const) {
      expect(attempt).toThrow(expect.objectContaining({ issues: [{ message: expect.any(String), path }] }));
      try {
        attempt();
      } catch (error) {
        expect(Object.getPrototypeOf((error as ValidationError).issues[0]?.path)).toBe(Array.prototype);
      }
    }
  });

  test("E7: refuses a schema that validates asynchronously, in bodies and in states", () => {
    const later = {
      "~standard": { version: 1, vendor: "test", validate: async () => ({ value: 1 }) },
      t: undefined,
    } as const satisfies StandardSchemaV1 & { t: unknown };
    const schema = defineSchema("user", {
      schema: arktype({ event: { created: later }, state: later }),
      initialEventName: "user:created",
    });
    for (const attempt of [() => schema.parseEvent(event({})), () => schema.parseState({})]) {
      expect(attempt).toThrow(VentydError);
      expect(attempt).toThrow(/^Promise validation result is not supported/);
    }
  });

  test.each(["o'brien", 'the "best"', "back\\slash", "a | b", "/x/"])(
    "T5: makes the schema of a whole event for an entity called %s",
    (entityName) => {
      const schema = userSchema(type({ "reason?": "string" }), entityName);
      const whole = schema.event.created;
      expect(whole(event({}, entityName))).toEqual(event({}, entityName));
      expect(whole({ ...event({}), entityName })).toBeInstanceOf(type.errors);
      expect(schema.parseEvent(event({}, entityName)).body).toEqual({});
    },
  );

  test("hands on ArkType's own type", () => {
    expect(type).toBe(arktypeItself.type);
  });
});
