import { describe, expect, test } from "vitest";
import { ValidationError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { check, type StandardSchemaV1 } from "../schema/standard-schema.ts";
import * as ofTypebox from "./typebox.ts";
import { mayHaveDefaults, pointerPath } from "./typebox-standard-schema.ts";
import * as ofTypebox0 from "./typebox0.ts";

/** What both packages have and the tests use; where they differ only in names, under the name of TypeBox 1. */
const { Type } = ofTypebox;
const packages = {
  typebox: { ...ofTypebox, Codec: Type.Codec },
  typebox0: {
    ...(ofTypebox0 as never as typeof ofTypebox),
    Codec: ofTypebox0.Type.Transform as never as typeof Type.Codec,
  },
};

const event = (body: unknown) => ({
  eventId: "e1",
  eventCreatedAt: "2026-01-01T00:00:00Z",
  eventName: "user:created",
  entityId: "u1",
  entityName: "user",
  body,
  version: 1,
});

describe.each(Object.entries(packages))(
  "with %s, bodies and states may be",
  (_, { Type, typebox, standardSchema, Codec }) => {
    type Body = Parameters<typeof standardSchema>[0];

    const userSchema = (body: Body) =>
      defineSchema("user", {
        schema: typebox({ event: { created: body }, state: body }),
        initialEventName: "user:created",
      });

    /** Parses a body, as the event of an entity whose state has the same type; the input must stay as it was. */
    function parse(body: Body, input: unknown): unknown {
      const before = structuredClone(input);
      const output = userSchema(body).parseEvent(event(input)).body;
      expect(userSchema(body).parseState(input)).toEqual(output);
      expect(input).toEqual(before);
      return output;
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

    const Day = Codec(Type.String())
      .Decode((text) => {
        const date = new Date(text);
        if (Number.isNaN(date.getTime())) throw new RangeError("Not a day");
        return date;
      })
      .Encode((date) => date.toISOString());

    test("objects, which keep what they do not know", () => {
      expect(parse(Type.Object({ a: Type.String() }), { a: "x", b: 1 })).toEqual({ a: "x", b: 1 });
      const nested = Type.Object({ a: Type.String(), tags: Type.Array(Type.Object({ n: Type.Number() })) });
      expect(issuesOf(nested, { tags: [{ n: 1 }, {}, { n: "x" }] }).toSorted()).toEqual([
        "body.a",
        "body.tags.1.n",
        "body.tags.2.n",
      ]);
    });

    test("L10: objects that refuse it", () => {
      const strict = Type.Object({ a: Type.String() }, { additionalProperties: false });
      expect(parse(strict, { a: "x" })).toEqual({ a: "x" });
      expect(issuesOf(strict, { a: "x", b: 1, c: 2 })).toEqual(["body.b", "body.c"]);
    });

    test("L10: unions, intersections and records", () => {
      const shape = Type.Union([
        Type.Object({ kind: Type.Literal("circle"), radius: Type.Number() }),
        Type.Object({ kind: Type.Literal("square"), side: Type.Number() }),
      ]);
      expect(parse(shape, { kind: "square", side: 2 })).toEqual({ kind: "square", side: 2 });
      expect(issuesOf(shape, { kind: "square" }).every((path) => path.startsWith("body"))).toBe(true);
      const both = Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })]);
      expect(parse(both, { a: "x", b: "y" })).toEqual({ a: "x", b: "y" });
      expect(issuesOf(Type.Record(Type.String(), Type.Number()), { a: "x" })).toEqual(["body.a"]);
    });

    test("no objects at all", () => {
      expect(parse(Type.String(), "x")).toBe("x");
      expect(parse(Type.Tuple([Type.Number(), Type.String()]), [1, "x"])).toEqual([1, "x"]);
      expect(issuesOf(Type.String(), 5)).toEqual(["body"]);
      expect(issuesOf(Type.String(), undefined)).toEqual(["body"]);
    });

    test("T3: types with defaults, which are filled in at every depth and in the branch of a union that fits", () => {
      const inner = Type.Object({ n: Type.Number({ default: 7 }), made: Type.Optional(Type.String({ default: "x" })) });
      const Body = Type.Object({
        inner,
        list: Type.Array(inner),
        either: Type.Union([Type.Object({ kind: Type.Literal("a"), n: Type.Number({ default: 1 }) }), Type.Null()]),
        tags: Type.Array(Type.String(), { default: [] }),
      });
      const full = { n: 7, made: "x" };
      expect(parse(Body, { inner: {}, list: [{}, { n: 1 }], either: { kind: "a" }, extra: true })).toEqual({
        inner: full,
        list: [full, { ...full, n: 1 }],
        either: { kind: "a", n: 1 },
        tags: [],
        extra: true,
      });
      expect(issuesOf(Body, { inner: 5, list: [], either: null })).toEqual(["body.inner"]);
    });

    test("types with a default that is an object: each value gets one of its own", () => {
      const Body = Type.Object({ items: Type.Array(Type.String(), { default: [] }) });
      const [first, second] = [parse(Body, {}), parse(Body, {})] as { items: string[] }[];
      first?.items.push("x");
      expect(second).toEqual({ items: [] });
      expect(parse(Body, {})).toEqual({ items: [] });
    });

    test("T3: codecs, which decode; what is not declared stays, and nothing is converted", () => {
      const Body = Type.Object({
        at: Day,
        days: Type.Array(Day),
        maybe: Type.Optional(Day),
        either: Type.Union([Type.Object({ at: Day }), Type.Null()]),
        n: Type.Number(),
      });
      const text = "2026-01-01T00:00:00.000Z";
      expect(parse(Body, { at: text, days: [text], either: { at: text, more: 1 }, n: 1, extra: text })).toEqual({
        at: new Date(text),
        days: [new Date(text)],
        either: { at: new Date(text), more: 1 },
        n: 1,
        extra: text,
      });
      expect(issuesOf(Body, { at: text, days: [], either: null, n: "1" })).toEqual(["body.n"]);
    });

    test("codecs over defaults", () => {
      const Body = Type.Object({
        at: Codec(Type.String({ default: "2026" }))
          .Decode((text) => new Date(text))
          .Encode(String),
      });
      expect(parse(Body, {})).toEqual({ at: new Date("2026") });
    });

    test("codecs that throw: what they say is an issue", () => {
      const schema = userSchema(Type.Object({ at: Day }));
      expect(() => schema.parseEvent(event({ at: "soon" }))).toThrow(
        expect.objectContaining({ code: "invalid_event", message: expect.stringContaining("Not a day") }),
      );
    });

    test("checked with a value that is handed on as it is, where there is neither default nor codec", () => {
      const made = standardSchema(Type.Object({ list: Type.Array(Type.Object({ n: Type.Number() })) }));
      const value = { list: [{ n: 1 }], extra: {} };
      expect(check(made as StandardSchemaV1, value)).toEqual({ value });
      expect((check(made as StandardSchemaV1, value) as { value: unknown }).value).toBe(value);
    });

    test("at paths with any key in them", () => {
      const Body = Type.Object({
        "a/b": Type.Object({ "~c": Type.Object({ "": Type.String(), "~1": Type.String() }) }),
      });
      const schema = userSchema(Body);
      expect(() => schema.parseState({ "a/b": { "~c": { "": 1, "~1": 1 } } })).toThrow(
        expect.objectContaining({
          issues: [
            expect.objectContaining({ path: ["a/b", "~c", ""] }),
            expect.objectContaining({ path: ["a/b", "~c", "~1"] }),
          ],
        }),
      );
    });

    test("made a Standard Schema of once: the same type gives the same one", () => {
      const type = Type.String();
      expect(standardSchema(type)).toBe(standardSchema(type));
      expect(standardSchema(Type.String())).not.toBe(standardSchema(type));
    });

    test("asked for their JSON Schema, by Standard JSON Schema", () => {
      const { jsonSchema } = standardSchema(
        Type.Object({ size: Type.Tuple([Type.Number(), Type.String()]), n: Type.Number({ default: 1 }) }),
      )["~standard"];
      const size = { type: "array", minItems: 2 };
      const items = [{ type: "number" }, { type: "string" }];
      for (const direction of [jsonSchema.input, jsonSchema.output]) {
        expect(direction({ target: "draft-07" })).toMatchObject({
          $schema: "http://json-schema.org/draft-07/schema#",
          type: "object",
          properties: { n: { type: "number", default: 1 }, size: { ...size, items, additionalItems: false } },
        });
        expect(direction({ target: "draft-2020-12" })).toMatchObject({
          $schema: "https://json-schema.org/draft/2020-12/schema",
          properties: { size: { ...size, prefixItems: items, items: false } },
        });
        expect(() => direction({ target: "openapi-3.0" })).toThrow(expect.objectContaining({ code: "unsupported" }));
      }
    });

    test("asked for the JSON Schema of what a codec takes, not of what it makes", () => {
      const { jsonSchema } = standardSchema(Type.Object({ at: Day }))["~standard"];
      expect(jsonSchema.input({ target: "draft-07" })).toMatchObject({ properties: { at: { type: "string" } } });
      expect(() => jsonSchema.output({ target: "draft-07" })).toThrow(expect.objectContaining({ code: "unsupported" }));
    });
  },
);

