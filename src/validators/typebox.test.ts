import { Type as TypeItself } from "typebox";
import { Compile } from "typebox/compile";
import { describe, expect, test, vi } from "vitest";
import { VentydError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { check, type StandardSchemaV1 } from "../schema/standard-schema.ts";
import { standardSchema, Type, typebox } from "./typebox.ts";
import * as typebox0 from "./typebox0.ts";

// Counts, and does what it always does.
vi.mock(import("typebox/compile"), async (importOriginal) => {
  const original = await importOriginal();
  return { ...original, Compile: vi.fn(original.Compile) as never };
});

const issues = (schema: Parameters<typeof standardSchema>[0], value: unknown) => {
  const checked = check(standardSchema(schema) as StandardSchemaV1, value);
  return "issues" in checked ? checked.issues : [];
};

describe("typebox", () => {
  test("E8: says which event, where and what, in TypeBox's own words", () => {
    const body = Type.Object({ email: Type.String({ format: "email" }), name: Type.String(), age: Type.Number() });
    const schema = defineSchema("user", {
      schema: typebox({ event: { created: body }, state: body }),
      initialEventName: "user:created",
    });
    const event = {
      eventId: "e1",
      eventCreatedAt: "2026-01-01T00:00:00Z",
      eventName: "user:created",
      entityId: "u1",
      entityName: "user",
      body: { email: "x" },
    };
    const words = [
      "name: must have required properties name",
      "age: must have required properties age",
      'email: must match format "email"',
    ];
    expect(() => schema.parseEvent(event)).toThrow(
      expect.objectContaining({
        code: "invalid_event",
        message: `Validation failed: "user:created"\n${words.map((line) => `  - body.${line}`).join("\n")}`,
      }),
    );
    expect(() => schema.parseState(event.body)).toThrow(
      expect.objectContaining({
        code: "invalid_state",
        message: `Validation failed\n${words.map((line) => `  - ${line}`).join("\n")}`,
      }),
    );
  });

  test("compiles a type when the first value is to be validated, and once", () => {
    const body = Type.Object({ text: Type.String() });
    const define = () =>
      defineSchema("post", {
        schema: typebox({ event: { made: body, changed: body }, state: body }),
        initialEventName: "post:made",
      });
    vi.mocked(Compile).mockClear();
    const schemas = [define(), define()];
    expect(Compile).not.toHaveBeenCalled();
    for (const schema of schemas) {
      for (const _ of [1, 2]) expect(schema.parseState({ text: "x" })).toEqual({ text: "x" });
      expect(() => schema.parseState({})).toThrow();
    }
    expect(Compile).toHaveBeenCalledTimes(1);
  });

  test("hands on TypeBox's own Type", () => {
    expect(Type).toBe(TypeItself);
  });
});

describe("standardSchema", () => {
  test("says of a key that is too much what it means, once", () => {
    const strict = Type.Object({}, { additionalProperties: false });
    expect(issues(strict, { a: 1, b: 2 })).toEqual([
      { path: ["a"], message: "must not have additional properties" },
      { path: ["b"], message: "must not have additional properties" },
    ]);
  });

  test("says something of keys that are too many for TypeBox to count", () => {
    const strict = Type.Object({}, { additionalProperties: false });
    const found = issues(strict, Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key${index}`, 1])));
    expect(found.length).toBeGreaterThanOrEqual(8);
    expect(found[0]).toMatchObject({ path: ["key0"] });
  });

  test("checks refined and cyclic types, JSON Schema in Type.Unsafe, and what a cyclic type has for defaults", () => {
    const range = Type.Refine(
      Type.Object({ from: Type.Number(), to: Type.Number() }),
      ({ from, to }) => from <= to,
      () => "Wrong way round",
    );
    expect(issues(range, { from: 2, to: 1 })).toEqual([{ path: [], message: "Wrong way round" }]);
    const Tree = Type.Cyclic(
      { Node: Type.Object({ name: Type.String({ default: "?" }), children: Type.Array(Type.Ref("Node")) }) },
      "Node",
    );
    expect(check(standardSchema(Tree) as StandardSchemaV1, { children: [{ children: [] }] })).toEqual({
      value: { name: "?", children: [{ name: "?", children: [] }] },
    });
    expect(issues(Tree, { children: [{}] })).toMatchObject([{ path: ["children", 0, "children"] }]);
    const written = Type.Unsafe<{ a: string }>({ type: "object", required: ["a"], properties: { a: {}, b: false } });
    expect(issues(written, { b: 1 }).map(({ path }) => path)).toEqual([["a"], ["b"]]);
  });

  test("refuses what is no type of TypeBox 1, and says where that belongs", () => {
    for (const other of [typebox0.Type.String(), { type: "string" }, {}, undefined, null, "string"]) {
      expect(() => standardSchema(other as never)).toThrow(VentydError);
      expect(() => standardSchema(other as never)).toThrow(/no type of TypeBox 1.+"ventyd\/typebox0"/);
    }
  });
});
