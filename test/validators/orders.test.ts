import { createRepository, type EventStore, mutation, ValidationError } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { openStore } from "../support/temp-database.ts";
import { orders } from "./libraries.ts";

/** What is dispatched, what of it is stored, and whether that is what the schema made of it. */
interface Step {
  readonly eventName: string;
  readonly body: unknown;
  readonly stored: unknown;
  readonly bodyIsOutput: boolean;
  readonly seen: string;
}

const lines = [
  { sku: "a", quantity: 2, note: undefined },
  { sku: "b", quantity: 1, note: "blue" },
];
const storedLines = [
  { sku: "a", quantity: 2 },
  { sku: "b", quantity: 1, note: "blue" },
];
const card = { kind: "card", last4: "4242" };
const placed = { customer: "ann", payment: card, discounts: [[1, 2], [], [3]], gift: undefined };
const seenPlaced = (date: string) =>
  `{customer:"ann",discounts:[[1,2],[],[3]],lines:[{quantity:2,sku:"a"},{note:"blue",quantity:1,sku:"b"}],payment:{kind:"card",last4:"4242"},placedAt:Date(${date})}`;

const steps: readonly Step[] = [
  {
    eventName: "order:placed",
    body: { ...placed, lines, placedAt: "2026-03-01T00:30:00+01:00" },
    stored: {
      customer: "ann",
      payment: card,
      discounts: [[1, 2], [], [3]],
      lines: storedLines,
      placedAt: "2026-03-01T00:30:00+01:00",
    },
    bodyIsOutput: false,
    seen: seenPlaced("2026-02-28T23:30:00.000Z"),
  },
  // A Date goes through JSON first, and is the text that the schema wants then.
  {
    eventName: "order:placed",
    body: { ...placed, lines, placedAt: new Date("2026-03-01T00:00:00Z") },
    stored: {
      customer: "ann",
      payment: card,
      discounts: [[1, 2], [], [3]],
      lines: storedLines,
      placedAt: "2026-03-01T00:00:00.000Z",
    },
    bodyIsOutput: false,
    seen: seenPlaced("2026-03-01T00:00:00.000Z"),
  },
  {
    eventName: "order:shipped",
    body: {},
    stored: { carrier: "post", stops: [] },
    bodyIsOutput: true,
    seen: '{carrier:"post",stops:[]}',
  },
  {
    eventName: "order:shipped",
    body: { carrier: "dhl", stops: ["x"] },
    stored: { carrier: "dhl", stops: ["x"] },
    bodyIsOutput: true,
    seen: '{carrier:"dhl",stops:["x"]}',
  },
  {
    eventName: "order:repriced",
    body: { total: "12.50" },
    stored: { total: "12.50" },
    bodyIsOutput: false,
    seen: "{total:12.5}",
  },
  {
    eventName: "order:paid",
    body: { kind: "invoice", dueInDays: 30 },
    stored: { kind: "invoice", dueInDays: 30 },
    bodyIsOutput: true,
    seen: '{dueInDays:30,kind:"invoice"}',
  },
  { eventName: "order:cancelled", body: { reason: undefined }, stored: {}, bodyIsOutput: true, seen: "{}" },
  {
    eventName: "order:cancelled",
    body: { reason: "late" },
    stored: { reason: "late" },
    bodyIsOutput: true,
    seen: '{reason:"late"}',
  },
];
const finalState = {
  status: "cancelled",
  total: 30,
  carriers: ["post", "dhl"],
  year: 2026,
  seen: steps.map(({ eventName, seen }) => `${eventName} ${seen}`),
};

