import { defineReducer, defineSchema, Entity } from "ventyd";
import { arktype, type } from "ventyd/arktype";
import { decimal, isoTime, reduceOrder } from "../order.ts";

const payment = type({ kind: "'card'", last4: "string" }).or({ kind: "'invoice'", dueInDays: "number" });
const event = {
  placed: type({
    customer: "string > 0",
    lines: type({ sku: "string", quantity: "number.integer >= 1", "note?": "string" }).array().atLeastLength(1),
    payment,
    placedAt: type(isoTime).pipe((text) => new Date(text)),
    discounts: "number[][]",
    "gift?": "boolean",
  }),
  shipped: type({ carrier: "string = 'post'", stops: type("string[]").default(() => []) }),
  repriced: type({ total: type(decimal).pipe(Number) }),
  paid: payment,
  cancelled: type({ "reason?": "string" }),
};
const state = type({
  status: "'open' | 'paid' | 'cancelled'",
  total: "number",
  carriers: "string[]",
  year: "number",
  seen: "string[]",
});

const schema = defineSchema("order", { schema: arktype({ event, state }), initialEventName: "order:placed" });
export const Order = Entity(schema, defineReducer(schema, reduceOrder), { checks: "throw" });
