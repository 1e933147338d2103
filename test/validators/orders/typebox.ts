import { defineReducer, defineSchema, Entity } from "ventyd";
import { Type, typebox } from "ventyd/typebox";
import { decimal, isoTime, reduceOrder } from "../order.ts";

const Payment = Type.Union([
  Type.Object({ kind: Type.Literal("card"), last4: Type.String() }),
  Type.Object({ kind: Type.Literal("invoice"), dueInDays: Type.Number() }),
]);
const event = {
  placed: Type.Object({
    customer: Type.String({ minLength: 1 }),
    lines: Type.Array(
      Type.Object({ sku: Type.String(), quantity: Type.Integer({ minimum: 1 }), note: Type.Optional(Type.String()) }),
      { minItems: 1 },
    ),
    payment: Payment,
    placedAt: Type.Codec(Type.String({ pattern: isoTime }))
      .Decode((text) => new Date(text))
      .Encode((date) => date.toISOString()),
    discounts: Type.Array(Type.Array(Type.Number())),
    gift: Type.Optional(Type.Boolean()),
  }),
  shipped: Type.Object({
    carrier: Type.String({ default: "post" }),
    stops: Type.Array(Type.String(), { default: [] }),
  }),
  repriced: Type.Object({
    total: Type.Codec(Type.String({ pattern: decimal }))
      .Decode(Number)
      .Encode(String),
  }),
  paid: Payment,
  cancelled: Type.Object({ reason: Type.Optional(Type.String()) }),
};
const state = Type.Object({
  status: Type.Union([Type.Literal("open"), Type.Literal("paid"), Type.Literal("cancelled")]),
  total: Type.Number(),
  carriers: Type.Array(Type.String()),
  year: Type.Number(),
  seen: Type.Array(Type.String()),
});

const schema = defineSchema("order", { schema: typebox({ event, state }), initialEventName: "order:placed" });
export const Order = Entity(schema, defineReducer(schema, reduceOrder), { checks: "throw" });
