import { createRepository, defineEntity, defineReducer, defineSchema, Entity, mutation } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { z, zod } from "ventyd/zod";

// #region schema
export const orderSchema = defineSchema("order", {
  schema: zod({
    event: {
      placed: z.object({ lines: z.array(z.object({ sku: z.string(), quantity: z.int().positive() })) }),
      line_added: z.object({ sku: z.string(), quantity: z.int().positive() }),
      shipped: z.object({ parcel: z.string().min(1) }),
    },
    state: z.object({
      lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
      parcel: z.string().nullable(),
    }),
  }),
  initialEventName: "order:placed",
});
// #endregion

// #region reducer
export const orderReducer = defineReducer(orderSchema, {
  "order:placed": (_, { body }) => ({ lines: body.lines, parcel: null }),
  "order:line_added": (order, { body }) => ({ ...order, lines: [...order.lines, body] }),
  "order:shipped": (order, { body }) => ({ ...order, parcel: body.parcel }),
});
// #endregion

// #region class
export class Order extends Entity(orderSchema, orderReducer) {
  get isShipped(): boolean {
    return this.state.parcel !== null;
  }

  addLine = mutation(this, (dispatch, sku: string, quantity: number) => {
    if (this.isShipped) throw new Error("This order is shipped already");
    dispatch("order:line_added", { sku, quantity });
  });

  ship = mutation(this, (dispatch, parcel: string) => {
    if (this.isShipped) throw new Error("This order is shipped already");
    dispatch("order:shipped", { parcel });
  });

  shipWithGift = mutation(this, (_, parcel: string) => {
    this.addLine("gift", 1);
    this.ship(parcel); // when it throws, the gift is not added either
  });
}
// #endregion

// #region function
export const sameReducer = defineReducer(orderSchema, (order, event) => {
  switch (event.eventName) {
    case "order:placed":
      return { lines: event.body.lines, parcel: null };
    case "order:line_added":
      return { ...order, lines: [...order.lines, event.body] };
    case "order:shipped":
      return { ...order, parcel: event.body.parcel };
    default:
      return order;
  }
});
// #endregion

// #region extend
const Note = defineEntity("note", {
  state: z.object({ text: z.string() }),
  events: { written: z.object({ text: z.string() }), corrected: z.object({ text: z.string() }) },
  initial: "written",
  reduce: { written: (_, { body }) => body, corrected: (_, { body }) => body },
  mutations: { correct: ({ dispatch }, text: string) => dispatch("corrected", { text }) },
});

class WordyNote extends Note {
  get words(): number {
    return this.state.text.split(" ").length;
  }
}
// #endregion

const store = createMemoryStore();
const orders = createRepository(Order, { adapter: store });
const { entity } = await orders.create({ body: { lines: [{ sku: "book", quantity: 1 }] } });
await orders.mutate({ entityId: entity.entityId }, (order) => order.shipWithGift("parcel-9"));
const order = await orders.findOneOrThrow({ entityId: entity.entityId });
console.log(order.isShipped, order.state.lines.length); // => true 2
const error = await orders.mutate({ entityId: entity.entityId }, (order) => order.ship("10")).catch((error) => error);
console.log(error.message); // => This order is shipped already
const sameOrders = createRepository(Entity(orderSchema, sameReducer), { adapter: store });
const same = await sameOrders.findOneOrThrow({ entityId: entity.entityId });
console.log(same.state.lines.length, same.state.parcel); // => 2 parcel-9

const notes = createRepository(WordyNote, { adapter: store });
await notes.create({ entityId: "n1", body: { text: "one" } });
const { entity: note } = await notes.mutate({ entityId: "n1" }, (note) => note.correct("one two three"));
console.log(note.words); // => 3
