import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";
import pg from "pg";
import { type EmmettEvent, emmettState, toEmmett } from "../emmett.ts";
import type { OpenPeer } from "../peer.ts";

export const openPeer: OpenPeer = async ({ place, connections }) => {
  const pool = new pg.Pool({ connectionString: place, max: connections });
  const store = getPostgreSQLEventStore(place, { connectionOptions: { pool } });
  await store.schema.migrate();
  return {
    async append(entityId, expectedVersion, events) {
      await store.appendToStream(entityId, events.map(toEmmett), { expectedStreamVersion: BigInt(expectedVersion) });
    },
    load: (entityId) => store.aggregateStream(entityId, emmettState),
    subscribe(onBody) {
      const consumer = store.consumer<EmmettEvent>();
      consumer.reactor({
        processorId: crypto.randomUUID(),
        startFrom: "BEGINNING",
        eachMessage: ({ data }) => onBody(data),
      });
      const ended = consumer.start();
      return async () => {
        await consumer.close();
        await ended;
      };
    },
    async close() {
      await store.close();
      await pool.end();
    },
  };
};
