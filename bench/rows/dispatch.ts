import * as v from "valibot";
import { compareMicroseconds } from "../compare.ts";
import { amended, bodies, Order, orderReducer, placed, ValibotOrder, valibotBodies } from "../order.ts";
import type { Row } from "../row.ts";

const parsers = {
  zod: {
    create: () => Order.create({ entityId: "1", body: placed }),
    parse: (body: unknown) => bodies.amended.parse(body),
  },
  valibot: {
    create: () => ValibotOrder.create({ entityId: "1", body: placed }),
    parse: (body: unknown) => v.parse(valibotBodies.amended, body),
  },
};

const envelope = {
  eventId: "1",
  eventCreatedAt: "2026-01-31T09:30:00.000Z",
  eventName: "order:amended",
  entityId: "1",
  entityName: "order",
} as const;

/** What a dispatch costs besides the validator and the reducer: the mutation, the event, the copies. */
export const dispatchRows = (["zod", "valibot"] as const).map((name): Row => {
  const { create, parse } = parsers[name];
  return {
    name: `dispatch beside parse + reducer (${name}; informative)`,
    unit: "µs",
    measure: (seconds) =>
      compareMicroseconds(
        (times) => {
          // Anew for each slice: a queue that grows without a commit is nobody's use.
          let order = create();
          for (let n = 1; n <= times; n++) {
            if (n % 100 === 0) order = create();
            order.amend(amended);
          }
        },
        (times) => {
          let state = { customer: "", total: 0, amendments: 0 };
          for (let n = 0; n < times; n++) state = orderReducer(state, { ...envelope, body: parse(amended) });
        },
        seconds,
      ),
  };
});
