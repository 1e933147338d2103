import { KindGuard } from "@sinclair/typebox";
import { Check as checkTypebox0 } from "@sinclair/typebox/value";
import { Check as checkTypebox } from "typebox/value";
import { describe, expect, test } from "vitest";
import { ValidationError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { arktype, type } from "./arktype.ts";
import { Type, typebox } from "./typebox.ts";
import { Type as Type0, typebox as typebox0 } from "./typebox0.ts";
import { v, valibot } from "./valibot.ts";
import { z, zod } from "./zod.ts";

const envelope = {
  eventId: "e1",
  eventCreatedAt: "2026-01-01T00:00:00Z",
  eventName: "user:created",
  entityName: "user",
  entityId: "u1",
  body: { email: "a@b" },
};

/** What a test needs to know of a library: how a user's schema is written with it, and how to use one that was made. */
interface Library {
  email: object;
  name: object;
  state: object;
  /** The library's bridge. */
  bridge: (options: { event: object; state: object; namespaceSeparator?: string }) => never;
  isOwn: (schema: never) => boolean;
  accepts: (schema: never, value: unknown) => boolean;
  bodyOf: (schema: never) => unknown;
}

const libraries: Record<string, Library> = {
  zod: {
    email: z.object({ email: z.string() }),
    name: z.object({ name: z.string() }),
    state: z.object({ n: z.number() }),
    bridge: zod as never,
    isOwn: (schema) => (schema as unknown) instanceof z.ZodObject,
    accepts: (schema: z.ZodType, value) => schema.safeParse(value).success,
    bodyOf: (schema: z.ZodObject) => schema.shape.body,
  },
  valibot: {
    email: v.object({ email: v.string() }),
    name: v.object({ name: v.string() }),
    state: v.object({ n: v.number() }),
    bridge: valibot as never,
    isOwn: (schema: { kind: string; type: string }) => schema.kind === "schema" && schema.type === "object",
    accepts: (schema, value) => v.safeParse(schema, value).success,
    bodyOf: (schema: { entries: { body: unknown } }) => schema.entries.body,
  },
  arktype: {
    email: type({ email: "string" }),
    name: type({ name: "string" }),
    state: type({ n: "number" }),
    bridge: arktype as never,
    isOwn: (schema: { expression: string }) => schema.expression.includes("eventId: string"),
    accepts: (schema: (value: unknown) => unknown, value) => !(schema(value) instanceof type.errors),
    bodyOf: (schema: { get(key: string): unknown }) => schema.get("body"),
  },
  typebox: {
    email: Type.Object({ email: Type.String() }),
    name: Type.Object({ name: Type.String() }),
    state: Type.Object({ n: Type.Number() }),
    bridge: typebox as never,
    isOwn: (schema) => Type.IsObject(schema),
    accepts: (schema, value) => checkTypebox(schema, value),
    bodyOf: (schema: { properties: { body: unknown } }) => schema.properties.body,
  },
  typebox0: {
    email: Type0.Object({ email: Type0.String() }),
    name: Type0.Object({ name: Type0.String() }),
    state: Type0.Object({ n: Type0.Number() }),
    bridge: typebox0 as never,
    isOwn: (schema) => KindGuard.IsObject(schema),
    accepts: (schema, value) => checkTypebox0(schema, value),
    bodyOf: (schema: { properties: { body: unknown } }) => schema.properties.body,
  },
};

describe.each(Object.entries(libraries))("with %s, schema.event", (_, library) => {
  const { email, name, state, bridge, isOwn, accepts, bodyOf } = library;

  const define = (entityName = "user", namespaceSeparator?: string) =>
    defineSchema(entityName, {
      schema: bridge({
        event: { created: email, renamed: name },
        state,
        ...(namespaceSeparator !== undefined && { namespaceSeparator }),
      }),
      initialEventName: `${entityName}${namespaceSeparator ?? ":"}created` as never,
    }) as unknown as { event: Record<string, never>; state: unknown };

  test("L13: holds the library's own schema of each whole event, under its full and its short name", () => {
    const { event } = define();
    expect(isOwn(event["user:created"] as never)).toBe(true);
    expect(event["user:created"]).toBe(event.created);
    expect(event["user:renamed"]).toBe(event.renamed);
    expect(event.renamed).not.toBe(event.created);
  });

  test("checks the envelope as 1.20.4 did: texts, the event's own name, a version that may be absent", () => {
    const created = define().event.created as never;
    expect(accepts(created, envelope)).toBe(true);
    expect(accepts(created, { ...envelope, version: 1 })).toBe(true);
    for (const wrong of [
      { version: null },
      { version: "1" },
      { eventName: "user:renamed" },
      { entityId: 5 },
      { eventCreatedAt: null },
      { body: {} },
    ])
      expect(accepts(created, { ...envelope, ...wrong })).toBe(false);
    const { entityId: _, ...nameless } = envelope;
    expect(accepts(created, nameless)).toBe(false);
  });

  test("keeps the body's schema as it was given, and so does schema.state that of the state", () => {
    const schema = define();
    expect(bodyOf(schema.event.created as never)).toBe(email);
    expect(schema.state).toBe(state);
  });

  test("lists the full names alone", () => {
    const { event } = define();
    expect(Object.keys(event)).toEqual(["user:created", "user:renamed"]);
    expect("created" in event).toBe(true);
    expect("deleted" in event).toBe(false);
  });

  test.each([
    ["user", "/"],
    ["o'brien", ":"],
    ['the "best"', "\\"],
  ])("follows the names: of an entity called %s, with the separator %s", (entityName, separator) => {
    const { event } = define(entityName, separator);
    const eventName = `${entityName}${separator}created`;
    expect(Object.keys(event)).toEqual([eventName, `${entityName}${separator}renamed`]);
    expect(accepts(event[eventName] as never, { ...envelope, eventName, entityName })).toBe(true);
    expect(accepts(event[eventName] as never, { ...envelope, entityName })).toBe(eventName === "user:created");
  });

  test("may be empty", () => {
    const schema = defineSchema("user", { schema: bridge({ event: {}, state }), initialEventName: "" as never });
    expect(Object.keys((schema as unknown as { event: object }).event)).toEqual([]);
  });

  test("refuses an event whose short name is another one's full name", () => {
    const twice = () =>
      defineSchema("user", {
        schema: bridge({ event: { created: email, "user:created": name }, state }),
        initialEventName: "user:created" as never,
      });
    expect(twice).toThrow(ValidationError);
    expect(twice).toThrow(/"user:created".+"created"/);
  });
});

describe.each(Object.entries(libraries))("with %s", (_, { email, state, bridge }) => {
  const schema = defineSchema("user", {
    schema: bridge({ event: { created: email, "it's": email }, state }),
    initialEventName: "user:created" as never,
  });
  const parse = (event: unknown) => schema.parseEvent(event);
  const refused = (message: string, code: string) => expect.objectContaining({ message, code });

  test("E4: an event without a name is refused", () => {
    for (const event of [null, "x", {}, { eventName: "" }, { eventName: 5 }]) {
      expect(() => parse(event)).toThrow(refused("Validation failed: eventName is missing", "event_name_missing"));
    }
  });

  test("E5, E6: an event that is not declared is refused, and those that are declared are named", () => {
    const available = "Available events: user:created, user:it's";
    for (const eventName of ["user:deleted", "created", "toString", "__proto__"]) {
      expect(() => parse({ ...envelope, eventName })).toThrow(
        refused(`Validation failed: event "${eventName}" is not declared. ${available}`, "event_not_declared"),
      );
      expect(() => schema.parseEventByName(eventName as never, envelope)).toThrow(
        refused(`Event name "${eventName}" not found. ${available}`, "event_not_declared"),
      );
    }
  });

  test("E8: an event or a state that does not fit is refused, and each place has a line", () => {
    expect(() => parse({ ...envelope, body: {}, entityId: 5 })).toThrow(
      /^Validation failed: "user:created"\n {2}- entityId: [^\n]+\n {2}- body\.email: [^\n]+$/,
    );
    expect(() => parse({ ...envelope, body: 5 })).toThrow(/^Validation failed: "user:created"\n {2}- body: [^\n]+$/);
    expect(() => schema.parseState({ n: "x" })).toThrow(/^Validation failed\n {2}- n: [^\n]+$/);
    expect(() => schema.parseState(5)).toThrow(/^Validation failed\n {2}- \(root\): [^\n]+$/);
  });
});
