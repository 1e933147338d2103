import { describe, expect, test } from "vitest";
import { EntityBusyError, ReadonlyEntityError, ValidationError } from "../errors/index.ts";
import type { BaseEventType } from "../schema/event.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { v } from "../validators/valibot.ts";
import { z } from "../validators/zod.ts";
import { defineEntity } from "./define-entity.ts";
import { definitionOf } from "./internals.ts";
import { mutation } from "./mutation.ts";

const Account = defineEntity("account", {
  state: z.object({ balance: z.number(), status: z.enum(["open", "closed"]) }),
  events: { opened: z.object({}), deposited: z.object({ amount: z.coerce.number() }), closed: z.object({}) },
  initial: "opened",
  reduce: {
    opened: () => ({ balance: 0, status: "open" }),
    deposited: (state, { body }) => ({ ...state, balance: state.balance + body.amount }),
    closed: (state) => ({ ...state, status: "closed" }),
  },
  mutations: {
    deposit: ({ dispatch }, amount: number) => dispatch("deposited", { amount }),
    /** What it saw: the state by destructuring, then the live one, before and after. */
    watch: (context, amount: number) => {
      const { state, version } = context;
      const before = [state.balance, version, context.state.balance, context.version];
      context.dispatch("deposited", { amount });
      return [...before, state.balance, version, context.state.balance, context.version];
    },
    depositAndFail: ({ dispatch }, amount: number) => {
      dispatch("deposited", { amount });
      throw new Error("no");
    },
    depositLater: async ({ dispatch }, amount: number, until: Promise<unknown>) => {
      dispatch("deposited", { amount });
      await until;
      dispatch("deposited", { amount });
      return amount * 2;
    },
    close: ({ dispatch }) => dispatch("closed", {}, { actor: "bob", eventId: "the-end" }),
    identify: ({ entityId }) => entityId,
    leak: ({ dispatch }) => dispatch,
  },
  irreversible: ["closed"],
});

const open = (entityId = "a1") => Account.create({ body: {}, entityId });

/** What a refusal says. */
function refusal(work: () => unknown): ValidationError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return error as ValidationError;
  }
  throw new Error("not refused");
}

