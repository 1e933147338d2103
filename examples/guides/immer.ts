import { defineSchema, Entity } from "ventyd";
import { defineEntity, defineReducer } from "ventyd/immer";
import { z, zod } from "ventyd/zod";

// #region entity
const Item = z.object({ sku: z.string(), quantity: z.number().int().positive() });
const CartState = z.object({ items: z.array(Item), status: z.enum(["open", "ordered"]) });

export const Cart = defineEntity("cart", {
  state: CartState,
  events: { opened: z.object({}), itemAdded: Item, ordered: z.object({}) },
  initial: "opened",
  reduce: {
    opened: () => ({ items: [], status: "open" }),
    itemAdded: (cart, { body }) => {
      const item = cart.items.find(({ sku }) => sku === body.sku);
      if (item === undefined) cart.items.push(body);
      else item.quantity += body.quantity;
    },
    ordered: (cart) => {
      cart.status = "ordered";
    },
  },
  mutations: {
    addItem: ({ dispatch }, sku: string, quantity = 1) => dispatch("itemAdded", { sku, quantity }),
    order: ({ dispatch }) => dispatch("ordered", {}),
  },
});
// #endregion

// #region reducer
const cartSchema = defineSchema("cart", {
  schema: zod({ event: { opened: z.object({}), itemAdded: Item, ordered: z.object({}) }, state: CartState }),
  initialEventName: "cart:opened",
});
const cartReducer = defineReducer(cartSchema, {
  "cart:opened": () => ({ items: [], status: "open" }),
  "cart:itemAdded": (cart, { body }) => {
    cart.items.push(body);
  },
  "cart:ordered": (cart) => {
    cart.status = "ordered";
  },
});
export class CartClass extends Entity(cartSchema, cartReducer) {}
// #endregion
