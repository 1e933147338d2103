import { describe, expect, test, vi } from "vitest";
import {
  QueueOverflowError,
  ReadonlyEntityError,
  SerializationError,
  ValidationError,
  VentydError,
} from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { v, valibot } from "../validators/valibot.ts";
import { z, zod } from "../validators/zod.ts";
import type { Reducer } from "./define-reducer.ts";
import { Entity, type EntityOptions } from "./entity.ts";
import type { DispatchOptions } from "./entity-core.ts";
import { mutation } from "./mutation.ts";

const schema = defineSchema("account", {
  schema: zod({
    event: {
      opened: z.object({ owner: z.string() }),
      deposited: z.object({ amount: z.number() }),
      noted: z.object({ data: z.unknown() }),
    },
    state: z.object({ balance: z.number() }),
  }),
  initialEventName: "account:opened",
});

type State = { balance: number };
type AnyEvent = { eventName: string; body: unknown; version?: number };

/** Adds deposits up; throws on 13. */
function sum(state: State | null, event: AnyEvent): State {
  const { amount = 0 } = event.body as { amount?: number };
  if (amount === 13) throw new Error("bug in the reducer");
  return { balance: (state?.balance ?? 0) + amount };
}

function define(reducer: unknown = sum, options: EntityOptions = {}) {
  return class Account extends Entity(schema, reducer as Reducer<typeof schema>, options) {
    deposit = mutation(this, (dispatch, amount: number, options?: DispatchOptions) =>
      dispatch("account:deposited", { amount }, options),
    );
    note = mutation(this, (dispatch, data: unknown, options?: DispatchOptions) =>
      dispatch("account:noted", { data }, options),
    );
    dispatch = mutation(this, (dispatch, ...args: Parameters<typeof dispatch>) => dispatch(...args));
  };
}

const open = (Account = define()) => Account.create({ body: { owner: "Ada" }, entityId: "a1" });

/** Everything that a caller can see of an entity. */
const look = (account: ReturnType<typeof open>) =>
  structuredClone({ version: account.version, state: account.state, events: account.uncommittedEvents });

describe("dispatch", () => {
  test("numbers the event, reduces it and queues it", () => {
    const account = open();
    account.deposit(5);
    account.deposit(7);
    expect(account).toMatchObject({ version: 3, state: { balance: 12 } });
    expect(account.uncommittedEvents.map(({ version, eventName, body }) => [version, eventName, body])).toEqual([
      [1, "account:opened", { owner: "Ada" }],
      [2, "account:deposited", { amount: 5 }],
      [3, "account:deposited", { amount: 7 }],
    ]);
  });

  test("returns nothing", () => {
    expect(open().deposit(5)).toBeUndefined();
  });

  test("asks for one event id each time, and for none that is given", () => {
    const generateId = vi.fn((type: string) => `${type}-${generateId.mock.calls.length}`);
    const account = open(define(sum, { generateId }));
    generateId.mockClear();
    account.deposit(1);
    account.deposit(1, { eventId: "mine" });
    expect(generateId.mock.calls).toEqual([["eventId"]]);
    expect(account.uncommittedEvents.map(({ eventId }) => eventId).slice(1)).toEqual(["eventId-1", "mine"]);
  });

  test("ignores options that it does not know", () => {
    expect(() => open().deposit(1, { colour: "red" } as DispatchOptions)).not.toThrow();
  });

  test("validates the body once, when nothing is converted", () => {
    const validated = vi.fn(() => true);
    const counting = defineSchema("account", {
      schema: zod({
        event: { opened: z.object({ list: z.array(z.object({ n: z.number().refine(validated) })) }) },
        state: z.object({}),
      }),
      initialEventName: "account:opened",
    });
    Entity(counting, () => ({})).create({ body: { list: [{ n: 1 }] } });
    expect(validated).toHaveBeenCalledTimes(1);
  });
});