describe("an entity that was defined in one place", () => {
  test("has full names in its schema and its events, where the definition has short ones", () => {
    const account = open();
    account.deposit(5);
    account.close();
    expect(account.uncommittedEvents.map(({ eventName }) => eventName)).toEqual([
      "account:opened",
      "account:deposited",
      "account:closed",
    ]);
    const { entityName, initialEventName, initialEventNames, irreversible } = Account.schema;
    expect({ entityName, initialEventName, initialEventNames, irreversible }).toEqual({
      entityName: "account",
      initialEventName: "account:opened",
      initialEventNames: ["account:opened"],
      irreversible: ["account:closed"],
    });
    expect(account.state).toEqual({ balance: 5, status: "closed" });
  });

  test("shows its handlers the full name too", () => {
    const seen: BaseEventType[] = [];
    const Thing = defineEntity("thing", {
      state: z.object({ n: z.number() }),
      events: { made: z.object({ n: z.number() }) },
      initial: "made",
      reduce: {
        made: (_, event) => {
          seen.push(event);
          return { n: event.body.n };
        },
      },
      checks: "off",
    });
    Thing.create({ body: { n: 1 }, entityId: "t1", eventId: "e1", eventCreatedAt: "2026-01-01T00:00:00Z" });
    expect(seen).toEqual([
      {
        eventId: "e1",
        eventCreatedAt: "2026-01-01T00:00:00Z",
        eventName: "thing:made",
        entityId: "t1",
        entityName: "thing",
        body: { n: 1 },
        version: 1,
      },
    ]);
  });

  test("takes another separator, which all names then have", () => {
    const Thing = defineEntity("thing", {
      state: z.object({ n: z.number() }),
      events: { made: z.object({}), grown: z.object({}) },
      initial: "made",
      reduce: { made: () => ({ n: 0 }), grown: ({ n }) => ({ n: n + 1 }) },
      mutations: { grow: ({ dispatch }) => dispatch("grown", {}) },
      irreversible: ["grown"],
      namespaceSeparator: "/",
    });
    const thing = Thing.create({ body: {} });
    thing.grow();
    expect(thing.uncommittedEvents.map(({ eventName }) => eventName)).toEqual(["thing/made", "thing/grown"]);
    expect(Thing.schema.irreversible).toEqual(["thing/grown"]);
    expect(definitionOf(Thing).rollbackName).toBe("thing/$rolled_back");
  });

  test("may start in several ways, the first of which is the default", () => {
    const Resident = defineEntity("resident", {
      state: z.object({ from: z.string() }),
      events: { added: z.object({}), moved_in: z.object({ from: z.string() }), left: z.object({}) },
      initial: ["added", "moved_in"],
      reduce: {
        added: () => ({ from: "here" }),
        moved_in: (state, { body }) => ({ from: state === null ? body.from : `${state.from}, ${body.from}` }),
        left: (state) => state,
      },
    });
    expect(Resident.schema.initialEventNames).toEqual(["resident:added", "resident:moved_in"]);
    expect(Resident.create({ body: {} }).state).toEqual({ from: "here" });
    expect(Resident.create({ eventName: "resident:moved_in", body: { from: "Rome" } }).state).toEqual({ from: "Rome" });
    expect(refusal(() => Resident.create({ eventName: "resident:left" as never, body: {} as never })).code).toBe(
      "invalid_option",
    );
  });

  test("takes the options of every entity, its metadata's schema among them", () => {
    const metadata = z.object({ ip: z.string() });
    const Thing = defineEntity("thing", {
      state: z.object({}),
      events: { made: z.object({}) },
      initial: "made",
      reduce: { made: () => ({}) },
      metadata,
      revision: 3,
      maxQueuedEvents: 1,
      generateId: (type) => `new ${type}`,
      now: () => new Date("2026-02-03T04:05:06Z"),
    });
    expect(Thing.schema.metadata).toBe(metadata);
    expect(definitionOf(Thing)).toMatchObject({ revision: 3, maxQueuedEvents: 1 });
    expect(Thing.create({ body: {} }).uncommittedEvents).toMatchObject([
      { entityId: "new entityId", eventId: "new eventId", eventCreatedAt: "2026-02-03T04:05:06.000Z" },
    ]);
    expect(Account.schema.metadata).toBeUndefined();
    expect(Object.keys(Account.schema)).not.toContain("metadata");
  });

  test("finds the mistakes of its reducer, where it is told to look for them", () => {
    const Thing = defineEntity("thing", {
      state: z.object({ tags: z.array(z.string()) }),
      events: { made: z.object({}), tagged: z.object({}) },
      initial: "made",
      reduce: {
        made: () => ({ tags: [] }),
        tagged: (state) => {
          state.tags.push("x");
          return state;
        },
      },
      mutations: { tag: ({ dispatch }) => dispatch("tagged", {}) },
      checks: "throw",
    });
    const thing = Thing.create({ body: {} });
    expect(refusal(() => thing.tag()).code).toBe("reducer_mutates");
    expect(thing.state).toEqual({ tags: [] });
  });

  test("is called like its entity, and may go without mutations", () => {
    const Thing = defineEntity("thing", {
      state: z.object({}),
      events: { made: z.object({}) },
      initial: "made",
      reduce: { made: () => ({}) },
    });
    expect(Thing.name).toBe("thing");
    expect(Thing.create({ body: {} })).toBeInstanceOf(Thing);
    expect(Object.keys(Thing.create({ body: {} }))).toEqual([]);
  });

  test("gives its state's schema away, for whoever wants to know the shape", () => {
    expect(Account.schema.state.parse({ balance: 1, status: "open" })).toEqual({ balance: 1, status: "open" });
  });
});

