import { createRepository, type EventStore, type StoredEvent } from "ventyd";
import { amended, Order, placed, who } from "../order.ts";

/** What goes on all the time in a service: commits, loads, reads, subscriptions that come, wait and end. */
export interface Work {
  /** @returns what it has loaded and read. */
  round(): Promise<readonly unknown[]>;
  /** Ends the subscription that has listened all along. @returns how many events it has seen. */
  end(): Promise<number>;
}

export function startWork(store: EventStore): Work {
  const orders = createRepository(Order, { adapter: store, snapshot: { frequency: 5 } });
  const over = new AbortController();
  const listening = count(store.subscribe({ after: 0, signal: over.signal }));
  return {
    async round() {
      const order = Order.create({ body: placed });
      let { events } = await orders.commit(order, who);
      for (let n = 0; n < 5; n++) {
        order.amend(amended);
        ({ events } = await orders.commit(order, who));
      }
      const { entityId } = order;
      const loaded = await orders.findOneOrThrow({ entityId });
      const last = events[0]?.position ?? 0;
      const read: StoredEvent[] = [];
      for await (const event of store.read({ after: Math.max(0, last - 50) })) read.push(event);
      for await (const _ of store.subscribe({ after: last - 1 })) break;
      // One that waits for what does not come, until it is told to end.
      const ended = new AbortController();
      const waiting = count(store.subscribe({ after: last, entityNames: ["nobody"], signal: ended.signal }));
      setImmediate(() => ended.abort());
      await waiting;
      return [loaded, ...read];
    },
    end() {
      over.abort();
      return listening;
    },
  };
}

async function count(events: AsyncIterable<StoredEvent>): Promise<number> {
  let seen = 0;
  for await (const _ of events) seen++;
  return seen;
}