describe("a dispatch that throws leaves everything as it was", () => {
  const attempts: [string, (account: ReturnType<typeof open>) => void, unknown][] = [
    ["A2: the reducer throws", (account) => account.deposit(13), "bug in the reducer"],
    ["the body is refused", (account) => account.deposit("5" as never), 'Validation failed: "account:deposited"'],
    [
      "the event is not declared",
      (account) => account.dispatch("account:closed" as never, {} as never),
      "is not declared",
    ],
    [
      "the event is the library's own",
      (account) => account.dispatch("account:$rolled_back" as never, { toVersion: 1 } as never),
      "is not declared",
    ],
    ["the body is not JSON", (account) => account.note(() => 1), "Not JSON"],
    ["the event id could not be stored", (account) => account.deposit(1, { eventId: "" }), "Invalid text"],
    [
      "D8: the event id waits in the queue already",
      (account) => account.deposit(1, { eventId: "e1" }),
      "Duplicate event id",
    ],
    ["the actor could not be stored", (account) => account.deposit(1, { actor: "a\u0000" }), "Invalid text: actor"],
    [
      "a name in its metadata is reserved",
      (account) => account.deposit(1, { metadata: { tenant: "t" } }),
      "Reserved metadata",
    ],
    ["its metadata is not JSON", (account) => account.deposit(1, { metadata: { trace: () => 1 } }), "Not JSON"],
    ["the time is none", (account) => account.deposit(1, { eventCreatedAt: "yesterday" }), "Invalid instant"],
  ];

  test.each(attempts)("%s", (_, attempt, message) => {
    const account = open();
    account.deposit(5, { eventId: "e1" });
    const before = look(account);
    expect(() => attempt(account)).toThrow(message as string);
    expect(look(account)).toEqual(before);
    account.deposit(7);
    expect(account).toMatchObject({ version: 3, state: { balance: 12 } });
    expect(account.uncommittedEvents.map(({ version }) => version)).toEqual([1, 2, 3]);
  });

  test("A2: what the reducer threw comes out as it is", () => {
    const bug = new TypeError("bug");
    const Account = define(() => {
      throw bug;
    });
    expect(() => open(Account)).toThrow(bug);
  });

  test("its time does not hold back the next event", () => {
    const account = open(define(sum, { now: () => new Date("2026-01-01T00:00:00Z") }));
    expect(() => account.deposit(13, { eventCreatedAt: "2030-01-01T00:00:00Z" })).toThrow("bug");
    account.deposit(1);
    expect(account.uncommittedEvents.at(-1)?.eventCreatedAt).toBe("2026-01-01T00:00:00.000Z");
  });
});

describe("G9: a dispatch inside a reducer", () => {
  test("is refused, and the whole dispatch with it", () => {
    let account: ReturnType<typeof open> | undefined;
    const Account = define((state: State, event: AnyEvent) => {
      if ((event.body as { amount?: number }).amount === 7) account?.deposit(1);
      return sum(state, event);
    });
    account = open(Account);
    const before = look(account);
    expect(() => account.deposit(7)).toThrow(VentydError);
    expect(() => account.deposit(7)).toThrow(expect.objectContaining({ code: "dispatch_in_reducer" }));
    expect(look(account)).toEqual(before);
    account.deposit(5);
    expect(account.state.balance).toBe(5);
  });

  test("does nothing where the reducer swallows the error", () => {
    let account: ReturnType<typeof open> | undefined;
    const Account = define((state: State, event: AnyEvent) => {
      try {
        account?.deposit(1);
      } catch {}
      return sum(state, event);
    });
    account = open(Account);
    account.deposit(7);
    expect(account).toMatchObject({ version: 2, state: { balance: 7 } });
    expect(account.uncommittedEvents).toHaveLength(2);
  });

  test("on another entity is that entity's own business", () => {
    const other = open();
    const reducer = (state: State, event: AnyEvent) => {
      other.deposit(1);
      return sum(state, event);
    };
    const Account = define(reducer, { checks: "off" });
    open(Account).deposit(7);
    expect(other.state.balance).toBe(2);
  });
});