describe("a mutation of it", () => {
  test("gets the context and then its caller's arguments, and returns what its function returns", () => {
    const account = open();
    expect(account.identify()).toBe("a1");
    expect(account.watch(5)).toEqual([0, 1, 0, 1, 0, 1, 5, 2]);
    expect(account.watch(2)).toEqual([5, 2, 5, 2, 5, 2, 7, 3]);
  });

  test("dispatches with options", () => {
    const account = open();
    account.close();
    expect(account.uncommittedEvents.at(-1)?.eventId).toBe("the-end");
  });

  test("stores what the schema makes of a body, and refuses what it does not take, under the full name", () => {
    const account = open();
    account.deposit("5" as never);
    expect(account.uncommittedEvents.at(-1)?.body).toEqual({ amount: 5 });
    const { code, eventName, message } = refusal(() => account.deposit("many" as never));
    expect({ code, eventName }).toEqual({ code: "invalid_event", eventName: "account:deposited" });
    expect(message).toContain("body.amount");
  });

  test("is told which events there are when it dispatches one that is not declared", () => {
    const Thing = defineEntity("thing", {
      state: z.object({}),
      events: { made: z.object({}) },
      initial: "made",
      reduce: { made: () => ({}) },
      mutations: { lose: ({ dispatch }) => dispatch("lost" as "made", {}) },
    });
    const { code, message } = refusal(() => Thing.create({ body: {} }).lose());
    expect(code).toBe("event_not_declared");
    expect(message).toContain('"thing:lost" is not declared. Available events: thing:made');
  });

  test("does all or nothing", () => {
    const account = open();
    account.deposit(1);
    expect(() => account.depositAndFail(5)).toThrow("no");
    expect({ ...account.state, version: account.version }).toEqual({ balance: 1, status: "open", version: 2 });
    expect(account.uncommittedEvents).toHaveLength(2);
  });

  test("may be asynchronous: others wait their turn, and a rejection undoes it", async () => {
    const account = open();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const working = account.depositLater(5, promise);
    expect(() => account.deposit(1)).toThrow(EntityBusyError);
    resolve();
    expect(await working).toBe(10);
    expect(account.state.balance).toBe(10);

    const failing = account.depositLater(7, Promise.reject(new Error("late")));
    await expect(failing).rejects.toThrow("late");
    expect(account.state.balance).toBe(10);
    reject();
  });

  test("ends with its dispatch", () => {
    const account = open();
    const dispatch = account.leak();
    expect(() => dispatch("deposited", { amount: 1 })).toThrow(expect.objectContaining({ code: "mutation_settled" }));
    expect(account.version).toBe(1);
  });

  test("does not run on a readonly entity", () => {
    const account = Account.load({ entityId: "a1", state: { balance: 3, status: "open" } }) as never as ReturnType<
      typeof open
    >;
    expect(() => account.identify()).toThrow(ReadonlyEntityError);
  });

  test("lies on the prototype: two entities share it, and no key of theirs shows it", () => {
    const [one, two] = [open("a1"), open("a2")];
    expect(one.deposit).toBe(two.deposit);
    expect(one.deposit.mutation).toBe(true);
    expect(Object.keys(one)).toEqual([]);
    expect(Object.keys(Account.prototype as object)).toEqual([]);
    one.deposit(5);
    expect([one.state.balance, two.state.balance]).toEqual([5, 0]);
  });

  test("sees the state of an entity that has none yet as every reader does", () => {
    const account = Account.fromEvents({ entityId: "a1", events: [] });
    expect(() => account.watch(5)).toThrow(expect.objectContaining({ code: "entity_not_initialized" }));
  });

  test.each(["state", "version", "entityId", "entityName", "uncommittedEvents", "toJSON", "constructor", "then"])(
    "may not be called %s",
    (name) => {
      const { code, message } = refusal(() =>
        defineEntity("thing", {
          state: z.object({}),
          events: { made: z.object({}) },
          initial: "made",
          reduce: { made: () => ({}) },
          mutations: { [name]: () => {} },
        }),
      );
      expect(code).toBe("invalid_option");
      expect(message).toContain(`thing cannot have a mutation called "${name}"`);
    },
  );
});

describe("a class that extends it", () => {
  class Savings extends Account {
    get isRich() {
      return this.state.balance > 100;
    }
    override deposit = mutation(this, (dispatch, amount: number) => {
      super.deposit(amount);
      dispatch("account:deposited", { amount: 1 });
      if (amount === 13) throw new Error("bad luck");
    });
  }

  test("has its mutations, and may override one and call it", () => {
    const savings = Savings.create({ body: {} });
    expect(savings).toBeInstanceOf(Savings);
    expect(savings).toBeInstanceOf(Account);
    savings.deposit(100);
    expect(savings.state.balance).toBe(101);
    expect(savings.isRich).toBe(true);
    expect(savings.watch(1).at(-2)).toBe(102);
  });

  test("undoes both where the outer one fails", () => {
    const savings = Savings.create({ body: {} });
    expect(() => savings.deposit(13)).toThrow("bad luck");
    expect(savings.state.balance).toBe(0);
    expect(savings.version).toBe(1);
  });
});

describe("the names of its events", () => {
  const define = (entityName: string, events: { readonly [name: string]: StandardSchemaV1 }) =>
    defineEntity(entityName, { state: z.object({}), events, initial: "made", reduce: {} });

  test("are refused where the library owns them, or no store could keep them", () => {
    expect(refusal(() => define("thing", { made: z.object({}), $rolled_back: z.object({}) })).code).toBe(
      "reserved_name",
    );
    expect(refusal(() => define("$thing", { made: z.object({}) })).code).toBe("reserved_name");
    expect(refusal(() => define("thing", { made: z.object({}), "\ud800": z.object({}) })).code).toBe("invalid_text");
  });

  test("are refused where a short name and a full one are the same", () => {
    const { code, message } = refusal(() => define("thing", { made: z.object({}), "thing:made": z.object({}) }));
    expect(code).toBe("invalid_option");
    expect(message).toContain('"thing:made"');
    expect(message).toContain('"made"');
  });
});

