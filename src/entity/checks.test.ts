import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ValidationError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { z, zod } from "../validators/zod.ts";
import { Entity, type EntityOptions } from "./entity.ts";
import { mutation } from "./mutation.ts";

const schema = defineSchema("list", {
  schema: zod({
    event: {
      started: z.object({ tags: z.array(z.string()).default([]) }),
      added: z.object({ item: z.object({ id: z.string() }) }),
    },
    state: z.object({
      items: z.array(z.object({ id: z.string() })),
      at: z.date(),
      byId: z.record(z.string(), z.number()).optional(),
    }),
  }),
  initialEventName: "list:started",
});

type State = { items: { id: string }[]; at: Date; byId?: Record<string, number> };
type Event = { eventName: string; eventCreatedAt: string; body: { item: { id: string } } };
type Handler = (state: State, event: Event) => unknown;

/** A class whose reducer starts with one item and handles additions as it is told. */
function define(added: Handler, options: EntityOptions = {}) {
  const reducer = (state: State | null, event: Event) =>
    state === null ? { items: [{ id: "first" }], at: new Date(0) } : added(state, event);
  return class List extends Entity(schema, reducer as never, options) {
    add = mutation(this, (dispatch, id?: string) => dispatch("list:added", { item: { id: id ?? "x" } }));
  };
}

const pure: Handler = (state, { body }) => ({ ...state, items: [...state.items, body.item] });

let clock = 0;

const mistakes: [title: string, code: string, path: (string | number)[], added: Handler][] = [
  [
    "sets a key of the state",
    "reducer_mutates",
    ["state", "items", 0, "id"],
    (state) => {
      (state.items[0] as { id: string }).id += "!";
      return { ...state };
    },
  ],
  [
    "pushes into a list of the state",
    "reducer_mutates",
    ["state", "items", 1],
    (state, { body }) => {
      state.items.push(body.item);
      return state;
    },
  ],
  [
    "deletes a key of the state",
    "reducer_mutates",
    ["state", "at"],
    (state) => {
      const { at } = state;
      delete (state as Partial<State>).at;
      return { ...state, at };
    },
  ],
  [
    "adds a key with the value undefined to the state",
    "reducer_mutates",
    ["state", "note"],
    (state) => Object.assign(state, { note: undefined }),
  ],
  [
    "sets a date of the state",
    "reducer_mutates",
    ["state", "at"],
    (state) => {
      state.at.setFullYear(2001);
      return { ...state };
    },
  ],
  [
    "writes into the body",
    "reducer_mutates",
    ["event", "body", "item", "id"],
    (state, { body }) => {
      body.item.id = "y";
      return { ...state };
    },
  ],
  [
    "writes into the event",
    "reducer_mutates",
    ["event", "eventCreatedAt"],
    (state, event) => {
      event.eventCreatedAt = "";
      return { ...state };
    },
  ],
  ["looks at a clock", "reducer_not_deterministic", ["state", "at"], (state) => ({ ...state, at: new Date(clock++) })],
  [
    "makes ids",
    "reducer_not_deterministic",
    ["state", "items", 0, "id"],
    (state) => ({ ...state, items: [{ id: crypto.randomUUID() }] }),
  ],
  [
    "throws the second time",
    "reducer_not_deterministic",
    ["state"],
    (state) => {
      if (clock++ % 2 === 1) throw new Error("again?");
      return { ...state };
    },
  ],
  [
    "makes a state that the schema refuses",
    "invalid_state",
    ["items", 0, "id"],
    (state) => ({ ...state, items: [{ id: 5 }] }),
  ],
  ["returns nothing", "invalid_state", [], () => undefined],
  ["returns null", "invalid_state", [], () => null],
];

