import { defineReducer, defineSchema, Entity } from "ventyd";
import { standard } from "ventyd/standard";
import * as z from "zod/mini";
import { decimal, isoTime, reduceOrder } from "../order.ts";

const payment = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("card"), last4: z.string() }),
  z.object({ kind: z.literal("invoice"), dueInDays: z.number() }),
]);
const body = {
  placed: z.object({
    customer: z.string().check(z.minLength(1)),
    lines: z
      .array(z.object({ sku: z.string(), quantity: z.int().check(z.minimum(1)), note: z.optional(z.string()) }))
      .check(z.minLength(1)),
    payment,
    placedAt: z.pipe(
      z.string().check(z.regex(isoTime)),
      z.transform((text) => new Date(text)),
    ),
    discounts: z.array(z.array(z.number())),
    gift: z.optional(z.boolean()),
  }),
  shipped: z.object({ carrier: z._default(z.string(), "post"), stops: z._default(z.array(z.string()), []) }),
  repriced: z.object({ total: z.pipe(z.string().check(z.regex(decimal)), z.transform(Number)) }),
  paid: payment,
  cancelled: z.object({ reason: z.optional(z.string()) }),
};
const state = z.object({
  status: z.enum(["open", "paid", "cancelled"]),
  total: z.number(),
  carriers: z.array(z.string()),
  year: z.number(),
  seen: z.array(z.string()),
});

const schema = defineSchema("order", { schema: standard({ body, state }), initialEventName: "order:placed" });
export const Order = Entity(schema, defineReducer(schema, reduceOrder), { checks: "throw" });
