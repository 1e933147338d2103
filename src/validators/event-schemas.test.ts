import { describe, expect, test } from "vitest";
import { ValidationError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
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

const withZod = () => {
  const state = z.object({ n: z.number() });
  const bodies = { created: z.object({ email: z.string() }), renamed: z.object({ name: z.string() }) };
  return {
    state,
    bodies,
    schema: defineSchema("user", { schema: zod({ event: bodies, state }), initialEventName: "user:created" }),
  };
};
const withValibot = () => {
  const state = v.object({ n: v.number() });
  const bodies = { created: v.object({ email: v.string() }), renamed: v.object({ name: v.string() }) };
  return {
    state,
    bodies,
    schema: defineSchema("user", { schema: valibot({ event: bodies, state }), initialEventName: "user:created" }),
  };
};

describe("schema.event", () => {
  test("L13: holds the library's own schema of each whole event, under its full and its short name", () => {
    const ofZod = withZod().schema;
    const ofValibot = withValibot().schema;
    expect(ofZod.event["user:created"]).toBeInstanceOf(z.ZodObject);
    expect(ofZod.event["user:created"]).toBe(ofZod.event.created);
    expect(ofZod.event.renamed).not.toBe(ofZod.event.created);
    expect(ofZod.event.created.parse(envelope)).toEqual(envelope);
    expect(ofValibot.event["user:created"].type).toBe("object");
    expect(ofValibot.event["user:created"]).toBe(ofValibot.event.created);
    expect(ofValibot.event.renamed).not.toBe(ofValibot.event.created);
    expect(v.parse(ofValibot.event.created, envelope)).toEqual(envelope);
  });

  test("checks the envelope as 1.20.4 did: texts, the event's own name, a version that may be absent", () => {
    const { created } = withZod().schema.event;
    const ofValibot = withValibot().schema.event.created;
    const accepts = (event: unknown) => [created.safeParse(event).success, v.safeParse(ofValibot, event).success];
    expect(accepts({ ...envelope, version: 1 })).toEqual([true, true]);
    expect(accepts({ ...envelope, version: null })).toEqual([false, false]);
    expect(accepts({ ...envelope, eventName: "user:renamed" })).toEqual([false, false]);
    expect(accepts({ ...envelope, entityId: undefined })).toEqual([false, false]);
    expect(accepts({ ...envelope, body: {} })).toEqual([false, false]);
  });

  test("keeps the body's schema as it was given", () => {
    const ofZod = withZod();
    expect(ofZod.schema.event.created.shape.body).toBe(ofZod.bodies.created);
    const ofValibot = withValibot();
    expect(ofValibot.schema.event.created.entries.body).toBe(ofValibot.bodies.created);
  });

  test("lists the full names alone", () => {
    for (const { schema } of [withZod(), withValibot()]) {
      expect(Object.keys(schema.event)).toEqual(["user:created", "user:renamed"]);
      expect("created" in schema.event).toBe(true);
      expect("deleted" in schema.event).toBe(false);
    }
  });

  test("follows the separator", () => {
    const options = { event: { created: z.object({}) }, state: z.object({}), namespaceSeparator: "/" } as const;
    const schema = defineSchema("user", { schema: zod(options), initialEventName: "user/created" });
    expect(Object.keys(schema.event)).toEqual(["user/created"]);
    expect(schema.event["user/created"].shape.eventName.value).toBe("user/created");
  });
});

test("an event whose short name is another one's full name is refused, through every bridge", () => {
  const event = { created: z.object({}), "user:created": z.object({}) };
  const withZod = () =>
    defineSchema("user", { schema: zod({ event, state: z.object({}) }), initialEventName: "user:created" });
  const withValibot = () =>
    defineSchema("user", {
      schema: valibot({ event: { created: v.object({}), "user:created": v.object({}) }, state: v.object({}) }),
      initialEventName: "user:created",
    });
  for (const define of [withZod, withValibot]) {
    expect(define).toThrow(ValidationError);
    expect(define).toThrow(/"user:created".+"created"/);
  }
});

describe("schema.state", () => {
  test("is the very object that was given", () => {
    for (const { schema, state } of [withZod(), withValibot()]) expect(schema.state).toBe(state);
  });
});
