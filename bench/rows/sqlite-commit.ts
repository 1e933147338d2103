import type Database from "better-sqlite3";
import { createRepository } from "ventyd";
import { type Candidate, compareRates } from "../compare.ts";
import { withDatabases } from "../databases.ts";
import { amended, newEvent, Order, placed, who } from "../order.ts";
import type { Row } from "../row.ts";

export const sqliteCommitRows = (["FULL", "NORMAL"] as const).flatMap((synchronous): readonly Row[] => [
  {
    name: `sqlite: one commit of one event, synchronous ${synchronous}`,
    unit: "commits/s",
    goal: { atLeast: 0.8 },
    measure: (seconds) =>
      withDatabases(synchronous, ({ store, raw }) =>
        compareRates(
          async (times) => {
            const entityId = crypto.randomUUID();
            for (let expectedVersion = 0; expectedVersion < times; expectedVersion++)
              await store.append([{ entityName: "order", entityId, expectedVersion, events: [newEvent()] }]);
          },
          rawCommits(raw),
          seconds,
        ),
      ),
  },
  {
    name: `sqlite: one commit of one event, synchronous ${synchronous}, through repository.commit (informative)`,
    unit: "commits/s",
    measure: (seconds) =>
      withDatabases(synchronous, ({ store, raw }) => {
        const orders = createRepository(Order, { adapter: store });
        return compareRates(
          async (times) => {
            const order = Order.create({ body: placed });
            await orders.commit(order, who);
            for (let n = 1; n < times; n++) {
              order.amend(amended);
              await orders.commit(order, who);
            }
          },
          rawCommits(raw),
          seconds,
        );
      }),
  },
]);

/** Writes the same data with the driver alone: prepared statements, nothing looked at before. */
function rawCommits(raw: Database.Database): Candidate {
  const begin = raw.prepare("BEGIN IMMEDIATE");
  const commit = raw.prepare("COMMIT");
  const log = raw.prepare(
    "INSERT INTO ventyd_log (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms, actor, flags)" +
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const content = raw.prepare("INSERT INTO ventyd_content (position, body, metadata) VALUES (?, ?, ?)");
  return (times) => {
    const entityId = crypto.randomUUID();
    for (let version = 1; version <= times; version++) {
      const { eventId, eventName, eventCreatedAt, body, metadata } = newEvent();
      const { actor, ...rest } = metadata;
      const createdMs = Date.parse(eventCreatedAt);
      begin.run();
      const { lastInsertRowid } = log.run(
        "order",
        entityId,
        version,
        eventId,
        eventName,
        eventCreatedAt,
        createdMs,
        Date.now(),
        actor,
        1,
      );
      content.run(lastInsertRowid, JSON.stringify(body), JSON.stringify(rest));
      commit.run();
    }
  };
}
