import { setTimeout } from "node:timers/promises";
import { createRepository } from "ventyd";
import { compare } from "../compare.ts";
import { type Databases, withDatabases } from "../databases.ts";
import { amended, Order, who } from "../order.ts";
import { LeftOut, type Row } from "../row.ts";
import { storeOrder } from "./load.ts";

export const snapshotRows: readonly Row[] = [
  {
    name: "findOne with a fresh snapshot: 100,000 events / 100 events",
    unit: "ms",
    goal: { atMost: 1.1 },
    measure: (seconds) =>
      withDatabases("NORMAL", async (databases) => {
        const { store } = databases;
        const options = { adapter: store, snapshot: { frequency: 100 } };
        const orders = createRepository(Order, options);
        for (const count of [100, 100_000]) {
          const entityId = `order-${count}`;
          await storeOrder(store, entityId, count - 1);
          await orders.mutate({ entityId }, (order) => order.amend(amended), who);
          await untilSnapshot(databases, entityId, count);
        }
        const find = (entityId: string) => async (times: number) => {
          for (let n = 0; n < times; n++) await orders.findOneOrThrow({ entityId });
        };
        return compare(find("order-100000"), find("order-100"), seconds);
      }),
  },
];

/** A snapshot may be written after the commit that it belongs to was answered. */
async function untilSnapshot({ database }: Databases, entityId: string, version: number): Promise<void> {
  const select = database.prepare("SELECT 1 FROM ventyd_snapshots WHERE entity_id = ? AND version = ?");
  for (let tries = 0; select.get(entityId, version) === undefined; tries++) {
    if (tries === 200) throw new LeftOut("the repository keeps no snapshots yet");
    await setTimeout(10);
  }
}
