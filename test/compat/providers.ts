import { defineSchema } from "ventyd";
import { arktype, type } from "ventyd/arktype";
import { standard } from "ventyd/standard";
import { Type, typebox } from "ventyd/typebox";
import { Type as Type0, typebox as typebox0 } from "ventyd/typebox0";
import { v, valibot } from "ventyd/valibot";
import { z, zod } from "ventyd/zod";
import { z as z3 } from "zod3";

const envelopes = {
  "user:created": v.object({
    eventId: v.string(),
    eventCreatedAt: v.string(),
    eventName: v.literal("user:created"),
    entityName: v.string(),
    entityId: v.string(),
    body: v.object({ nickname: v.string(), bio: v.optional(v.string()) }),
    version: v.optional(v.number()),
  }),
  "user:renamed": v.object({
    eventId: v.string(),
    eventCreatedAt: v.string(),
    eventName: v.literal("user:renamed"),
    entityName: v.string(),
    entityId: v.string(),
    body: v.object({ nickname: v.string() }),
    version: v.optional(v.number()),
  }),
};
const standardState = v.object({ nickname: v.string(), bio: v.optional(v.string()) });

/** One and the same user, declared with each provider. */
export const userSchemas = {
  standard: defineSchema("user", {
    schema: standard<"user", typeof envelopes, typeof standardState>({ event: envelopes, state: standardState }),
    initialEventName: "user:created",
  }),
  valibot: defineSchema("user", {
    schema: valibot({
      event: {
        created: v.object({ nickname: v.string(), bio: v.optional(v.string()) }),
        renamed: v.object({ nickname: v.string() }),
      },
      state: v.object({ nickname: v.string(), bio: v.optional(v.string()) }),
    }),
    initialEventName: "user:created",
  }),
  zod: defineSchema("user", {
    schema: zod({
      event: {
        created: z.object({ nickname: z.string(), bio: z.optional(z.string()) }),
        renamed: z.object({ nickname: z.string() }),
      },
      state: z.object({ nickname: z.string(), bio: z.optional(z.string()) }),
    }),
    initialEventName: "user:created",
  }),
  "zod 3": defineSchema("user", {
    schema: zod({
      event: {
        created: z3.object({ nickname: z3.string(), bio: z3.optional(z3.string()) }),
        renamed: z3.object({ nickname: z3.string() }),
      },
      state: z3.object({ nickname: z3.string(), bio: z3.optional(z3.string()) }),
    }),
    initialEventName: "user:created",
  }),
  arktype: defineSchema("user", {
    schema: arktype({
      event: { created: type({ nickname: "string", "bio?": "string" }), renamed: type({ nickname: "string" }) },
      state: type({ nickname: "string", "bio?": "string" }),
    }),
    initialEventName: "user:created",
  }),
  typebox: defineSchema("user", {
    schema: typebox({
      event: {
        created: Type.Object({ nickname: Type.String(), bio: Type.Optional(Type.String()) }),
        renamed: Type.Object({ nickname: Type.String() }),
      },
      state: Type.Object({ nickname: Type.String(), bio: Type.Optional(Type.String()) }),
    }),
    initialEventName: "user:created",
  }),
  typebox0: defineSchema("user", {
    schema: typebox0({
      event: {
        created: Type0.Object({ nickname: Type0.String(), bio: Type0.Optional(Type0.String()) }),
        renamed: Type0.Object({ nickname: Type0.String() }),
      },
      state: Type0.Object({ nickname: Type0.String(), bio: Type0.Optional(Type0.String()) }),
    }),
    initialEventName: "user:created",
  }),
};

/** An event as it is stored. */
export function userEvent(overrides: object = {}) {
  return {
    eventId: "e1",
    eventCreatedAt: "2024-01-01T00:00:00.000Z",
    eventName: "user:created",
    entityId: "u1",
    entityName: "user",
    body: { nickname: "alice" },
    version: 1,
    ...overrides,
  };
}