const valid = steps[0]?.body as object;
const refusals: readonly [what: string, eventName: string, body: unknown, paths: readonly (readonly unknown[])[]][] = [
  ["no key at all", "order:placed", {}, [["customer"], ["discounts"], ["lines"], ["payment"], ["placedAt"]]],
  ["null for an optional key", "order:cancelled", { reason: null }, [["reason"]]],
  ["an empty text and an empty list", "order:placed", { ...valid, customer: "", lines: [] }, [["customer"], ["lines"]]],
  [
    "items that do not fit",
    "order:placed",
    { ...valid, lines: [{ sku: 1, quantity: 1.5 }, { sku: "a", quantity: 1 }, {}] },
    [
      ["lines", 0, "quantity"],
      ["lines", 0, "sku"],
      ["lines", 2, "quantity"],
      ["lines", 2, "sku"],
    ],
  ],
  ["a list in a list", "order:placed", { ...valid, discounts: [[1], [2, "3"]] }, [["discounts", 1, 1]]],
  ["a text where a number is wanted", "order:placed", { ...valid, gift: "true" }, [["gift"]]],
  ["a time that is none", "order:placed", { ...valid, placedAt: "soon" }, [["placedAt"]]],
  ["a time that is a number", "order:placed", { ...valid, placedAt: 0 }, [["placedAt"]]],
  ["what the schema has made already", "order:repriced", { total: 12.5 }, [["total"]]],
  ["a text instead of an object", "order:shipped", "dhl", [[]]],
];

describe.each(Object.entries(orders))("an order declared with %s", (_, Base) => {
  class Order extends Base {
    apply = mutation(this, (dispatch, eventName: string, body: unknown) => dispatch(eventName, body));
  }
  const first = steps[0] as Step;

  /** An order that every step has been dispatched to. */
  function orderOfAllSteps(): Order {
    const order = Order.create({ entityId: "o1", body: first.body, eventName: first.eventName });
    for (const { eventName, body } of steps.slice(1)) order.apply(eventName, body);
    return order;
  }

  test("makes the same events and the same state of the same dispatches", () => {
    const order = orderOfAllSteps();
    expect(order.state).toEqual(finalState);
    expect(order.uncommittedEvents.map(({ eventName, body }) => ({ eventName, body }))).toStrictEqual(
      steps.map(({ eventName, stored }) => ({ eventName, body: stored })),
    );
  });

  test.each([
    ["memory", async (): Promise<EventStore> => createMemoryStore()],
    ["a SQLite file", async (): Promise<EventStore> => (await openStore()).store],
  ])("is stored in %s in the same form, and is the same after a reload", async (_, open) => {
    const store = await open();
    for (const loadValidation of ["always", "write"] as const) {
      const entityId = loadValidation;
      const repository = createRepository(Order, { adapter: store, loadValidation });
      await repository.create({ entityId, body: first.body });
      await repository.mutate({ entityId }, (order) => {
        for (const { eventName, body } of steps.slice(1)) order.apply(eventName, body);
      });
      const loaded = await repository.findOneOrThrow({ entityId });
      expect(loaded).toMatchObject({ version: steps.length });
      expect(loaded.state).toStrictEqual(finalState);
    }
    const stored = (await readAll(store)).map(({ eventName, body, bodyIsOutput }) => ({
      eventName,
      body,
      bodyIsOutput,
    }));
    const expected = steps.map(({ eventName, stored: body, bodyIsOutput }) => ({ eventName, body, bodyIsOutput }));
    expect(stored).toStrictEqual([...expected, ...expected]);
  });

  test("is the same when it starts from a snapshot", async () => {
    const { store, database } = await openStore();
    const repository = createRepository(Order, { adapter: store, snapshot: { frequency: 1 } });
    await repository.commit(orderOfAllSteps());
    const kept = database.prepare("SELECT version, state FROM ventyd_snapshots").all() as {
      version: number;
      state: string;
    }[];
    expect(kept.map(({ version, state }) => [version, JSON.parse(state)])).toEqual([[steps.length, finalState]]);
    expect((await repository.findOneOrThrow({ entityId: "o1" })).state).toStrictEqual(finalState);
  });

  test.each(refusals)("refuses %s at the same places, and stays as it was", (_, eventName, body, paths) => {
    const order = orderOfAllSteps();
    const before = { state: structuredClone(order.state), events: order.uncommittedEvents };
    let error: unknown;
    try {
      order.apply(eventName, body);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ValidationError);
    const { code, issues } = error as ValidationError;
    expect(code).toBe("invalid_event");
    expect(issues.map(({ path }) => path).toSorted(byText)).toEqual(paths.map((path) => ["body", ...path]));
    expect({ state: order.state, events: order.uncommittedEvents }).toEqual(before);
  });
});

function byText(one: unknown, other: unknown): number {
  return String(one) < String(other) ? -1 : 1;
}
