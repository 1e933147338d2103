import type { EntityCommit } from "ventyd";
import { createMemoryStore, type MemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { commitOf, thing, upTo } from "../../src/testing/contract/events.ts";

const event = { body: { text: "x".repeat(85) }, metadata: { actor: "alice" } };

/** Appends commits one by one; answers with the microseconds of one append, the median of each thousand. */
async function costs(store: MemoryStore, count: number, commit: (n: number) => EntityCommit): Promise<number[]> {
  const medians: number[] = [];
  for (let n = 0; n < count; ) {
    const times: number[] = [];
    for (const end = n + 1_000; n < end; n++) {
      const commits = [commit(n)];
      const start = performance.now();
      const [row] = await store.append(commits);
      times.push((performance.now() - start) * 1000);
      if (row?.status !== "written") throw new Error(`append ${n} was ${row?.status}`);
    }
    medians.push(median(times));
  }
  return medians;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

/** What is linear in something that grows ten times as large grows with it; what other programs do to the machine does not reach this far. */
function expectFlat(costs: readonly number[]): void {
  const tenth = Math.floor(costs.length / 10);
  const [early, late] = [costs.slice(tenth, 2 * tenth), costs.slice(-tenth)].map(median) as [number, number];
  expect(late).toBeLessThan(3 * early + 5);
}

test("an append costs as much after 100,000 events as after 10,000", async () => {
  const store = createMemoryStore();
  expectFlat(await costs(store, 100_000, (n) => commitOf(`t${n % 1_000}`, Math.floor(n / 1_000), [event])));
  expect((await store.status()).frontier).toBe(100_000);
  expect(await store.load({ ...thing, entityId: "t7" })).toHaveLength(100);
});

test.for<[string, (n: number) => EntityCommit]>([
  ["to one entity that grows", (n) => commitOf("t", n, [event])],
  ["that creates an entity", (n) => commitOf(`t${n}`, 0, [event])],
  ["under a key of its own", (n) => commitOf("t", "any", [event], { idempotencyKey: `k${n}` })],
])("so does an append %s", async ([, commit]) => {
  expectFlat(await costs(createMemoryStore(), 30_000, commit));
});

test("so does an append inside a transaction that has written much", async () => {
  const store = createMemoryStore();
  await store.transaction(
    async () => expectFlat(await costs(store, 30_000, (n) => commitOf(`t${n % 100}`, "any", [event]))),
    { timeout: 60_000 },
  );
});

test("loading the end of an entity costs as much as loading a short one", async () => {
  const store = createMemoryStore();
  const loads = async (afterVersion: number) => {
    const times: number[] = [];
    for (let n = 0; n < 2_000; n++) {
      const start = performance.now();
      await store.load({ ...thing, afterVersion });
      times.push(performance.now() - start);
    }
    return median(times) * 1000;
  };
  await store.append([commitOf("t", 0, Array(10).fill(event))]);
  const short = await loads(0);
  await store.append([commitOf("t", 10, Array(100_000).fill(event))]);
  expect(await loads(100_000)).toBeLessThan(3 * short + 5);
});

test("listing entities page by page does not sort them anew for each page", async () => {
  const store = createMemoryStore();
  const count = 30_000;
  // Their ids come in no order.
  await store.append(upTo(count).map((n) => commitOf(`t${(n * 7_919) % count}`, 0, [{}])));
  const timed = async (after: string) => {
    const start = performance.now();
    expect(await store.entities({ entityName: "thing", after })).toHaveLength(100);
    return performance.now() - start;
  };
  const first = await timed("");
  const later: number[] = [];
  for (let n = 1; n <= 50; n++) later.push(await timed(`t1${n}`));
  expect(median(later)).toBeLessThan(first / 5);
});
