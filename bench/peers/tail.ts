import { setTimeout } from "node:timers/promises";
import type { EventStore } from "ventyd";
import { quantile } from "../compare.ts";
import { newEvent, placed, who } from "../order.ts";
import type { Figures, Row } from "../row.ts";
import type { Peer } from "./peer.ts";
import { onPostgres, onSqlite, type Pair } from "./place.ts";

export const tailRows = [onPostgres, onSqlite].map(
  (kind): Row => ({
    name: `${kind.name}: tail, append to subscriber, p99`,
    unit: "ms",
    goal: { atMost: 1 },
    measure: (seconds) => kind.with(4, (pair) => compareTails(pair, seconds)),
  }),
);

async function compareTails({ store, peer }: Pair, seconds: number): Promise<Figures> {
  const count = Math.ceil(seconds * 50);
  const ours = tailOurs(store, count);
  const theirs = tailTheirs(peer, count);
  for (let n = 0; n < count; n++)
    for (const { append } of n % 2 === 0 ? [ours, theirs] : [theirs, ours]) {
      await setTimeout(2 + Math.random() * 10);
      // The price says when the call was.
      await append({ ...placed, price: performance.now() });
    }
  const [oursP99, theirsP99] = [p99(await ours.end()), p99(await theirs.end())];
  return { ours: oursP99, beside: theirsP99, ratio: oursP99 / theirsP99 };
}

interface Tail {
  append(body: typeof placed): Promise<unknown>;
  /** @returns milliseconds from the call to the subscriber, once all have come. */
  end(): Promise<readonly number[]>;
}

function tailOurs(store: EventStore, count: number): Tail {
  const latencies: number[] = [];
  const reading = (async () => {
    for await (const { body } of store.subscribe({ after: 0 })) {
      latencies.push(performance.now() - (body as typeof placed).price);
      if (latencies.length === count) break;
    }
  })();
  return {
    append: (body) =>
      store.append([
        {
          entityName: "order",
          entityId: crypto.randomUUID(),
          expectedVersion: 0,
          events: [{ ...newEvent(), eventName: "order:placed", body }],
        },
      ]),
    async end() {
      await reading;
      return latencies;
    },
  };
}

function tailTheirs(peer: Peer, count: number): Tail {
  if (peer.subscribe === undefined) throw new Error("This peer has no subscriptions.");
  const latencies: number[] = [];
  const all = Promise.withResolvers<void>();
  const unsubscribe = peer.subscribe((body) => {
    latencies.push(performance.now() - (body as typeof placed).price);
    if (latencies.length === count) all.resolve();
  });
  return {
    append: (body) => peer.append(crypto.randomUUID(), 0, [{ name: "order:placed", body, metadata: who }]),
    async end() {
      await all.promise;
      await unsubscribe();
      return latencies;
    },
  };
}

/** Without the first ones, which warm up the code. */
function p99(latencies: readonly number[]): number {
  return quantile(latencies.slice(10), 0.99);
}
