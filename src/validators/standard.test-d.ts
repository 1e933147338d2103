import { describe, expectTypeOf, test } from "vitest";
import { Entity } from "../entity/entity.ts";
import { mutation } from "../entity/mutation.ts";
import { defineSchema } from "../schema/define-schema.ts";
import type { BaseEventType, EventOf } from "../schema/event.ts";
import type {
  InferEventBodyFromSchema,
  InferEventFromSchema,
  InferEventInputFromSchema,
  InferEventNameFromSchema,
  InferStateFromSchema,
} from "../schema/infer.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { standard } from "./standard.ts";
import { v } from "./valibot.ts";
import { z } from "./zod.ts";

const envelope = {
  eventId: z.string(),
  eventCreatedAt: z.string(),
  entityId: z.string(),
  entityName: z.literal("user"),
  version: z.number().optional(),
};
const events = {
  "user:created": z.object({
    ...envelope,
    eventName: z.literal("user:created"),
    body: z.object({ at: z.coerce.date(), tags: z.array(z.string()).default([]) }),
  }),
  "user:renamed": z.object({
    ...envelope,
    eventName: z.literal("user:renamed"),
    body: z.object({ name: z.string().transform((name) => name.length) }),
  }),
};
const state = z.object({ name: z.string() });

type Created = { at: Date; tags: string[] };

describe("standard over whole events", () => {
  const inferred = defineSchema("user", {
    schema: standard({ event: events, state }),
    initialEventName: "user:created",
  });
  const explicit = defineSchema("user", {
    schema: standard<"user", typeof events, typeof state>({ event: events, state }),
    initialEventName: "user:created",
  });

  test("infers the events as their schemas make them, with or without its three type arguments", () => {
    expectTypeOf(explicit).toEqualTypeOf(inferred);
    expectTypeOf<InferEventNameFromSchema<typeof inferred>>().toEqualTypeOf<"user:created" | "user:renamed">();
    expectTypeOf<InferEventFromSchema<typeof inferred>>().toEqualTypeOf<
      z.infer<(typeof events)["user:created"]> | z.infer<(typeof events)["user:renamed"]>
    >();
    expectTypeOf<InferEventBodyFromSchema<typeof inferred, "user:created">>().toEqualTypeOf<Created>();
    expectTypeOf<InferStateFromSchema<typeof inferred>>().toEqualTypeOf<{ name: string }>();
  });

  test("infers what callers give from what the schemas take", () => {
    expectTypeOf<InferEventInputFromSchema<typeof inferred, "user:created">>().toEqualTypeOf<{
      at: unknown;
      tags?: string[] | undefined;
    }>();
    expectTypeOf<InferEventInputFromSchema<typeof inferred, "user:renamed">>().toEqualTypeOf<{ name: string }>();
    class User extends Entity(inferred, (before) => before) {
      rename = mutation(this, (dispatch, name: string) => {
        dispatch("user:renamed", { name });
        // @ts-expect-error that is the output
        dispatch("user:renamed", { name: 5 });
        // @ts-expect-error there is no such event
        dispatch("user:gone", {});
      });
    }
    User.create({ body: { at: "2026-01-01" } });
    // @ts-expect-error `at` is missing
    User.create({ body: {} });
  });

  test("takes the body as it is made, where a library does not tell what it takes", () => {
    type Made = EventOf<"user", "user:made", { n: number }>;
    const schema = defineSchema("user", {
      schema: standard({ event: { "user:made": {} as StandardSchemaV1<unknown, Made> }, state }),
      initialEventName: "user:made",
    });
    expectTypeOf<InferEventInputFromSchema<typeof schema, "user:made">>().toEqualTypeOf<{ n: number }>();
  });

  test("takes the schemas of events only", () => {
    // @ts-expect-error that makes no event
    standard({ event: { "user:created": z.object({ name: z.string() }) }, state });
    // @ts-expect-error that is no schema
    standard({ event: { "user:created": {} as BaseEventType }, state });
    // @ts-expect-error there is no such event
    defineSchema("user", { schema: standard({ event: events, state }), initialEventName: "user:gone" });
  });

  test("adds no key to the schema", () => {
    // @ts-expect-error there is none
    inferred.event;
    // @ts-expect-error there is none
    inferred.state;
  });
});

describe("standard over bodies", () => {
  const schema = defineSchema("user", {
    schema: standard({
      body: {
        created: z.object({ at: z.coerce.date(), tags: z.array(z.string()).default([]) }),
        renamed: v.object({ name: v.pipe(v.string(), v.transform(Number)) }),
        hand: {} as StandardSchemaV1<{ n: string }, { n: number }>,
      },
      state: v.object({ name: v.string() }),
    }),
    initialEventName: ["user:created", "user:hand"],
  });

  test("infers full names, inputs and outputs, of libraries that are mixed", () => {
    expectTypeOf<InferEventFromSchema<typeof schema>>().toEqualTypeOf<
      | EventOf<"user", "user:created", Created>
      | EventOf<"user", "user:renamed", { name: number }>
      | EventOf<"user", "user:hand", { n: number }>
    >();
    expectTypeOf<InferEventInputFromSchema<typeof schema, "user:renamed">>().toEqualTypeOf<{ name: string }>();
    expectTypeOf<InferEventInputFromSchema<typeof schema, "user:hand">>().toEqualTypeOf<{ n: string }>();
    expectTypeOf<InferStateFromSchema<typeof schema>>().toEqualTypeOf<{ name: string }>();
  });

  test("follows the separator", () => {
    const other = defineSchema("user", {
      schema: standard({ body: { created: z.object({}) }, state, namespaceSeparator: "/" }),
      initialEventName: "user/created",
    });
    expectTypeOf<InferEventNameFromSchema<typeof other>>().toEqualTypeOf<"user/created">();
    defineSchema("user", {
      schema: standard({ body: { created: z.object({}) }, state }),
      // @ts-expect-error the separator is ":"
      initialEventName: "user/created",
    });
  });

  test("takes schemas only", () => {
    // @ts-expect-error that is no schema
    standard({ body: { created: { name: "string" } }, state });
    // @ts-expect-error bodies or whole events
    standard({ state });
  });
});