describe("mayHaveDefaults", () => {
  test.each([
    [{ type: "string", default: undefined }, true],
    [{ type: "object", properties: { a: { type: "array", items: { default: 1 } } } }, true],
    [{ anyOf: [{ type: "null" }, { allOf: [{ default: 1 }] }] }, true],
    [{ type: "object", properties: { a: { type: "string" } } }, false],
    [{ const: null, enum: ["default"] }, false],
    [{ type: "object", properties: { default: { type: "string" } } }, true],
  ])("of %j is %j", (schema, expected) => {
    expect(mayHaveDefaults(schema)).toBe(expected);
  });

  test("comes to an end in a schema that holds itself", () => {
    const schema: Record<string, unknown> = { type: "object" };
    schema.properties = { self: schema };
    expect(mayHaveDefaults(schema)).toBe(false);
  });
});

test("pointerPath reads JSON Pointers, and counts where the value is an array", () => {
  expect(pointerPath("", {})).toEqual([]);
  expect(pointerPath("/", {})).toEqual([""]);
  expect(pointerPath("/a/0/b~1c~0d~01", {})).toEqual(["a", "0", "b/c~d~1"]);
  expect(pointerPath("/a/0/1/2", { a: [{ 1: [] }] })).toEqual(["a", 0, "1", 2]);
  expect(pointerPath("/0/a", null)).toEqual(["0", "a"]);
});
