import { getSQLiteEventStore, sqliteConnection } from "@event-driven-io/emmett-sqlite";
import { type EmmettEvent, emmettState, toEmmett } from "../emmett.ts";
import type { OpenPeer } from "../peer.ts";

export const openPeer: OpenPeer = async ({ place }) => {
  // With the store's own settings, appends in a row have failed with SQLITE_BUSY.
  const connection = sqliteConnection({ fileName: place });
  await connection.query("PRAGMA journal_mode = WAL");
  await connection.command("PRAGMA synchronous = FULL");
  const store = getSQLiteEventStore({ fileName: place, connectionOptions: { singleton: true, connection } });
  await store.schema.migrate();
  return {
    async append(entityId, expectedVersion, events) {
      await store.appendToStream(entityId, events.map(toEmmett), { expectedStreamVersion: BigInt(expectedVersion) });
    },
    load: (entityId) => store.aggregateStream(entityId, emmettState),
    subscribe(onBody) {
      const consumer = store.consumer<EmmettEvent>();
      consumer.processor<EmmettEvent>({
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
      connection.close();
    },
  };
};