describe("the queue", () => {
  test("E3: of 5 takes the initial event and 4 more", () => {
    const account = open(define(sum, { maxQueuedEvents: 5 }));
    for (let count = 0; count < 4; count++) account.deposit(1);
    const before = look(account);
    expect(() => account.deposit(1)).toThrow(QueueOverflowError);
    expect(() => account.deposit(1)).toThrow(
      "Event queue overflow: maximum 5 uncommitted events exceeded. Please commit the entity before dispatching more events.",
    );
    expect(look(account)).toEqual(before);
    expect(account.version).toBe(5);
  });

  test("of 1 takes the initial event alone", () => {
    const account = open(define(sum, { maxQueuedEvents: 1 }));
    expect(() => account.deposit(1)).toThrow(QueueOverflowError);
  });

  test("E3: takes 9,999 further events by default, and not one more", () => {
    const account = open();
    for (let count = 0; count < 9_999; count++) account.deposit(1);
    expect(account).toMatchObject({ version: 10_000, state: { balance: 9_999 } });
    expect(() => account.deposit(1)).toThrow("maximum 10000 uncommitted events");
    expect(account.version).toBe(10_000);
  });

  test("is looked at after readonly and before an id is made", () => {
    const generateId = vi.fn(() => "id");
    const Account = define(sum, { maxQueuedEvents: 1, generateId });
    const account = open(Account);
    generateId.mockClear();
    expect(() => account.deposit(13)).toThrow(QueueOverflowError);
    expect(generateId).not.toHaveBeenCalled();
    const readonly = Account.load({ entityId: "a1", state: { balance: 0 } }) as unknown as typeof account;
    expect(() => readonly.deposit(1)).toThrow(ReadonlyEntityError);
  });
});

describe("eventCreatedAt", () => {
  /** An account whose clock shows these times, one after the other. */
  function openAt(...times: string[]) {
    const clock = times.map((time) => new Date(time));
    return open(define(sum, { now: () => clock.shift() as Date }));
  }
  const stamps = (account: ReturnType<typeof open>) =>
    account.uncommittedEvents.map(({ eventCreatedAt }) => eventCreatedAt);

  test("is what the clock shows, in UTC", () => {
    const account = openAt("2026-01-01T00:00:00.001Z", "2026-01-01T09:00:00.002+09:00");
    account.deposit(1);
    expect(stamps(account)).toEqual(["2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.002Z"]);
  });

  test("is never before the event before, when the clock goes back", () => {
    const account = openAt("2026-01-01T00:00:05Z", "2026-01-01T00:00:01Z", "2026-01-01T00:00:06Z");
    account.deposit(1);
    account.deposit(1);
    expect(stamps(account)).toEqual([
      "2026-01-01T00:00:05.000Z",
      "2026-01-01T00:00:05.000Z",
      "2026-01-01T00:00:06.000Z",
    ]);
  });

  test("is kept as it was given: with its offset, its digits, and before the event before", () => {
    const account = openAt("2026-01-01T00:00:00Z");
    const given = ["2026-01-01T09:30:00.123456+09:00", "1999-12-31T23:59Z"];
    for (const eventCreatedAt of given) account.deposit(1, { eventCreatedAt });
    expect(stamps(account).slice(1)).toEqual(given);
  });

  test("follows a given one as an instant, where comparing texts would go the other way", () => {
    // 00:30 in Tokyo on 2 January is 15:30 on the 1st: as a text it is later than the clock, as an instant it is not.
    const given = "2026-01-02T00:30:00+09:00";
    const clock = "2026-01-01T20:00:00.000Z";
    const account = openAt("2026-01-01T00:00:00Z", clock);
    account.deposit(1, { eventCreatedAt: given });
    account.deposit(1);
    expect(given > clock).toBe(true);
    expect(stamps(account).at(-1)).toBe(clock);
  });

  test("goes on from a given one in the future", () => {
    const account = openAt("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z");
    account.deposit(1, { eventCreatedAt: "2030-06-01T00:00:00+02:00" });
    account.deposit(1);
    expect(stamps(account).at(-1)).toBe("2030-05-31T22:00:00.000Z");
  });

  test("goes on from the last event of a loaded entity, and not from what cannot be read as an instant", () => {
    const Account = define(sum, { now: () => new Date("2026-01-01T00:00:00Z") });
    const load = (eventCreatedAt: string) => {
      const [event] = open(Account).uncommittedEvents;
      const account = Account.fromEvents({ entityId: "a1", events: [{ ...event, eventCreatedAt } as never] });
      account.deposit(1);
      return stamps(account);
    };
    expect(load("2031-01-01T00:00:00+01:00")).toEqual(["2030-12-31T23:00:00.000Z"]);
    expect(load("some day")).toEqual(["2026-01-01T00:00:00.000Z"]);
  });

  test.each([
    ["yesterday"],
    ["2026-01-01"],
    ["2026-02-30T00:00:00Z"],
    ["2026-01-01T00:00:00"],
    [""],
    [null],
    [0],
    [new Date(0)],
  ])("is refused when it is %o", (eventCreatedAt) => {
    const options = { eventCreatedAt: eventCreatedAt as string };
    expect(() => open().deposit(1, options)).toThrow(ValidationError);
    expect(() => define().create({ body: { owner: "Ada" }, ...options })).toThrow(ValidationError);
  });
});

