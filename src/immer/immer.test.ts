import { enableMapSet } from "immer";
import { describe, expect, test } from "vitest";
import { createMemoryStore } from "../adapters/memory/index.ts";
import { Entity } from "../entity/entity.ts";
import { mutation } from "../entity/mutation.ts";
import { createRepository } from "../repository/create-repository.ts";
import { defineSchema } from "../schema/define-schema.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { z, zod } from "../validators/zod.ts";
import { defineEntity, defineReducer } from "./index.ts";

const Item = z.object({ sku: z.string(), quantity: z.number() });
const schema = defineSchema("cart", {
  schema: zod({
    event: { opened: z.object({}), added: Item, counted: z.object({ by: z.number() }), closed: z.object({}) },
    state: z.object({ items: z.array(Item), open: z.boolean() }),
  }),
  initialEventName: "cart:opened",
});

type State = { items: { sku: string; quantity: number }[]; open: boolean };

const handlers = defineReducer(schema, {
  "cart:opened": () => ({ items: [], open: true }),
  "cart:added": (cart, { body }) => {
    cart.items.push(body);
  },
  "cart:counted": (cart, { body }) => {
    for (const item of cart.items) item.quantity += body.by;
  },
  "cart:closed": (cart) => ({ ...cart, open: false }),
});
const one = defineReducer(schema, (cart, event) => {
  switch (event.eventName) {
    case "cart:opened":
      return { items: [], open: true };
    case "cart:added":
      cart.items.push(event.body);
      return;
    case "cart:counted":
      for (const item of cart.items) item.quantity += event.body.by;
      return cart;
    case "cart:closed":
      return { ...cart, open: false };
  }
});

function event(shortName: string, body: unknown = {}): never {
  const envelope = { eventId: "e1", eventCreatedAt: "2026-01-01T00:00:00Z", entityId: "c1", entityName: "cart" };
  return { ...envelope, eventName: `cart:${shortName}`, body, version: 1 } as never;
}

const allObjects = (value: unknown): object[] =>
  typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(allObjects)] : [];

describe.each([
  ["a map of handlers", handlers],
  ["a function", one],
])("%s that writes into drafts", (_, reducer) => {
  const empty: State = { items: [], open: true };
  const full: State = { items: [{ sku: "a", quantity: 1 }], open: true };

  test("computes the next state, and leaves the one before as it was", () => {
    expect(reducer(null as never, event("opened"))).toEqual(empty);
    expect(reducer(full, event("added", { sku: "b", quantity: 2 })).items).toHaveLength(2);
    expect(reducer(full, event("counted", { by: 4 }))).toEqual({ items: [{ sku: "a", quantity: 5 }], open: true });
    expect(reducer(full, event("closed"))).toEqual({ ...full, open: false });
    expect(full).toEqual({ items: [{ sku: "a", quantity: 1 }], open: true });
  });

  test("gives the same state back where nothing was written, and at an event that the schema does not declare", () => {
    expect(reducer(empty, event("counted", { by: 4 }))).toBe(empty);
    expect(reducer(full, event("unheard_of"))).toBe(full);
  });

  test("freezes nothing: no state, and no body that became part of one", () => {
    const body = { sku: "b", quantity: 2 };
    const state = reducer(reducer(full, event("added", body)), event("closed"));
    expect(state.items[1]).toEqual(body);
    for (const object of allObjects([full, state, body])) expect(Object.isFrozen(object)).toBe(false);
  });

  test("passes the checks of development, and writes into no event that waits for its commit", async () => {
    class Cart extends Entity(schema, reducer, { checks: "throw" }) {
      add = mutation(this, (dispatch, sku: string) => dispatch("cart:added", { sku, quantity: 1 }));
      count = mutation(this, (dispatch) => dispatch("cart:counted", { by: 1 }));
    }
    const cart = Cart.create({ body: {} });
    cart.add("a");
    cart.count();
    expect(cart.state.items).toEqual([{ sku: "a", quantity: 2 }]);
    expect(cart.uncommittedEvents[1]?.body).toEqual({ sku: "a", quantity: 1 });
    const carts = createRepository(Cart, { adapter: createMemoryStore() });
    await carts.commit(cart);
    expect((await carts.findOneOrThrow({ entityId: cart.entityId })).state).toEqual(cart.state);
  });
});

test("a handler that both writes and returns something else fails, and the entity stays as it was", () => {
  const Cart = defineEntity("cart", {
    state: z.object({ count: z.number() }),
    events: { opened: z.object({}), counted: z.object({}) },
    initial: "opened",
    reduce: {
      opened: () => ({ count: 0 }),
      counted: (cart) => {
        cart.count += 1;
        return { count: 5 };
      },
    },
    mutations: { count: ({ dispatch }) => dispatch("counted", {}) },
  });
  const cart = Cart.create({ body: {} });
  expect(() => cart.count()).toThrow(/Immer/);
  expect(cart).toMatchObject({ version: 1, state: { count: 0 } });
});

