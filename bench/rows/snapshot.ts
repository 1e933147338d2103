import { createRepository } from "ventyd";
import { compare } from "../compare.ts";
import { withDatabases } from "../databases.ts";
import { amended, Order, who } from "../order.ts";
import type { Row } from "../row.ts";
import { storeOrder } from "./load.ts";

export const snapshotRows: readonly Row[] = [
  {
    name: "findOne with a fresh snapshot: 100,000 events / 100 events",
    unit: "ms",
    goal: { atMost: 1.1 },
    measure: (seconds) =>
      withDatabases("NORMAL", async ({ store, database }) => {
        const orders = createRepository(Order, { adapter: store, snapshot: { frequency: 100 } });
        const snapshot = database.prepare("SELECT 1 FROM ventyd_snapshots WHERE entity_id = ? AND version = ?");
        for (const count of [100, 100_000]) {
          const entityId = `order-${count}`;
          await storeOrder(store, entityId, count - 1);
          await orders.mutate({ entityId }, (order) => order.amend(amended), who);
          // Without it the row would measure something else.
          if (snapshot.get(entityId, count) === undefined) throw new Error(`No snapshot was kept of ${entityId}.`);
        }
        const find = (entityId: string) => async (times: number) => {
          for (let n = 0; n < times; n++) await orders.findOneOrThrow({ entityId });
        };
        return compare(find("order-100000"), find("order-100"), seconds);
      }),
  },
];
