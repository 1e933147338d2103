import {
  createRepository,
  defineEntity,
  defineReducer,
  defineSchema,
  Entity,
  type EventStore,
  mutation,
  type StoredEvent,
} from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { v, valibot } from "ventyd/valibot";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { upTo } from "../../src/testing/contract/events.ts";
import { openStore } from "../support/temp-database.ts";

/** The shortest of a few tries: what else the machine does makes them longer, never shorter. */
async function shortest(work: () => unknown, tries = 5): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < tries; turn++) {
    const start = performance.now();
    await work();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}

describe("T9: declaring 3,000 events takes about ten times as long as 300, not a hundred times,", () => {
  const body = z.object({ n: z.number() });
  const bodyOf = (count: number) => Object.fromEntries(upTo(count).map((n) => [`event${n}`, body]));
  const bodies = { 300: bodyOf(300), 3000: bodyOf(3_000) };
  const valibotBody = v.object({ n: v.number() });
  const valibotOf = (count: number) => Object.fromEntries(upTo(count).map((n) => [`event${n}`, valibotBody]));
  const ofValibot = { 300: valibotOf(300), 3000: valibotOf(3_000) };

  const declarations: [string, (count: 300 | 3000) => unknown][] = [
    [
      "with Zod",
      (count) =>
        defineSchema("thing", {
          schema: zod({ event: bodies[count], state: z.object({}) }),
          initialEventName: "thing:event1" as never,
        }),
    ],
    [
      "with Valibot",
      (count) =>
        defineSchema("thing", {
          schema: valibot({ event: ofValibot[count], state: v.object({}) }),
          initialEventName: "thing:event1" as never,
        }),
    ],
    [
      "with defineEntity, handlers included",
      (count) =>
        defineEntity("thing", {
          state: z.object({}),
          events: bodies[count],
          initial: "event1",
          reduce: Object.fromEntries(Object.keys(bodies[count]).map((name) => [name, () => ({})])),
        }),
    ],
  ];

  test.for(declarations)("%s", async ([, declare]) => {
    const few = await shortest(() => declare(300));
    const many = await shortest(() => declare(3_000));
    expect(many / few).toBeLessThan(40);
  });
});

test("8,000 dispatches whose ids are given take about four times as long as 2,000, not sixteen times", async () => {
  const Counter = defineEntity("counter", {
    state: z.object({ count: z.number() }),
    events: { counted: z.object({}) },
    initial: "counted",
    reduce: { counted: (state: { count: number } | null) => ({ count: (state?.count ?? 0) + 1 }) },
    mutations: { count: ({ dispatch }, eventId: string) => dispatch("counted", {}, { eventId }) },
    checks: "off",
  });
  const given = (prefix: string, count: number) => upTo(count).map((n) => `${prefix}${n}`);
  const work = (ids: readonly string[]) => {
    const counter = Counter.create({ body: {} });
    for (const id of ids) counter.count(id);
    expect(counter.version).toBe(ids.length + 1);
  };
  const [few, many] = [given("few", 2_000), given("many", 8_000)];
  work(few);
  const short = await shortest(() => work(few), 3);
  const long = await shortest(() => work(many), 3);
  expect(long / short, `${short.toFixed(1)} ms, then ${long.toFixed(1)} ms`).toBeLessThan(9);
  // And of nine thousand the last one that comes twice is still found.
  const counter = Counter.create({ body: {} });
  for (const id of given("n", 9_000)) counter.count(id);
  expect(() => counter.count("n9000")).toThrow(expect.objectContaining({ code: "duplicate_event_id" }));
});

test.for(["memory", "SQLite"])(
  "importing 4,000 events of erased entities that take turns takes about four times as long as 1,000, into %s",
  async (kind) => {
    const erased = (count: number) =>
      upTo(count).map((n) => ({
        entityName: "thing",
        entityId: `t${n % 2}`,
        eventId: `e${n}`,
        eventName: "thing:happened",
        eventCreatedAt: "2026-01-01T00:00:00Z",
        body: null,
        isErased: true as const,
      }));
    const timed = async (count: number) => {
      let shortest = Number.POSITIVE_INFINITY;
      for (const _ of upTo(3)) {
        const store = kind === "memory" ? createMemoryStore() : (await openStore({ file: ":memory:" })).store;
        const events = erased(count);
        const start = performance.now();
        expect(await store.import(events)).toEqual({ imported: count, skipped: 0 });
        shortest = Math.min(shortest, performance.now() - start);
      }
      return shortest;
    };
    await timed(1_000);
    const [few, many] = [await timed(1_000), await timed(4_000)];
    expect(many / few, `${few.toFixed(1)} ms, then ${many.toFixed(1)} ms`).toBeLessThan(9);
  },
);

describe("40,000 events take about four times as long as 10,000, not sixteen times,", () => {
  const schema = defineSchema("counter", {
    schema: zod({ event: { counted: z.object({ by: z.number() }) }, state: z.object({ count: z.number() }) }),
    initialEventName: "counter:counted",
  });
  const reducer = defineReducer(schema, (state, event) => ({
    count: ((state as { count: number } | null)?.count ?? 0) + (event.body as { by: number }).by,
  }));
  class Counter extends Entity(schema, reducer, { maxQueuedEvents: 50_000, checks: "off" }) {
    count = mutation(this, (dispatch, times: number) => {
      for (let time = 0; time < times; time++) dispatch("counter:counted", { by: 1 });
    });
  }
  const filled = (entityId: string, events: number) => {
    const counter = Counter.create({ entityId, body: { by: 1 } });
    counter.count(events - 1);
    return counter;
  };

  async function expectLinear(work: (events: 10_000 | 40_000) => unknown): Promise<void> {
    await work(10_000);
    const few = await shortest(() => work(10_000), 3);
    const many = await shortest(() => work(40_000), 3);
    expect(many / few, `${few.toFixed(1)} ms, then ${many.toFixed(1)} ms`).toBeLessThan(10);
  }

  test("to dispatch in one mutation", () => expectLinear((events) => filled("c", events)));

  test("to fold again", async () => {
    const events = {
      10000: filled("c", 10_000).uncommittedEvents,
      40000: filled("c", 40_000).uncommittedEvents,
    };
    await expectLinear((count) => Counter.fromEvents({ entityId: "c", events: events[count] }));
  });

  test.for(["memory", "SQLite"])("to load, to tell and to read from %s", async (kind) => {
    const store: EventStore = kind === "memory" ? createMemoryStore() : (await openStore({ file: ":memory:" })).store;
    const counters = createRepository(Counter, { adapter: store });
    await counters.commit([filled("10000", 10_000), filled("40000", 40_000)]);
    await expectLinear(async (count) => {
      const counter = await counters.findOneOrThrow({ entityId: String(count) });
      expect(counter.state.count).toBe(count);
    });
    await expectLinear(async (count) => {
      const [entry] = await counters.history({ entityId: String(count), limit: 1, order: "desc" });
      expect(entry?.event.version).toBe(count);
    });
    await expectLinear(async (count) => {
      const read: StoredEvent[] = [];
      for await (const event of store.read({ limit: count })) read.push(event);
      expect(read).toHaveLength(count);
    });
  });
});