describe("defineEntity", () => {
  test("writes into drafts under short names, with every other part as it is", () => {
    const Cart = defineEntity("cart", {
      state: z.object({ items: z.array(z.string()) }),
      events: { opened: z.object({}), added: z.object({ sku: z.string() }) },
      initial: "opened",
      reduce: {
        opened: () => ({ items: [] }),
        added: (cart, { body }) => {
          cart.items.push(body.sku);
        },
      },
      mutations: { add: ({ dispatch }, sku: string) => dispatch("added", { sku }) },
      irreversible: ["added"],
      namespaceSeparator: "/",
      checks: "throw",
    });
    const cart = Cart.create({ body: {} });
    cart.add("a");
    expect(cart.state).toEqual({ items: ["a"] });
    expect(Cart.schema.irreversible).toEqual(["cart/added"]);
  });
});

describe("a state that is", () => {
  const anything: StandardSchemaV1<unknown, never> = {
    "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as never }) },
  };
  const counterOf = (first: unknown, next: (before: never) => unknown) =>
    defineEntity("counter", {
      state: anything,
      events: { started: z.object({}), counted: z.object({}) },
      initial: "started",
      reduce: { started: () => first as never, counted: (before) => next(before) as never },
      mutations: { count: ({ dispatch }) => dispatch("counted", {}) },
    }).create({ body: {} });

  test("a number is returned, or stays", () => {
    const counter = counterOf(1, (before: number) => (before < 3 ? before + 1 : undefined));
    for (const expected of [2, 3, 3]) {
      counter.count();
      expect(counter.state).toBe(expected);
    }
  });

  test("full of dates has them replaced: a date is the same object in the draft", () => {
    const at = new Date(0);
    const counter = counterOf({ at }, (draft: { at: Date }) => {
      draft.at = new Date(draft.at.getTime() + 1);
    });
    counter.count();
    expect([counter.state, at]).toEqual([{ at: new Date(1) }, new Date(0)]);
  });

  test("full of dates warns of one that is written into, in place of the draft", () => {
    const Counter = defineEntity("counter", {
      state: z.object({ at: z.date() }),
      events: { started: z.object({}), counted: z.object({}) },
      initial: "started",
      reduce: {
        started: () => ({ at: new Date(0) }),
        counted: (draft) => {
          draft.at.setTime(1);
        },
      },
      mutations: { count: ({ dispatch }) => dispatch("counted", {}) },
      checks: "throw",
    });
    const counter = Counter.create({ body: {} });
    expect(() => counter.count()).toThrow(
      expect.objectContaining({
        code: "reducer_mutates",
        issues: [expect.objectContaining({ path: ["state", "at"] })],
      }),
    );
    expect(counter.state).toEqual({ at: new Date(0) });
  });

  test("a Map is written into once the application has called enableMapSet()", () => {
    const counter = counterOf(new Map([["n", 1]]), (draft: Map<string, number>) => {
      draft.set("n", 2);
    });
    const before = counter.state as Map<string, number>;
    expect(() => counter.count()).toThrow(/enableMapSet/);
    enableMapSet();
    counter.count();
    expect([counter.state, before]).toEqual([new Map([["n", 2]]), new Map([["n", 1]])]);
  });
});

describe("a snapshot of other handlers is not read, where they are those of", () => {
  const parts = {
    state: z.object({ count: z.number() }),
    events: { opened: z.object({}) },
    initial: "opened",
  } as const;
  const counter = defineSchema("counter", {
    schema: zod({ event: parts.events, state: parts.state }),
    initialEventName: "counter:opened",
  });
  const one = () => ({ count: 1 });
  const ten = () => ({ count: 10 });
  const mapOf = (opened: typeof one) => Entity(counter, defineReducer(counter, { "counter:opened": opened }));

  test.for([
    ["a map", mapOf(one), mapOf(ten)],
    ["a function", Entity(counter, defineReducer(counter, one)), Entity(counter, defineReducer(counter, ten))],
    [
      "defineEntity",
      defineEntity("counter", { ...parts, reduce: { opened: one } }),
      defineEntity("counter", { ...parts, reduce: { opened: ten } }),
    ],
  ] as const)("%s", async ([, Before, After]) => {
    const options = { adapter: createMemoryStore(), snapshot: { frequency: 1 } };
    const before = createRepository(Before, options);
    await before.create({ entityId: "c", body: {} });
    expect((await before.findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 1 });
    expect((await createRepository(After, options).findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 10 });
  });
});
