import { createRepository } from "ventyd";
import { compare } from "../compare.ts";
import { mysql } from "../mysql-database.ts";
import { Order, orderReducer } from "../order.ts";
import { postgres } from "../postgres-database.ts";
import type { Row } from "../row.ts";
import type { ServerDatabase } from "../server-database.ts";
import { storeOrder } from "./load.ts";

export const serverLoadRows = [postgres, mysql].flatMap((kind) =>
  [1_000, 10_000].map(
    (count): Row => ({
      name: `${kind.name}: load of ${count.toLocaleString("en")} events`,
      unit: "ms",
      goal: { atMost: 1.3 },
      measure: (seconds) =>
        kind.with(1, async (database) => {
          await storeOrder(database.store, "order-1", count);
          const orders = createRepository(Order, { adapter: database.store, loadValidation: "write" });
          return compare(
            async (times) => {
              for (let n = 0; n < times; n++) await orders.findOneOrThrow({ entityId: "order-1" });
            },
            async (times) => {
              for (let n = 0; n < times; n++) await rawLoad(database, "order-1");
            },
            seconds,
          );
        }),
    }),
  ),
);

/** What somebody would write by hand: select, parse the JSON, reduce. */
async function rawLoad({ select }: ServerDatabase, entityId: string): Promise<unknown> {
  let state = null as never;
  for (const event of await select(entityId)) {
    event.body = JSON.parse(event.body as string);
    state = orderReducer(state, event as never) as never;
  }
  return state;
}
