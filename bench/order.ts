import { defineReducer, defineSchema, Entity, mutation, type NewEvent } from "ventyd";
import { v, valibot } from "ventyd/valibot";
import { z, zod } from "ventyd/zod";

/** What every row is measured on: an entity with two kinds of events, three fields in each body. */
export const bodies = {
  placed: z.object({ customer: z.string(), quantity: z.number(), price: z.number() }),
  amended: z.object({ note: z.string(), quantity: z.number(), price: z.number() }),
};

export const placed = { customer: "Ann Smith, 12 Long Road", quantity: 2, price: 19.9 };
export const amended = { note: "Two more, please", quantity: 4, price: 18.5 };
export const who = { actor: "ann", reason: "The customer called" };

/** What a commit of one event hands to a store. */
export function newEvent(): NewEvent {
  return {
    eventId: crypto.randomUUID(),
    eventName: "order:amended",
    eventCreatedAt: new Date().toISOString(),
    body: amended,
    metadata: who,
    bodyIsOutput: true,
  };
}

const orderSchema = defineSchema("order", {
  schema: zod({ event: bodies, state: z.object({ customer: z.string(), total: z.number(), amendments: z.number() }) }),
  initialEventName: "order:placed",
});

interface OrderState {
  customer: string;
  total: number;
  amendments: number;
}

const handlers = {
  "order:placed": (_: null, { body }: { body: typeof placed }) => ({
    customer: body.customer,
    total: body.quantity * body.price,
    amendments: 0,
  }),
  "order:amended": (state: OrderState, { body }: { body: typeof amended }) => ({
    ...state,
    total: body.quantity * body.price,
    amendments: state.amendments + 1,
  }),
};

export const orderReducer = defineReducer(orderSchema, handlers);

export class Order extends Entity(orderSchema, orderReducer) {
  amend = mutation(this, (dispatch, body: typeof amended) => dispatch("order:amended", body));
}

/** The same with Valibot. */
export const valibotBodies = {
  placed: v.object({ customer: v.string(), quantity: v.number(), price: v.number() }),
  amended: v.object({ note: v.string(), quantity: v.number(), price: v.number() }),
};

const valibotSchema = defineSchema("order", {
  schema: valibot({
    event: valibotBodies,
    state: v.object({ customer: v.string(), total: v.number(), amendments: v.number() }),
  }),
  initialEventName: "order:placed",
});

export class ValibotOrder extends Entity(valibotSchema, defineReducer(valibotSchema, handlers)) {
  amend = mutation(this, (dispatch, body: typeof amended) => dispatch("order:amended", body));
}