describe("what a reducer sees", () => {
  /** The events that reach the reducer, at dispatch and after a reload through JSON, of a body of any schema. */
  function seen(bodySchema: z.ZodType | ReturnType<typeof v.object>, body: unknown) {
    const bridge = ("_zod" in bodySchema ? zod : valibot) as typeof zod;
    const schemaOfAny = defineSchema("thing", {
      schema: bridge({ event: { made: bodySchema as z.ZodType }, state: z.object({}) }),
      initialEventName: "thing:made",
    });
    const log: object[] = [];
    const Thing = Entity(schemaOfAny, (_, event) => {
      log.push(event);
      return {};
    });
    const stored = JSON.stringify(Thing.create({ body, entityId: "t1" }).uncommittedEvents);
    Thing.fromEvents({ entityId: "t1", events: JSON.parse(stored) });
    const [atDispatch, afterReload] = log as { body: never }[];
    return { atDispatch, afterReload, stored: JSON.parse(stored)[0].body };
  }

  test("is exactly the seven keys, at dispatch and after a reload", () => {
    const log: object[] = [];
    const reducer = (state: State, event: AnyEvent) => {
      log.push(event);
      return sum(state, event);
    };
    const Account = define(reducer, { checks: "off" });
    const account = open(Account);
    account.deposit(5, { eventId: "e2", actor: "alice", reason: "Gift", correlationId: "r1", metadata: { ip: "::1" } });
    const stored = account.uncommittedEvents.map((event) => ({
      ...event,
      metadata: { actor: "alice" },
      position: 9,
      recordedAt: "x",
    }));
    Account.fromEvents({ entityId: "a1", events: stored });
    expect(log).toHaveLength(4);
    for (const event of log) {
      expect(Object.keys(event).toSorted()).toEqual([
        "body",
        "entityId",
        "entityName",
        "eventCreatedAt",
        "eventId",
        "eventName",
        "version",
      ]);
    }
    expect(log.slice(2)).toStrictEqual(log.slice(0, 2));
  });

  test("D11: is state and event, and no third argument", () => {
    const counts: number[] = [];
    const reducer = (...args: unknown[]) => {
      counts.push(args.length);
      return { balance: 0 };
    };
    const Account = define(reducer, { checks: "off" });
    const account = open(Account);
    account.deposit(1);
    Account.fromEvents({ entityId: "a1", events: account.uncommittedEvents });
    expect(counts).toEqual([2, 2, 2, 2]);
  });

  test("starts with the state null", () => {
    const states: unknown[] = [];
    const reducer = (state: unknown) => {
      states.push(state);
      return { balance: 1 };
    };
    const Account = define(reducer, { checks: "off" });
    Account.fromEvents({ entityId: "a1", events: open(Account).uncommittedEvents });
    expect(states).toEqual([null, null]);
  });

  const at = "2026-01-01T00:00:00.000Z";
  const cases: [string, z.ZodType | ReturnType<typeof v.object>, unknown, unknown, unknown][] = [
    // title, schema, what is dispatched, what the reducer sees, what is stored
    ["plain values", z.object({ a: z.string() }), { a: "x" }, { a: "x" }, { a: "x" }],
    ["B4: unknown keys, dropped", z.object({ a: z.string() }), { a: "x", b: 1 }, { a: "x" }, { a: "x" }],
    ["unknown keys, kept", z.looseObject({ a: z.string() }), { a: "x", b: 1 }, { a: "x", b: 1 }, { a: "x", b: 1 }],
    ["B3: defaults", z.object({ n: z.number().default(7) }), {}, { n: 7 }, { n: 7 }],
    ["coercions", z.object({ n: z.coerce.number() }), { n: "5" }, { n: 5 }, { n: 5 }],
    ["B2: coerced dates, given as text", z.object({ at: z.coerce.date() }), { at }, { at: new Date(at) }, { at }],
    [
      "B2: coerced dates, given as a date",
      z.object({ at: z.coerce.date() }),
      { at: new Date(at) },
      { at: new Date(at) },
      { at },
    ],
    [
      "B1: transforms that cannot read their own output",
      z.object({ n: z.string().transform(Number) }),
      { n: "5" },
      { n: 5 },
      { n: "5" },
    ],
    [
      "transforms that change their own output again",
      z.object({ n: z.number().transform((n) => n + 1) }),
      { n: 5 },
      { n: 6 },
      { n: 5 },
    ],
    [
      "transforms to what JSON cannot carry",
      z.object({ ids: z.array(z.string()).transform((ids) => new Set(ids)) }),
      { ids: ["a"] },
      { ids: new Set(["a"]) },
      { ids: ["a"] },
    ],
    ["transforms to bigint", z.object({ n: z.string().transform(BigInt) }), { n: "5" }, { n: 5n }, { n: "5" }],
    ["trimmed texts", z.object({ a: z.string().trim() }), { a: " x " }, { a: "x" }, { a: "x" }],
    [
      "codecs",
      z.object({
        at: z.codec(z.iso.datetime(), z.date(), {
          decode: (text) => new Date(text),
          encode: (date) => date.toISOString(),
        }),
      }),
      { at },
      { at: new Date(at) },
      { at },
    ],
    ["optional keys with the value undefined", z.object({ a: z.string().optional() }), { a: undefined }, {}, {}],
    [
      "optional keys with the value undefined, inside",
      z.object({ a: z.object({ b: z.string().optional() }) }),
      { a: { b: undefined } },
      { a: {} },
      { a: {} },
    ],
    ["-0", z.object({ n: z.number() }), { n: -0 }, { n: 0 }, { n: 0 }],
    [
      "values of any kind",
      z.object({ data: z.any() }),
      { data: { a: [1] } },
      { data: { a: [1] } },
      { data: { a: [1] } },
    ],
    [
      "unions that are told apart by their shape",
      z.union([z.object({ a: z.string() }), z.object({ b: z.coerce.date() })]),
      { b: at },
      { b: new Date(at) },
      { b: at },
    ],
    [
      "whole bodies that are transformed",
      z.object({ a: z.string() }).transform(({ a }) => [a]),
      { a: "x" },
      ["x"],
      { a: "x" },
    ],
    ["Valibot: unknown keys, dropped", v.object({ a: v.string() }), { a: "x", b: 1 }, { a: "x" }, { a: "x" }],
    ["Valibot: defaults", v.object({ n: v.optional(v.number(), 7) }), {}, { n: 7 }, { n: 7 }],
    ["Valibot: dates", v.object({ at: v.pipe(v.string(), v.toDate()) }), { at }, { at: new Date(at) }, { at }],
    ["Valibot: transforms", v.object({ n: v.pipe(v.string(), v.transform(Number)) }), { n: "5" }, { n: 5 }, { n: "5" }],
    ["Valibot: fallbacks", v.object({ n: v.fallback(v.number(), 7) }), { n: "x" }, { n: 7 }, { n: 7 }],
    [
      "Valibot: optional keys with the value undefined",
      v.object({ a: v.optional(v.string()) }),
      { a: undefined },
      {},
      {},
    ],
  ];

  test.each(cases)("is the same after a reload: %s", (_, bodySchema, body, expected, storedAs) => {
    const { atDispatch, afterReload, stored } = seen(bodySchema, body);
    expect(afterReload).toStrictEqual(atDispatch);
    expect(atDispatch?.body).toStrictEqual(expected);
    expect(stored).toStrictEqual(storedAs);
  });

  test("is the fact as it was, when a default changes later", () => {
    const entity = (fallback: number) => {
      const changing = defineSchema("thing", {
        schema: zod({
          event: { made: z.object({ n: z.number().default(fallback) }) },
          state: z.object({ n: z.number() }),
        }),
        initialEventName: "thing:made",
      });
      return Entity(changing, (_, { body }) => ({ n: (body as { n: number }).n }));
    };
    const events = entity(7).create({ body: {} }).uncommittedEvents;
    expect(entity(8).fromEvents({ entityId: "t1", events: events as never }).state.n).toBe(7);
  });

  test("keeps the order of keys as the schema makes it", () => {
    const { atDispatch, afterReload } = seen(z.object({ a: z.string(), b: z.string() }), { b: "2", a: "1" });
    expect(JSON.stringify(afterReload?.body)).toBe(JSON.stringify(atDispatch?.body));
  });

  test("is what a random default gave, whenever it is parsed again", () => {
    const { atDispatch, afterReload, stored } = seen(
      z.object({ id: z.string().default(() => crypto.randomUUID()) }),
      {},
    );
    expect(stored).toHaveProperty("id");
    expect(atDispatch?.body).toStrictEqual(stored);
    expect(afterReload).toStrictEqual(atDispatch);
  });

  test.each<[string, z.ZodType | ReturnType<typeof v.object>, unknown]>([
    ["a random transform", z.object({ id: z.string().transform(() => Math.random()) }), { id: "x" }],
    [
      "a random default beside a date, whose output is no JSON",
      z.object({ id: z.string().default(() => crypto.randomUUID()), at: z.coerce.date() }),
      { at },
    ],
    ["a time of its own", z.object({ at: z.string().transform(() => process.hrtime.bigint()) }), { at: "now" }],
    [
      "Valibot: a random transform",
      v.object({
        id: v.pipe(
          v.string(),
          v.transform(() => Math.random()),
        ),
      }),
      { id: "x" },
    ],
  ])("cannot be read back, and is refused as an unstable body: %s", (_, bodySchema, body) => {
    const attempt = () => seen(bodySchema, body);
    expect(attempt).toThrow(SerializationError);
    expect(attempt).toThrow(expect.objectContaining({ code: "unstable_body" }));
    expect(attempt).toThrow(/thing:made/);
  });

  test.each<[string, z.ZodType, unknown]>([
    ["in place, to its output", z.any().transform((data) => Object.assign(data, { n: data.n + 1 })), { n: 1 }],
    [
      "before it checks it",
      z.preprocess(
        (data) => {
          const price = data as { euros?: number; cents?: number };
          price.cents = Number(price.euros) * 100;
          delete price.euros;
          return price;
        },
        z.object({ cents: z.number() }),
      ),
      { euros: 5 },
    ],
  ])("is the same after a reload where the schema writes into what it is given: %s", (_, bodySchema, body) => {
    const { atDispatch, afterReload, stored } = seen(bodySchema, body);
    expect(afterReload).toStrictEqual(atDispatch);
    expect(stored).toStrictEqual(body);
  });

  test("L14: a date given to z.date() is refused at dispatch, where its reload would fail", () => {
    const attempt = () => seen(z.object({ at: z.date() }), { at: new Date(0) });
    expect(attempt).toThrow(ValidationError);
    expect(attempt).toThrow('Validation failed: "thing:made"\n  - body.at: ');
  });
});

