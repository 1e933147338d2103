import { createRepository } from "ventyd";
import { compare } from "../compare.ts";
import { amended, Order, placed, who } from "../order.ts";
import type { Row } from "../row.ts";
import { storeOrder } from "../rows/load.ts";
import type { Peer } from "./peer.ts";
import { inMemory, onPostgres, onSqlite } from "./place.ts";

export const loadRows = [onPostgres, onSqlite, inMemory].flatMap((kind) =>
  [1_000, 10_000].map(
    (count): Row => ({
      name: `${kind.name}: load of ${count.toLocaleString("en")} events`,
      unit: "ms",
      goal: { atMost: 1 },
      measure: (seconds) =>
        kind.with(1, async ({ store, peer }) => {
          await storeOrder(store, "order-1", count);
          await storeTheirOrder(peer, "order-1", count);
          // None of the peers validates what it loads.
          const orders = createRepository(Order, { adapter: store, loadValidation: "write" });
          return compare(
            async (times) => {
              for (let n = 0; n < times; n++) await orders.findOneOrThrow({ entityId: "order-1" });
            },
            async (times) => {
              for (let n = 0; n < times; n++) await peer.load("order-1");
            },
            seconds,
          );
        }),
    }),
  ),
);

async function storeTheirOrder(peer: Peer, entityId: string, count: number): Promise<void> {
  await peer.append(entityId, 0, [{ name: "order:placed", body: placed, metadata: who }]);
  const pageSize = 500;
  for (let version = 1; version < count; version += pageSize) {
    const length = Math.min(pageSize, count - version);
    const events = Array.from({ length }, () => ({ name: "order:amended", body: amended, metadata: who }));
    await peer.append(entityId, version, events);
  }
}
