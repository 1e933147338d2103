import { describe, expect, test } from "vitest";
import { defineEntity } from "../entity/define-entity.ts";
import { defineReducer } from "../entity/define-reducer.ts";
import { Entity } from "../entity/entity.ts";
import { mutation } from "../entity/mutation.ts";
import { ReadonlyEntityError, ValidationError, VentydError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { z, zod } from "../validators/zod.ts";
import { given } from "./given.ts";

class PostClosedError extends Error {
  readonly code = "post_closed";
}

const schema = defineSchema("post", {
  schema: zod({
    event: {
      created: z.object({ title: z.string(), tags: z.array(z.string()).default([]) }),
      scheduled: z.object({ at: z.coerce.date() }),
      priced: z.object({ cents: z.string().transform(Number) }),
      closed: z.object({}),
    },
    state: z.object({
      title: z.string(),
      tags: z.array(z.string()),
      status: z.enum(["open", "closed"]),
      at: z.date().optional(),
      cents: z.number().optional(),
    }),
  }),
  initialEventName: "post:created",
});

const reducer = defineReducer(schema, {
  "post:created": (_, { body }) => ({ ...body, status: "open", at: undefined }),
  "post:scheduled": (state, { body }) => ({ ...state, at: body.at }),
  "post:priced": (state, { body }) => ({ ...state, cents: body.cents }),
  "post:closed": (state) => ({ ...state, status: "closed" }),
});

class Post extends Entity(schema, reducer) {
  schedule = mutation(this, (dispatch, at: Date) => {
    if (this.state.status === "closed") throw new PostClosedError("This post is closed");
    dispatch("post:scheduled", { at });
  });
  price = mutation(this, (dispatch, cents: string) => dispatch("post:priced", { cents }));
  close = mutation(this, (dispatch) => dispatch("post:closed", {}));
  closeLater = mutation(this, async (dispatch) => {
    await Promise.resolve();
    if (this.state.status === "closed") throw new PostClosedError("This post is closed");
    dispatch("post:closed", {});
  });
}

const created = ["post:created", { title: "Hello" }] as const;
const closed = ["post:closed", {}] as const;
const at = new Date("2026-01-31T09:30:00Z");

/** What a check throws. */
function failure(check: () => unknown): Error & { actual: unknown; expected: unknown } {
  try {
    check();
  } catch (error) {
    return error as never;
  }
  throw new Error("The check passed");
}

describe("given events", () => {
  test("are folded by the entity's own schema and reducer: a state is made of inputs", () => {
    given(Post)
      .events(created, ["post:priced", { cents: "500" }], ["post:scheduled", { at }])
      .thenState({ title: "Hello", tags: [], status: "open", cents: 500, at });
  });

  test("are committed already: only what comes after them is new", () => {
    given(Post)
      .events(created)
      .when((post) => {
        expect(post.version).toBe(1);
        expect(post.entityId).toBe("entity-1");
        expect(post.uncommittedEvents).toEqual([]);
      })
      .thenEvents();
  });

  test("add up, and a shared beginning stays what it is", () => {
    const open = given(Post).events(created);
    open.events(closed).when((post) => expect(post.version).toBe(2));
    open.when((post) => expect(post.version).toBe(1));
  });

  test("are made up into whole ones, the same each time: ids in a row, a second apart", () => {
    const seen: unknown[] = [];
    const Watched = Entity(schema, (state, event) => {
      seen.push([event.eventId, event.eventCreatedAt, event.entityId, event.entityName, event.version]);
      return reducer(state, event);
    });
    for (let times = 0; times < 2; times++)
      given(Watched)
        .events(created, closed)
        .when(() => {});
    const once = [
      ["event-1", "2024-01-01T00:00:00.000Z", "entity-1", "post", 1],
      ["event-2", "2024-01-01T00:00:01.000Z", "entity-1", "post", 2],
    ];
    expect(seen).toEqual([...once, ...once]);
  });

  test("may be objects: stored events as they are, and rollbacks", () => {
    const stored = Post.create({ body: { title: "Stored" }, entityId: "p7" }).uncommittedEvents;
    given(Post)
      .events(...stored, closed, { eventName: "post:$rolled_back", body: { toVersion: 1 } })
      .when((post) => {
        expect(post.entityId).toBe("p7");
        expect(post.version).toBe(3);
        post.schedule(at);
      })
      .thenEvents(["post:scheduled", { at }])
      .thenState({ title: "Stored", tags: [], status: "open", at });
  });

  test("that the schema refuses fail at once, and are no error that thenError could expect", () => {
    const wrong = given(Post).events(["post:created", {} as never]);
    expect(() => wrong.when(() => {})).toThrow(ValidationError);
    expect(() =>
      given(Post)
        .events(["post:created", { title: () => 1 } as never])
        .when(() => {}),
    ).toThrow('the body of "post:created" at title');
  });

  test("may be none: when() then makes the entity", () => {
    given(Post)
      .when(() => Post.create({ body: { title: "New" } }))
      .thenEvents(["post:created", { title: "New" }])
      .thenState({ title: "New", tags: [], status: "open" });
  });
});

describe("thenEvents", () => {
  const priced = () =>
    given(Post)
      .events(created)
      .when((post) => {
        post.price("500");
        post.schedule(at);
      });

  test("takes bodies as they are dispatched and as they are stored", () => {
    priced().thenEvents(["post:priced", { cents: "500" }], ["post:scheduled", { at }]);
    priced().thenEvents(["post:priced", { cents: "500" }], ["post:scheduled", { at: at.toISOString() }]);
    given(Post)
      .when(() => Post.create({ body: { title: "New" } }))
      .thenEvents(["post:created", { title: "New", tags: [] }]);
  });

  test.each<[string, () => unknown, string]>([
    [
      "another body",
      () => priced().thenEvents(["post:priced", { cents: "700" }], ["post:scheduled", { at }]),
      "events.0.body.cents: expected 700, got 500",
    ],
    [
      "another date",
      () => priced().thenEvents(["post:priced", { cents: "500" }], ["post:scheduled", { at: new Date(0) }]),
      'events.1.body.at: expected "Date \\"1970',
    ],
    [
      "an event too many",
      () => priced().thenEvents(["post:priced", { cents: "500" }]),
      'events at the end: not expected, got {"eventName":"post:scheduled"',
    ],
    [
      "a missing event",
      () => priced().thenEvents(["post:priced", { cents: "500" }], ["post:scheduled", { at }], closed),
      'events.2: missing, expected {"eventName":"post:closed","body":{}}',
    ],
    [
      "another order",
      () => priced().thenEvents(["post:scheduled", { at }], ["post:priced", { cents: "500" }]),
      "events",
    ],
    ["none at all", () => priced().thenEvents(), "events at the end: not expected"],
    [
      "a body that the schema refuses",
      () => priced().thenEvents(["post:priced", {} as never], ["post:scheduled", { at }]),
      "events.0.body.cents: not expected, got 500",
    ],
  ])("fails over %s, and says where", (_, check, message) => {
    const error = failure(check);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("AssertionError");
    expect(error.message).toContain("thenEvents: other events than expected\n  - ");
    expect(error.message).toContain(message);
    expect(error.actual).toEqual([
      { eventName: "post:priced", body: { cents: 500 } },
      { eventName: "post:scheduled", body: { at } },
    ]);
    expect(error.expected).not.toEqual(error.actual);
  });

  test("tells what was thrown instead, and keeps it as the cause", () => {
    const error = failure(() =>
      given(Post)
        .events(created, closed)
        .when((post) => post.schedule(at))
        .thenEvents(["post:scheduled", { at }]),
    );
    expect(error.message).toContain("when() threw Error [post_closed]: This post is closed");
    expect(error.cause).toBeInstanceOf(PostClosedError);
  });
});

describe("thenState", () => {
  test("compares deeply, and says where it differs", () => {
    const error = failure(() =>
      given(Post)
        .events(created)
        .thenState({ title: "Bye", tags: ["a"], status: "open" }),
    );
    expect(error.name).toBe("AssertionError");
    expect(error.message.split("\n")).toEqual([
      "thenState: another state than expected",
      '  - state.title: expected "Bye", got "Hello"',
      '  - state.tags.0: missing, expected "a"',
    ]);
    expect(error.actual).toMatchObject({ title: "Hello" });
    expect(error.expected).toMatchObject({ title: "Bye" });
  });

  test("tells what was thrown instead", () => {
    const then = given(Post)
      .events(created, closed)
      .when((post) => post.schedule(at));
    expect(failure(() => then.thenState({ title: "Hello", tags: [], status: "closed" })).cause).toBeInstanceOf(
      PostClosedError,
    );
  });

  test("fails where there is no entity yet", () => {
    expect(() => given(Post).thenState({ title: "Hello", tags: [], status: "open" })).toThrow("thenState");
  });
});

describe("thenError", () => {
  const refused = () =>
    given(Post)
      .events(created, closed)
      .when((post) => post.schedule(at));

  test("knows an error by its code, its whole message, its class, a pattern or a function", () => {
    const global = /closed/g;
    refused().thenError("post_closed").thenState({ title: "Hello", tags: [], status: "closed" }).thenEvents();
    refused().thenError("This post is closed");
    refused().thenError(PostClosedError);
    refused().thenError(Error);
    refused().thenError(global);
    refused().thenError(global);
    refused().thenError((error) => error instanceof PostClosedError && error.code === "post_closed");
    given(Post)
      .events(created)
      .when((post) => post.price(5 as never))
      .thenError(VentydError);
  });

  test.each<[string, Parameters<ReturnType<typeof refused>["thenError"]>[0], string]>([
    ["code", "post_open", 'the error "post_open"'],
    ["part of a message", "closed", 'the error "closed"'],
    ["class", ReadonlyEntityError, "an error of class ReadonlyEntityError"],
    ["pattern", /^closed/, "an error with a message like /^closed/"],
    ["function", () => false, "an error that the given function accepts"],
  ])("fails over an error of another %s, and keeps it as the cause", (_, expected, described) => {
    const error = failure(() => refused().thenError(expected));
    expect(error.name).toBe("AssertionError");
    expect(error.message).toBe(`thenError: expected ${described}, got Error [post_closed]: This post is closed`);
    expect(error.cause).toBeInstanceOf(PostClosedError);
    expect(error.actual).toBe(error.cause);
    expect(error.expected).toBe(expected);
  });

  test("fails where nothing was thrown, and tells what was done instead", () => {
    const error = failure(() =>
      given(Post)
        .events(created)
        .when((post) => post.close())
        .thenError("post_closed"),
    );
    expect(error.message).toBe(
      'thenError: expected the error "post_closed", but nothing was thrown. Uncommitted events:\n  - post:closed {}',
    );
    expect(
      failure(() =>
        given(Post)
          .when(() => {})
          .thenError("x"),
      ).message,
    ).toContain("Uncommitted events: none");
  });

  test("fails where events were left behind, for a commit would store them", () => {
    const error = failure(() =>
      given(Post)
        .events(created)
        .when((post) => {
          post.close();
          post.schedule(at);
        })
        .thenError("post_closed"),
    );
    expect(error.message).toContain("left events behind");
    expect(error.message).toContain('events at the end: not expected, got {"eventName":"post:closed","body":{}}');
    expect(error.cause).toBeInstanceOf(PostClosedError);
  });

  test("takes whatever is thrown", () => {
    const thrown = given(Post).when(() => {
      throw null;
    });
    thrown.thenError((error) => error === null);
    expect(failure(() => thrown.thenError("x")).message).toContain("got null");
  });
});

describe("an asynchronous when", () => {
  const closing = () =>
    given(Post)
      .events(created)
      .when((post) => post.closeLater());

  test("is awaited at the end of the checks", async () => {
    await closing().thenEvents(closed).thenState({ title: "Hello", tags: [], status: "closed" });
    await closing();
    await given(Post)
      .when(async () => Post.create({ body: { title: "New" } }))
      .thenEvents(["post:created", { title: "New" }]);
  });

  test("rejects with the first check that fails, and leaves no rejection unhandled", async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", listener);
    const done = closing().thenEvents().thenState({ title: "Hello", tags: [], status: "closed" });
    await expect(done).rejects.toThrow("thenEvents: other events than expected");
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });

  test("may be expected to reject", async () => {
    const closingAgain = () =>
      given(Post)
        .events(created, closed)
        .when((post) => post.closeLater());
    await closingAgain().thenError("post_closed").thenEvents();
    await expect(closingAgain().thenEvents()).rejects.toThrow("when() threw Error [post_closed]");
    await expect(closing().thenError("post_closed")).rejects.toThrow("nothing was thrown");
  });

  test("names the line of the test in the stack of its failure", async () => {
    const failing = async () => await closing().thenEvents();
    const error = await failing().catch((error: Error) => error);
    expect((error as Error).stack).toContain("given.test.ts");
  });
});

describe("any form of an entity", () => {
  test("defineEntity: by the full names of its events", () => {
    const Counter = defineEntity("counter", {
      state: z.object({ count: z.number() }),
      events: { started: z.object({}), counted: z.object({ by: z.number() }) },
      initial: "started",
      reduce: {
        started: () => ({ count: 0 }),
        counted: (state, { body }) => ({ count: state.count + body.by }),
      },
      mutations: { count: ({ dispatch }, by: number) => dispatch("counted", { by }) },
    });
    given(Counter)
      .events(["counter:started", {}], ["counter:counted", { by: 2 }])
      .when((counter) => counter.count(3))
      .thenEvents(["counter:counted", { by: 3 }])
      .thenState({ count: 5 });
  });

  test("a bare class, without mutations", () => {
    given(Entity(schema, reducer)).events(created).thenState({ title: "Hello", tags: [], status: "open" });
  });
});
