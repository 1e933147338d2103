import { createRepository, defineSchema, Entity, mutation } from "ventyd";
import { defineEntity, defineReducer } from "ventyd/immer";
import { createMemoryStore } from "ventyd/memory";
import { z, zod } from "ventyd/zod";

declare const console: { log(line: string): void };

const list = z.object({ items: z.array(z.string()), note: z.string().optional() });
const item = z.object({ item: z.string() });
const schema = defineSchema("list", {
  schema: zod({ event: { started: list, added: item }, state: list }),
  initialEventName: "list:started",
});
const reducer = defineReducer(schema, {
  "list:started": (_, { body }) => body,
  "list:added": (draft, { body }) => {
    draft.items.push(body.item);
    // @ts-expect-error they are counted in numbers
    draft.items.length satisfies string;
  },
});
class List extends Entity(schema, reducer) {
  add = mutation(this, (dispatch, text: string) => dispatch("list:added", { item: text }));
}

const Basket = defineEntity("basket", {
  state: list,
  events: { started: list, added: item },
  initial: "started",
  reduce: {
    started: (_, { body }) => body,
    added: (draft, { body }) => {
      draft.items.push(body.item);
    },
  },
  mutations: { add: ({ dispatch }, text: string) => dispatch("added", { item: text }) },
});

async function main() {
  const store = createMemoryStore();
  const lists = createRepository(List, { adapter: store });
  const baskets = createRepository(Basket, { adapter: store });
  await lists.create({ entityId: "1", body: { items: ["a"] } });
  await lists.mutate({ entityId: "1" }, (found) => found.add("b"));
  await baskets.create({ entityId: "1", body: { items: [] } });
  await baskets.mutate({ entityId: "1" }, (found) => found.add("c"));
  const [, added] = await lists.history({ entityId: "1" });
  const basket = await baskets.findOneOrThrow({ entityId: "1" });
  // @ts-expect-error items are text
  const items: number[] = basket.state.items;
  console.log(JSON.stringify([added?.before, added?.after, items]));
}

void main();
