import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createRepository, type EventStore } from "ventyd";
import { quantile } from "../compare.ts";
import { withDatabases } from "../databases.ts";
import { Order } from "../order.ts";
import { postgres } from "../postgres-database.ts";
import type { Row } from "../row.ts";
import { writeOrders } from "../tail-writer.ts";

/** Milliseconds. */
const limit = 20;

interface Place {
  readonly store: EventStore;
  /** What the process that writes is told to open. */
  readonly place: string;
}

const stores = {
  SQLite: <T>(work: (at: Place) => Promise<T>) =>
    withDatabases("NORMAL", ({ store, file }) => work({ store, place: file })),
  PostgreSQL: <T>(work: (at: Place) => Promise<T>) => postgres.with(4, ({ store, url }) => work({ store, place: url })),
};

const writers = {
  "in the same process": async ({ store }: Place, count: number) =>
    writeOrders(createRepository(Order, { adapter: store }), count),
  "from another process": async ({ place }: Place, count: number) => {
    const child = fork(path.join(import.meta.dirname, "../tail-writer.ts"), [place, String(count)]);
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`The process that writes ended with exit code ${code}.`);
  },
};

export const tailRows = Object.entries(stores).flatMap(([name, withStore]) =>
  Object.entries(writers).map(
    ([where, write]): Row => ({
      name: `tail: commit to subscriber, ${name}, p99, ${where}`,
      unit: "ms",
      goal: { atMost: 1 },
      measure: (seconds) =>
        withStore(async (at) => {
          const count = Math.ceil(seconds * 100);
          const latencies: number[] = [];
          const events = at.store.subscribe({ after: 0 });
          const writing = write(at, count);
          for await (const { body } of events) {
            latencies.push(performance.timeOrigin + performance.now() - (body as { price: number }).price);
            if (latencies.length === count) break;
          }
          await writing;
          // The first ones warm up: the code, and the clock's own start.
          const p99 = quantile(latencies.slice(10), 0.99);
          return { ours: p99, beside: limit, ratio: p99 / limit };
        }),
    }),
  ),
);