/** A Standard Schema written by hand. */
function schema<TInput, TOutput>(validate: (value: unknown) => StandardSchemaV1.Result<TOutput>) {
  return { "~standard": { version: 1, vendor: "by hand", validate } } as StandardSchemaV1<TInput, TOutput>;
}

const issue = (message: string, ...path: string[]) => ({ issues: [{ message, path }] });

/** The same small domain, in three libraries. */
const domain = {
  Zod: () =>
    defineEntity("task", {
      state: z.object({ title: z.string(), dueAt: z.string(), status: z.enum(["open", "done"]) }),
      events: { added: z.object({ title: z.string(), dueAt: z.coerce.date() }), done: z.object({}) },
      initial: "added",
      reduce: {
        added: (_, { body }) => ({ title: body.title, dueAt: body.dueAt.toISOString(), status: "open" }),
        done: (state) => ({ ...state, status: "done" }),
      },
      mutations: { finish: ({ dispatch }) => dispatch("done", {}) },
    }),
  Valibot: () =>
    defineEntity("task", {
      state: v.object({ title: v.string(), dueAt: v.string(), status: v.picklist(["open", "done"]) }),
      events: {
        added: v.object({ title: v.string(), dueAt: v.pipe(v.string(), v.toDate()) }),
        done: v.object({}),
      },
      initial: "added",
      reduce: {
        added: (_, { body }) => ({ title: body.title, dueAt: body.dueAt.toISOString(), status: "open" }),
        done: (state) => ({ ...state, status: "done" }),
      },
      mutations: { finish: ({ dispatch }) => dispatch("done", {}) },
    }),
  "a schema by hand": () =>
    defineEntity("task", {
      state: schema<unknown, { title: string; dueAt: string; status: "open" | "done" }>((value) => ({
        value: value as { title: string; dueAt: string; status: "open" | "done" },
      })),
      events: {
        added: schema<{ title: string; dueAt: string }, { title: string; dueAt: Date }>((value) => {
          const { title, dueAt } = value as { title: unknown; dueAt: string };
          return typeof title === "string" ? { value: { title, dueAt: new Date(dueAt) } } : issue("A text", "title");
        }),
        done: schema<{}, {}>((value) => ({ value: value as {} })),
      },
      initial: "added",
      reduce: {
        added: (_, { body }) => ({ title: body.title, dueAt: body.dueAt.toISOString(), status: "open" }),
        done: (state) => ({ ...state, status: "done" }),
      },
      mutations: { finish: ({ dispatch }) => dispatch("done", {}) },
    }),
};

describe.each(["Zod", "Valibot", "a schema by hand"] as const)("with %s", (library) => {
  const Task = domain[library]() as ReturnType<(typeof domain)["a schema by hand"]>;
  const body = { title: "Write", dueAt: "2026-01-01T00:00:00.000Z" };

  test("an entity lives, and lives again from its events", () => {
    const task = Task.create({ body, entityId: "t1" });
    task.finish();
    expect(task.state).toEqual({ ...body, status: "done" });
    const again = Task.fromEvents({ entityId: "t1", events: task.uncommittedEvents });
    expect(again.state).toEqual(task.state);
    expect(again.version).toBe(2);
  });

  test("a body that does not fit is refused, and says where", () => {
    const { code, issues } = refusal(() => Task.create({ body: { ...body, title: 5 as never } }));
    expect(code).toBe("invalid_event");
    expect(issues.map(({ path }) => path)).toEqual([["body", "title"]]);
  });
});

test("a mutation that is called without its entity says so", () => {
  const Switch = defineEntity("switch", {
    state: z.object({ on: z.boolean() }),
    events: { made: z.object({}), flipped: z.object({}) },
    initial: "made",
    reduce: { made: () => ({ on: false }), flipped: ({ on }) => ({ on: !on }) },
    mutations: { flip: ({ dispatch }) => dispatch("flipped", {}) },
  });
  const { flip } = Switch.create({ body: {} });
  expect(() => flip()).toThrow(expect.objectContaining({ code: "wrong_entity" }));
});
