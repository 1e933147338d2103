import { defineSchema, Entity } from "ventyd";
import { standard } from "ventyd/standard";
import { v, valibot } from "ventyd/valibot";
import { z, zod } from "ventyd/zod";
import { describe, expect, test, vi } from "vitest";
import { userEvent, userSchemas } from "./providers.ts";

describe("section 3.1: defineSchema", () => {
  test("calls the provider once, with the entity's name, and gives back everything it returned", () => {
    const provider = vi.fn(() => ({
      parseEvent: (input: unknown) => input as ReturnType<typeof userEvent>,
      parseEventByName: (_: string, input: unknown) => input as never,
      parseState: (input: unknown) => input,
      extension: { of: "mine" },
    }));
    const schema = defineSchema("user", { schema: provider, initialEventName: "user:created" });
    expect(provider.mock.calls).toEqual([[{ entityName: "user" }]]);
    expect(schema.extension).toBe(provider.mock.results[0]?.value.extension);
    expect(schema).toMatchObject({ entityName: "user", initialEventName: "user:created" });
  });

  test("does not check the initial event's name: a misspelt one surfaces in create", () => {
    const schema = defineSchema("user", {
      schema: zod({ event: { created: z.object({}) }, state: z.object({}) }),
      initialEventName: "user:craeted" as "user:created",
    });
    expect(() => Entity(schema, (state) => state).create({ body: {} })).toThrow('"user:craeted" is not declared');
  });
});

describe("section 3.2: standard", () => {
  const schema = userSchemas.standard;

  test("takes schemas of whole events by full name, and has no `event` or `state` to show", () => {
    expect(schema).not.toHaveProperty("event");
    expect(schema).not.toHaveProperty("state");
    expect(schema.parseEvent(userEvent())).toEqual(userEvent());
    expect(schema.parseEventByName("user:created", userEvent())).toEqual(userEvent());
    expect(schema.parseState({ nickname: "alice", unknown: 1 })).toEqual({ nickname: "alice" });
  });

  test("does not take a schema that answers later", () => {
    const later = defineSchema("user", {
      schema: standard({
        event: {},
        state: { "~standard": { version: 1, vendor: "test", validate: async (value) => ({ value }) } },
      }),
      initialEventName: "user:created" as never,
    });
    expect(() => later.parseState({})).toThrow("Promise validation result is not supported");
  });
});

describe("section 3.3: the providers of libraries", () => {
  for (const [provider, schema] of Object.entries(userSchemas)) {
    test(`parse events by their own name, by a given one, and states (${provider})`, () => {
      expect(schema.parseEvent(userEvent())).toEqual(userEvent());
      const renamed = userEvent({ eventName: "user:renamed" });
      expect(schema.parseEventByName("user:renamed", renamed)).toEqual(renamed);
      expect(schema.parseState({ nickname: "alice" })).toEqual({ nickname: "alice" });
      expect(() => schema.parseEvent(userEvent({ body: { nickname: 5 } }))).toThrow(/body\.nickname/);
      expect(() => schema.parseEventByName("user:created", renamed)).toThrow(/eventName/);
      expect(() => schema.parseState({ nickname: 5 })).toThrow(/nickname/);
    });
  }

  for (const provider of ["valibot", "zod", "zod 3", "arktype", "typebox", "typebox0"] as const) {
    test(`[U] schema.event has full names to list, and answers to short ones too (${provider})`, () => {
      const { event } = userSchemas[provider] as typeof userSchemas.zod;
      expect(Object.keys(event)).toEqual(["user:created", "user:renamed"]);
      expect(event["user:created"]).toBeDefined();
      expect(event.created).toBe(event["user:created"]);
    });
  }

  test("schema.event holds schemas of the library itself, of the whole event", () => {
    expect(userSchemas.zod.event["user:created"].parse(userEvent())).toEqual(userEvent());
    expect(v.parse(userSchemas.valibot.event["user:created"], userEvent())).toEqual(userEvent());
    expect(() => userSchemas.zod.event.renamed.parse(userEvent())).toThrow();
  });

  test("[U] schema.state is the very object that was given", () => {
    const state = z.object({ nickname: z.string() });
    const schema = defineSchema("user", {
      schema: zod({ event: { created: z.object({}) }, state }),
      initialEventName: "user:created",
    });
    expect(schema.state).toBe(state);
  });

  test("[T] namespaceSeparator stands in the names", () => {
    const schema = defineSchema("product", {
      schema: valibot({
        event: { created: v.object({ price: v.number() }) },
        state: v.object({ price: v.number() }),
        namespaceSeparator: "/",
      }),
      initialEventName: "product/created",
    });
    const Product = Entity(schema, (_, { body }) => body as { price: number });
    expect(Product.create({ body: { price: 5 } }).uncommittedEvents[0]?.eventName).toBe("product/created");
    expect(Object.keys(schema.event)).toEqual(["product/created"]);
    expect(() => schema.parseEvent(userEvent({ eventName: "product:created" }))).toThrow("is not declared");
  });

  test("an empty map of events is accepted", () => {
    const schema = defineSchema("user", {
      schema: zod({ event: {}, state: z.object({}) }),
      initialEventName: "user:created" as never,
    });
    expect(() => schema.parseEvent(userEvent())).toThrow("is not declared");
  });
});
