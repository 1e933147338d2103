import { EventStore, EventType } from "@castore/core";
import { InMemoryEventStorageAdapter } from "@castore/event-storage-adapter-in-memory";
import type { placed } from "../../order.ts";
import { evolveOrder, type OpenPeer, type OrderState, type PeerEvent } from "../peer.ts";

interface Aggregate extends OrderState {
  aggregateId: string;
  version: number;
}

const eventTypes = ["order:placed", "order:amended"].map(
  (type) => new EventType<string, PeerEvent["body"], PeerEvent["metadata"]>({ type }),
);

export const openPeer: OpenPeer = async () => {
  const store = new EventStore({
    eventStoreId: "orders",
    eventTypes,
    reducer: (aggregate: Aggregate, { aggregateId, version, type, payload }): Aggregate => ({
      ...evolveOrder(aggregate, type, payload as typeof placed),
      aggregateId,
      version,
    }),
    eventStorageAdapter: new InMemoryEventStorageAdapter(),
  });
  return {
    async append(aggregateId, expectedVersion, events) {
      let version = expectedVersion;
      for (const { name, body, metadata } of events)
        await store.pushEvent({ aggregateId, version: ++version, type: name, payload: body, metadata });
    },
    load: (aggregateId) => store.getExistingAggregate(aggregateId),
    async close() {},
  };
};