describe("a body belongs to nobody else", () => {
  type Data = { list: { n: number }[] };
  const bridges = {
    "z.object": zod({ event: { made: z.object({ list: z.array(z.object({ n: z.number() })) }) }, state: z.any() }),
    "z.any, nested": zod({ event: { made: z.object({ list: z.any() }) }, state: z.any() }),
    "z.any": zod({ event: { made: z.any() }, state: z.any() }),
    "z.looseObject": zod({ event: { made: z.looseObject({}) }, state: z.any() }),
    "z.custom": zod({ event: { made: z.custom<Data>(() => true) }, state: z.any() }),
    "v.object": valibot({ event: { made: v.object({ list: v.array(v.object({ n: v.number() })) }) }, state: v.any() }),
    "v.any, nested": valibot({ event: { made: v.object({ list: v.any() }) }, state: v.any() }),
    "v.any": valibot({ event: { made: v.any() }, state: v.any() }),
    "v.looseObject": valibot({ event: { made: v.looseObject({}) }, state: v.any() }),
  };

  const names = Object.keys(bridges) as (keyof typeof bridges)[];

  function defineThing(name: keyof typeof bridges, reducer: (state: Data | null, event: { body: Data }) => Data) {
    const schemaOfThing = defineSchema("thing", {
      schema: bridges[name] as (typeof bridges)["z.any"],
      initialEventName: "thing:made",
    });
    return class Thing extends Entity(schemaOfThing, reducer as never, { checks: "off" }) {
      make = mutation(this, (dispatch, body: Data) => dispatch("thing:made", body));
    };
  }

  const fresh = (): Data => ({ list: [{ n: 1 }] });

  test.each(names)("T4: changing it after the dispatch changes nothing, with %s", (name) => {
    const body = fresh();
    const thing = defineThing(name, (_, event) => event.body).create({ body });
    body.list.push({ n: 9 });
    (body.list[0] as { n: number }).n = 9;
    expect(thing.uncommittedEvents[0]?.body).toEqual(fresh());
    expect(thing.state).toEqual(fresh());
  });

  test.each(names)("D1: a reducer that writes into state and body rewrites no event, with %s", (name) => {
    const Impure = defineThing(name, (state, { body }) => {
      (body.list[0] as { n: number }).n *= 10;
      if (state === null) return body;
      // The state is the first event's body: this writes into it, and keeps a part of the second event's.
      (state.list[0] as { n: number }).n += 1;
      state.list.push(...body.list);
      return state;
    });
    const given = fresh();
    const thing = Impure.create({ body: given });
    thing.make(fresh());
    expect(thing.state).toEqual({ list: [{ n: 11 }, { n: 10 }] });
    expect(given).toEqual(fresh());
    expect(thing.uncommittedEvents.map(({ body }) => body)).toEqual([fresh(), fresh()]);

    const events = thing.uncommittedEvents;
    for (let times = 0; times < 4; times++)
      expect(Impure.fromEvents({ entityId: "t1", events }).state).toEqual(thing.state);
    expect(events.map(({ body }) => body)).toEqual([fresh(), fresh()]);
  });

  test("D1: a default or a fallback of the schema is not written into either", () => {
    const shared = [{ n: 1 }];
    const at = v.optional(v.pipe(v.string(), v.toDate()), "2026-01-01");
    const lists = [v.optional(v.any(), shared), v.fallback(v.array(v.object({ n: v.number() })), shared)];
    for (const list of lists as v.GenericSchema<Data["list"]>[]) {
      // A date is no JSON: with one, the body is stored as it was given, and the default is taken again at each load.
      for (const made of [v.object({ list }), v.object({ list, at })] as v.GenericSchema[]) {
        const schemaOfThing = defineSchema("thing", {
          schema: valibot({ event: { made }, state: v.any() }),
          initialEventName: "thing:made",
        });
        const impure = (_: unknown, event: { body: unknown }) => {
          const { list } = event.body as Data;
          (list[0] as { n: number }).n = 9;
          return event.body;
        };
        const Impure = Entity(schemaOfThing, impure, { checks: "off" });
        const events = Impure.create({ body: {} }).uncommittedEvents;
        expect(shared).toEqual([{ n: 1 }]);
        Impure.fromEvents({ entityId: "t1", events });
        expect(shared).toEqual([{ n: 1 }]);
      }
    }
  });

  test.each<[string, unknown]>([
    ["NaN", Number.NaN],
    ["a function", () => 1],
    ["a bigint", 1n],
    ["a map", new Map()],
    ["an instance of a class", new (class Money {})()],
  ])("must be JSON: %s is refused with its path", (_, value) => {
    const account = open();
    const attempt = () => account.note({ list: [value] });
    expect(attempt).toThrow(SerializationError);
    expect(attempt).toThrow(expect.objectContaining({ code: "not_json", path: ["data", "list", 0] }));
    expect(attempt).toThrow('the body of "account:noted" at data.list.0');
  });

  test("keeps every JSON value, from dispatch to reload", () => {
    const value = JSON.parse(
      '{"z":1,"a":{"":"\\u0000","\\ud800":"\\udc00"},"big":[9007199254740991,1e308,5e-324],"list":[[],{},null,false]}',
    );
    const Account = define();
    const account = open(Account);
    account.note(value);
    expect(JSON.stringify(account.uncommittedEvents[1]?.body)).toBe(JSON.stringify({ data: value }));
  });

  test("keeps a key __proto__ as far as the schema lets it through", () => {
    const value = JSON.parse('{"__proto__":{"admin":true}}');
    const account = open();
    account.note(value);
    expect(JSON.stringify(account.uncommittedEvents[1]?.body)).toBe('{"data":{"__proto__":{"admin":true}}}');
  });
});
