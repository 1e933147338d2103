import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { BaselineAdapter, BaselineEntity, commitBaseline, defineBaseline } from "../baseline.ts";
import { compareRates } from "../compare.ts";
import { amended, bodies, Order, orderReducer, placed } from "../order.ts";
import type { Row } from "../row.ts";

const baseline = defineBaseline("order", bodies, "placed", orderReducer);

/** A stored entity gets so many events before the next one takes its place. */
const eventsPerEntity = 100;

export const memoryRows: readonly Row[] = [
  {
    name: "memory: create + commit (zod)",
    unit: "op/s",
    goal: { atLeast: 1.5 },
    measure: (seconds) =>
      compareRates(
        async (times) => {
          const orders = createRepository(Order, { adapter: createMemoryStore() });
          for (let n = 0; n < times; n++) await orders.commit(Order.create({ body: placed }));
        },
        async (times) => {
          const adapter = new BaselineAdapter();
          for (let n = 0; n < times; n++) await commitBaseline(adapter, new BaselineOrder(placed));
        },
        seconds,
      ),
  },
  {
    name: "memory: dispatch + commit (zod)",
    unit: "op/s",
    goal: { atLeast: 1 },
    measure: (seconds) =>
      compareRates(
        async (times) => {
          const orders = createRepository(Order, { adapter: createMemoryStore() });
          let order = Order.create({ body: placed });
          for (let n = 1; n <= times; n++) {
            if (n % eventsPerEntity === 0) order = Order.create({ body: placed });
            order.amend(amended);
            await orders.commit(order);
          }
        },
        async (times) => {
          const adapter = new BaselineAdapter();
          let order = new BaselineOrder(placed);
          for (let n = 1; n <= times; n++) {
            if (n % eventsPerEntity === 0) order = new BaselineOrder(placed);
            order.amend(amended);
            await commitBaseline(adapter, order);
          }
        },
        seconds,
      ),
  },
];

class BaselineOrder extends BaselineEntity<ReturnType<typeof orderReducer>> {
  amend = (body: typeof amended) => this.dispatch("order:amended", body);
  constructor(body: typeof placed) {
    super(baseline, body);
  }
}