const emitWarning = vi.spyOn(process, "emitWarning");
const warnings = () => emitWarning.mock.calls.map(([warning]) => warning as unknown as ValidationError);
beforeEach(() => {
  clock = 0;
  emitWarning.mockReset().mockImplementation(() => {});
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe('"warn"', () => {
  test.each(mistakes)("tells the process of a reducer that %s, and where", (_, code, path, added) => {
    const list = define(added, { checks: "warn" }).create({ body: {}, entityId: "l1" });
    list.add();
    expect(warnings()).toHaveLength(1);
    const [warning] = warnings();
    expect(warning).toBeInstanceOf(ValidationError);
    expect(warning).toMatchObject({ code, entityName: "list", entityId: "l1", eventName: "list:added", version: 2 });
    expect(warning?.issues.map((issue) => issue.path)).toEqual([path]);
    expect(warning?.message).toContain("list");
    expect(warning?.message).toContain("list:added");
    expect(warning?.message).toContain(path.join("."));
  });

  test.each(mistakes)("changes nothing about what a reducer does that %s", (_, _code, _path, added) => {
    const run = (checks: "off" | "warn") => {
      vi.spyOn(crypto, "randomUUID").mockReturnValue("0-0-0-0-0");
      clock = 0;
      const list = define(added, { checks }).create({ body: {}, eventId: "e1" });
      const before = list.state;
      list.add();
      return { before, state: list.toJSON().state, same: list.toJSON().state === before, version: list.version };
    };
    expect(run("warn")).toEqual(run("off"));
    vi.mocked(crypto.randomUUID).mockRestore();
  });

  test("says nothing of a reducer that is pure", () => {
    const list = define(pure, { checks: "warn" }).create({ body: {} });
    list.add();
    list.add();
    expect(list.state.items).toHaveLength(3);
    expect(warnings()).toEqual([]);
  });

  test("tells of each mistake once, however many events there are", () => {
    const List = define(
      (state) => {
        state.items.push({ id: 5 as never });
        return state;
      },
      { checks: "warn" },
    );
    for (let count = 0; count < 3; count++) {
      const list = List.create({ body: {} });
      list.add();
    }
    expect(warnings().map(({ code }) => code)).toEqual(["reducer_mutates", "invalid_state"]);
  });

  test("falls silent after 50 warnings, where every event has a path of its own", () => {
    const list = define(
      (state, { body }) => {
        const byId = { ...state.byId };
        byId[body.item.id] = clock++;
        return { ...state, byId };
      },
      { checks: "warn" },
    ).create({ body: {} });
    for (let count = 0; count < 150; count++) list.add(`id-${count}`);
    expect(list.version).toBe(151);
    expect(warnings()).toHaveLength(50);
  });

  test("cannot make a dispatch fail, whoever listens", () => {
    emitWarning.mockImplementation(() => {
      throw new Error("a listener's bug");
    });
    const list = define(() => undefined, { checks: "warn" }).create({ body: {} });
    expect(() => list.add()).not.toThrow();
    expect(list.version).toBe(2);
  });
});

describe('"throw"', () => {
  test.each(mistakes)(
    "refuses the dispatch of a reducer that %s, and leaves the entity as it was",
    (_, code, path, added) => {
      const list = define(added, { checks: "throw" }).create({ body: {}, entityId: "l1" });
      const state = { items: [{ id: "first" }], at: new Date(0) };
      const events = list.uncommittedEvents;
      for (let times = 0; times < 2; times++) {
        clock = 0;
        const attempt = expect(() => list.add());
        attempt.toThrow(ValidationError);
        clock = 0;
        expect(() => list.add()).toThrow(
          expect.objectContaining({ code, issues: [expect.objectContaining({ path })] }),
        );
        expect(list.state).toStrictEqual(state);
        expect(list.version).toBe(1);
        expect(list.uncommittedEvents).toEqual(events);
      }
      expect(warnings()).toEqual([]);
    },
  );

  test("lets a pure reducer do its work", () => {
    const list = define(pure, { checks: "throw" }).create({ body: {} });
    list.add("a");
    list.add("b");
    expect(list.state.items).toEqual([{ id: "first" }, { id: "a" }, { id: "b" }]);
  });

  test("keeps what a reducer threw the second time as the cause", () => {
    const list = define(mistakes[9]?.[3] as Handler, { checks: "throw" }).create({ body: {} });
    expect(() => list.add()).toThrow(expect.objectContaining({ cause: new Error("again?") }));
  });

  test("leaves the state as it was, too, where an impure reducer throws by itself", () => {
    const list = define(
      (state) => {
        state.items.pop();
        throw new Error("bug");
      },
      { checks: "throw" },
    ).create({ body: {} });
    expect(() => list.add()).toThrow("bug");
    expect(list.state.items).toEqual([{ id: "first" }]);
  });
});

describe("whatever the checks", () => {
  test('"off" runs the reducer once, and says nothing', () => {
    const added = vi.fn(() => undefined);
    define(added, { checks: "off" }).create({ body: {} }).add();
    expect(added).toHaveBeenCalledTimes(1);
    expect(warnings()).toEqual([]);
  });

  test("loads are not checked: what is stored is read, whatever it makes", () => {
    for (const [, , , added] of mistakes) {
      const events = define(pure).create({ body: {}, entityId: "l1" }).uncommittedEvents;
      const List = define(vi.fn(added), { checks: "throw" });
      expect(() => List.fromEvents({ entityId: "l1", events: [...events, ...events.slice(1)] })).not.toThrow();
    }
    const again = vi.fn(pure);
    const list = define(pure).create({ body: {}, entityId: "l1" });
    list.add();
    define(again, { checks: "throw" }).fromEvents({ entityId: "l1", events: list.uncommittedEvents });
    expect(again).toHaveBeenCalledTimes(1);
  });

  test("a state that cannot be copied is not handed to the reducer a second time", () => {
    class Money {
      euros = 1;
    }
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    for (const odd of [new Map(), new Set([1]), new Money(), () => 1, cycle]) {
      const anything = defineSchema("thing", {
        schema: zod({ event: { made: z.object({}) }, state: z.any() }),
        initialEventName: "thing:made",
      });
      const reducer = vi.fn((state: unknown) => state ?? { odd });
      class Thing extends Entity(anything, reducer as never, { checks: "warn" }) {
        make = mutation(this, (dispatch) => dispatch("thing:made", {}));
      }
      const thing = Thing.create({ body: {} });
      const calls = reducer.mock.calls.length;
      thing.make();
      expect(reducer).toHaveBeenCalledTimes(calls + 1);
      expect((thing.state as { odd: unknown }).odd).toBe(odd);
    }
    expect(warnings()).toEqual([]);
  });

  test("a reducer cannot dispatch, not even when it is run again", () => {
    let refused = 0;
    let list: { add(): void } | undefined;
    const added: Handler = (state, event) => {
      try {
        list?.add();
      } catch {
        refused++;
      }
      return pure(state, event);
    };
    const created = define(added, { checks: "warn" }).create({ body: {} });
    list = created;
    created.add();
    expect(refused).toBe(2);
    expect(created.version).toBe(2);
  });

  test.each([["on"], [true], [null], [""]])("anything else is refused: %o", (checks) => {
    expect(() => Entity(schema, pure as never, { checks: checks as never })).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });
});

describe("the default", () => {
  const mistake = () =>
    define(() => undefined)
      .create({ body: {} })
      .add();

  test("is to warn", () => {
    mistake();
    expect(warnings()).toHaveLength(1);
  });

  test("is off in production", () => {
    vi.stubEnv("NODE_ENV", "production");
    mistake();
    expect(warnings()).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["there is no process", undefined],
    ["the process has no environment", {}],
    [
      "the environment must not be looked at",
      {
        get env() {
          throw new Error("permission denied");
        },
      },
    ],
  ])("is off where %s", (_, processOfRuntime) => {
    const reducer = vi.fn(() => undefined);
    vi.stubGlobal("process", processOfRuntime);
    const List = define(reducer);
    vi.unstubAllGlobals();
    List.create({ body: {} }).add();
    expect(reducer).toHaveBeenCalledTimes(1);
    expect(warnings()).toEqual([]);
  });
});
