import { defineReducer, defineSchema, Entity } from "ventyd";
import { v, valibot } from "ventyd/valibot";
import { decimal, isoTime, reduceOrder } from "../order.ts";

const payment = v.variant("kind", [
  v.object({ kind: v.literal("card"), last4: v.string() }),
  v.object({ kind: v.literal("invoice"), dueInDays: v.number() }),
]);
const event = {
  placed: v.object({
    customer: v.pipe(v.string(), v.minLength(1)),
    lines: v.pipe(
      v.array(
        v.object({
          sku: v.string(),
          quantity: v.pipe(v.number(), v.integer(), v.minValue(1)),
          note: v.optional(v.string()),
        }),
      ),
      v.minLength(1),
    ),
    payment,
    placedAt: v.pipe(
      v.string(),
      v.regex(isoTime),
      v.transform((text) => new Date(text)),
    ),
    discounts: v.array(v.array(v.number())),
    gift: v.optional(v.boolean()),
  }),
  shipped: v.object({ carrier: v.optional(v.string(), "post"), stops: v.optional(v.array(v.string()), []) }),
  repriced: v.object({ total: v.pipe(v.string(), v.regex(decimal), v.transform(Number)) }),
  paid: payment,
  cancelled: v.object({ reason: v.optional(v.string()) }),
};
const state = v.object({
  status: v.picklist(["open", "paid", "cancelled"]),
  total: v.number(),
  carriers: v.array(v.string()),
  year: v.number(),
  seen: v.array(v.string()),
});

const schema = defineSchema("order", { schema: valibot({ event, state }), initialEventName: "order:placed" });
export const Order = Entity(schema, defineReducer(schema, reduceOrder), { checks: "throw" });
