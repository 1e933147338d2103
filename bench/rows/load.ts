import type Database from "better-sqlite3";
import { createRepository, type EventStore } from "ventyd";
import { compare } from "../compare.ts";
import { withDatabases } from "../databases.ts";
import { amended, bodies, Order, orderReducer, placed, who } from "../order.ts";
import type { Row } from "../row.ts";

const columns =
  "event_id AS eventId, event_created_at AS eventCreatedAt, event_name AS eventName, entity_id AS entityId, entity_name AS entityName, version, body";

export const loadRows = [1_000, 10_000].flatMap((count): readonly Row[] =>
  [false, true].map((validates) => ({
    name: `load of ${count.toLocaleString("en")} events${validates ? " with validation (zod)" : ""}`,
    unit: "ms",
    goal: { atMost: 1.3 },
    measure: (seconds) =>
      withDatabases("NORMAL", async ({ store, database }) => {
        await storeOrder(store, "order-1", count);
        const orders = createRepository(Order, { adapter: store, loadValidation: validates ? "always" : "write" });
        const load = rawLoad(database, validates);
        return compare(
          async (times) => {
            for (let n = 0; n < times; n++) await orders.findOneOrThrow({ entityId: "order-1" });
          },
          (times) => {
            for (let n = 0; n < times; n++) load("order-1");
          },
          seconds,
        );
      }),
  })),
);

/** Stores an order of so many events. */
export async function storeOrder(store: EventStore, entityId: string, count: number): Promise<void> {
  const pageSize = 1_000;
  for (let expectedVersion = 0; expectedVersion < count; expectedVersion += pageSize) {
    const events = Array.from({ length: Math.min(pageSize, count - expectedVersion) }, (_, index) => {
      const isFirst = expectedVersion + index === 0;
      return {
        eventId: crypto.randomUUID(),
        eventName: isFirst ? "order:placed" : "order:amended",
        eventCreatedAt: new Date().toISOString(),
        body: isFirst ? placed : amended,
        metadata: who,
        bodyIsOutput: true,
      };
    });
    await store.append([{ entityName: "order", entityId, expectedVersion, events }]);
  }
}

/** What somebody would write by hand: select, parse the JSON, reduce. */
function rawLoad(database: Database.Database, validates: boolean): (entityId: string) => unknown {
  const select = database.prepare(
    `SELECT ${columns} FROM ventyd_log JOIN ventyd_content USING (position) WHERE tenant = '' AND entity_name = ? AND entity_id = ? ORDER BY version`,
  );
  return (entityId) => {
    let state = null as never;
    for (const event of select.all("order", entityId) as { eventName: string; body: unknown }[]) {
      event.body = JSON.parse(event.body as string);
      if (validates)
        event.body = (event.eventName === "order:placed" ? bodies.placed : bodies.amended).parse(event.body);
      state = orderReducer(state, event as never) as never;
    }
    return state;
  };
}
