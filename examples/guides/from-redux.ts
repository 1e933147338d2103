import Database from "better-sqlite3";
import { createRepository, defineEntity, type Plugin } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z } from "zod";

// #region entity
const Item = z.object({ sku: z.string(), quantity: z.int().positive(), price: z.int() });
const CartState = z.object({ items: z.array(Item), status: z.enum(["open", "ordered"]) });
type CartState = z.infer<typeof CartState>;

export const Cart = defineEntity("cart", {
  state: CartState,
  events: { opened: z.object({}), item_added: Item, ordered: z.object({}) },
  initial: "opened",
  reduce: {
    opened: () => ({ items: [], status: "open" }),
    item_added: (cart, { body }) => ({ ...cart, items: [...cart.items, body] }),
    ordered: (cart) => ({ ...cart, status: "ordered" }),
  },
  mutations: {
    addItem: ({ state, dispatch }, item: z.input<typeof Item>) => {
      if (state.status === "ordered") throw new Error("This cart is ordered already");
      dispatch("item_added", item);
    },
    order: ({ state, dispatch }) => {
      if (state.status === "ordered") throw new Error("This cart is ordered already");
      if (state.items.length === 0) throw new Error("This cart is empty");
      dispatch("ordered", {});
    },
  },
});
// #endregion

// #region plugin
const logger: Plugin<typeof Cart.schema> = {
  onCommitted({ entityId, events, state }) {
    for (const event of events) console.log(event.eventName, entityId, state.status);
  },
};
// #endregion

// #region store
const store = createSqliteStore(new Database(":memory:")); // or a file
await store.migrate();
const carts = createRepository(Cart, { adapter: store, plugins: [logger] });

const { entity } = await carts.create({ entityId: "ann", body: {} });
entity.addItem({ sku: "book", quantity: 2, price: 1_500 });
await carts.commit(entity);

await carts.mutate({ entityId: "ann" }, (cart) => cart.order()); // load, change, commit
// => cart:opened ann open
// => cart:item_added ann open
// => cart:ordered ann ordered
// #endregion

// #region selector
const total = (cart: CartState) => cart.items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);

const cart = await carts.findOneOrThrow({ entityId: "ann" });
console.log(total(cart.state)); // => 3000
// #endregion

// #region fold
const added = new Map<string, number>();
for await (const { body } of store.read({ eventNames: ["cart:item_added"] })) {
  const { sku, quantity } = Item.parse(body);
  added.set(sku, (added.get(sku) ?? 0) + quantity);
}
console.log(added); // => Map(1) { 'book' => 2 }
// #endregion

// #region history
for (const { event, changes } of await carts.history({ entityId: "ann", after: 1 })) {
  const paths = changes.map(({ path }) => path);
  console.log(event.version, event.eventName, paths);
}
// => 2 cart:item_added [ '/items/-' ]
// => 3 cart:ordered [ '/status' ]

const earlier = await carts.findOneOrThrow({ entityId: "ann", version: 1 }); // or { at: "2026-01-31T09:30:00Z" }
console.log(earlier.state.items.length); // => 0

await carts.rollback({ entityId: "ann", toVersion: 2 }, { actor: "ann", reason: "Forgot the voucher" });
// => cart:$rolled_back ann open
// #endregion
