import { defineReducer, defineSchema, Entity } from "ventyd";
import { standard } from "ventyd/standard";
import { zod } from "ventyd/zod";
import { z } from "zod3";
import { decimal, isoTime, reduceOrder } from "../order.ts";

const payment = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("card"), last4: z.string() }),
  z.object({ kind: z.literal("invoice"), dueInDays: z.number() }),
]);
const event = {
  placed: z.object({
    customer: z.string().min(1),
    lines: z
      .array(z.object({ sku: z.string(), quantity: z.number().int().min(1), note: z.string().optional() }))
      .min(1),
    payment,
    placedAt: z
      .string()
      .regex(isoTime)
      .transform((text) => new Date(text)),
    discounts: z.array(z.array(z.number())),
    gift: z.boolean().optional(),
  }),
  shipped: z.object({ carrier: z.string().default("post"), stops: z.array(z.string()).default([]) }),
  repriced: z.object({ total: z.string().regex(decimal).transform(Number) }),
  paid: payment,
  cancelled: z.object({ reason: z.string().optional() }),
};
const state = z.object({
  status: z.enum(["open", "paid", "cancelled"]),
  total: z.number(),
  carriers: z.array(z.string()),
  year: z.number(),
  seen: z.array(z.string()),
});

const bridged = defineSchema("order", { schema: zod({ event, state }), initialEventName: "order:placed" });
export const Order = Entity(bridged, defineReducer(bridged, reduceOrder), { checks: "throw" });

const plain = defineSchema("order", { schema: standard({ body: event, state }), initialEventName: "order:placed" });
export const OrderByStandard = Entity(plain, defineReducer(plain, reduceOrder), { checks: "throw" });
