import { Type as TypeItself } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { describe, expect, test, vi } from "vitest";
import { VentydError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { check, type StandardSchemaV1 } from "../schema/standard-schema.ts";
import * as typebox1 from "./typebox.ts";
import { standardSchema, Type, typebox } from "./typebox0.ts";

const issues = (schema: Parameters<typeof standardSchema>[0], value: unknown) => {
  const checked = check(standardSchema(schema) as StandardSchemaV1, value);
  return "issues" in checked ? checked.issues : [];
};

describe("typebox, of the package @sinclair/typebox,", () => {
  test("E8: says which event, where and what, in TypeBox's own words", () => {
    const body = Type.Object({ email: Type.String({ minLength: 3 }), name: Type.String() });
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
    const words = ["name: Expected required property", "email: Expected string length greater or equal to 3"];
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
    const compile = vi.spyOn(TypeCompiler, "Compile");
    const schemas = [define(), define()];
    expect(compile).not.toHaveBeenCalled();
    for (const schema of schemas) {
      for (const _ of [1, 2]) expect(schema.parseState({ text: "x" })).toEqual({ text: "x" });
      expect(() => schema.parseState({})).toThrow();
    }
    expect(compile).toHaveBeenCalledTimes(1);
    compile.mockRestore();
  });

  test("hands on TypeBox's own Type", () => {
    expect(Type).toBe(TypeItself);
  });
});

describe("standardSchema", () => {
  test("says of a key that is missing that it is, and no more", () => {
    expect(issues(Type.Object({ a: Type.Number() }), {})).toEqual([
      { path: ["a"], message: "Expected required property" },
    ]);
  });

  test("says where a transform has thrown", () => {
    const Day = Type.Transform(Type.String())
      .Decode((): Date => {
        throw new RangeError("Not a day");
      })
      .Encode(String);
    expect(issues(Type.Object({ days: Type.Array(Day) }), { days: ["x"] })).toEqual([
      { path: ["days", 0], message: "Not a day" },
    ]);
  });

  test("checks recursive types, and those of a module", () => {
    const Tree = Type.Recursive((Node) =>
      Type.Object({ name: Type.String({ default: "?" }), children: Type.Array(Node) }),
    );
    expect(check(standardSchema(Tree) as StandardSchemaV1, { children: [{ children: [] }] })).toEqual({
      value: { name: "?", children: [{ name: "?", children: [] }] },
    });
    expect(issues(Tree, { children: [{}] })).toMatchObject([{ path: ["children", 0, "children"] }]);
    const Line = Type.Module({ Item: Type.Object({ sku: Type.String() }), Line: Type.Array(Type.Ref("Item")) }).Import(
      "Line",
    );
    expect(issues(Line, [{ sku: "a" }, {}])).toMatchObject([{ path: [1, "sku"] }]);
  });

  test("says of a type that TypeBox cannot check that it cannot", () => {
    const unknown = standardSchema(Type.Unsafe({ type: "string" })) as StandardSchemaV1;
    expect(() => check(unknown, "x")).toThrow("Unknown type");
  });

  test("refuses what is no type of TypeBox 0.34, and says where that belongs", () => {
    for (const other of [typebox1.Type.String(), { type: "string" }, {}, undefined, null, "string"]) {
      expect(() => standardSchema(other as never)).toThrow(VentydError);
      expect(() => standardSchema(other as never)).toThrow(/no type of @sinclair\/typebox.+"ventyd\/typebox"/);
    }
  });
});
