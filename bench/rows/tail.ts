import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createRepository } from "ventyd";
import { quantile } from "../compare.ts";
import { type Databases, withDatabases } from "../databases.ts";
import { Order } from "../order.ts";
import type { Row } from "../row.ts";
import { writeOrders } from "../tail-writer.ts";

/** Milliseconds. */
const limit = 20;

const writers = {
  "in the same process": async ({ store }: Databases, count: number) =>
    writeOrders(createRepository(Order, { adapter: store }), count),
  "from another process": async ({ file }: Databases, count: number) => {
    const child = fork(path.join(import.meta.dirname, "../tail-writer.ts"), [file, String(count)]);
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`The process that writes ended with exit code ${code}.`);
  },
};

export const tailRows = Object.entries(writers).map(
  ([where, write]): Row => ({
    name: `tail: commit to subscriber, SQLite, p99, ${where}`,
    unit: "ms",
    goal: { atMost: 1 },
    measure: (seconds) =>
      withDatabases("NORMAL", async (databases) => {
        const { store } = databases;
        const count = Math.ceil(seconds * 100);
        const latencies: number[] = [];
        const events = store.subscribe({ after: 0 });
        const writing = write(databases, count);
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
);
