import { describe, expectTypeOf, test } from "vitest";
import { defineEntity } from "../entity/define-entity.ts";
import { Entity } from "../entity/entity.ts";
import { mutation } from "../entity/mutation.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { v, valibot } from "../validators/valibot.ts";
import { z, zod } from "../validators/zod.ts";
import { type AsyncOutcome, given, type Outcome } from "./given.ts";

const schema = defineSchema("post", {
  schema: zod({
    event: {
      created: z.object({ title: z.string(), tags: z.array(z.string()).default([]) }),
      priced: z.object({ cents: z.string().transform(Number) }),
      rated: z.object({ mark: z.enum(["good", "bad"]) }),
    },
    state: z.object({ title: z.string() }),
  }),
  initialEventName: "post:created",
});
type PostSchema = typeof schema;

class Post extends Entity(schema, (state) => state) {
  price = mutation(this, (dispatch, cents: string) => dispatch("post:priced", { cents }));
  priceLater = mutation(this, async (dispatch, cents: string) => dispatch("post:priced", { cents }));
}

const post = given(Post);

describe("events", () => {
  test("have names and bodies of the schema, bodies as they are dispatched", () => {
    post.events(
      ["post:created", { title: "Hello" }],
      ["post:priced", { cents: "5" }],
      ["post:rated", { mark: "good" }],
    );
    // @ts-expect-error there is no such event
    post.events(["post:deleted", {}]);
    // @ts-expect-error a short name is no event name
    post.events(["created", { title: "Hello" }]);
    // @ts-expect-error that is another event's body
    post.events(["post:created", { cents: "5" }]);
    // @ts-expect-error that is the output: a price is given as text
    post.events(["post:priced", { cents: 5 }]);
    // @ts-expect-error there is no such mark
    post.events(["post:rated", { mark: "fair" }]);
    // @ts-expect-error there is no such key
    post.events(["post:created", { title: "Hello", colour: "red" }]);
    // @ts-expect-error the body is missing
    post.events(["post:created"]);
  });

  test("stand in error at their own line", () => {
    post.events(
      ["post:created", { title: "Hello" }],
      // @ts-expect-error the price is missing
      ["post:priced", {}],
      ["post:rated", { mark: "bad" }],
    );
  });

  test("may be objects, of any name: stored ones, old ones, rollbacks", () => {
    post.events(...Post.create({ body: { title: "Hello" } }).uncommittedEvents);
    post.events({ eventName: "post:$rolled_back", body: { toVersion: 1 } });
    post.events(["post:created", { title: "Hello" }], { eventName: "post:old", body: {}, version: 7 });
    // @ts-expect-error it has no name
    post.events({ body: {} });
    // @ts-expect-error a version is a number
    post.events({ eventName: "post:old", body: {}, version: "7" });
  });

  test("may be kept in variables", () => {
    const created = ["post:created", { title: "Hello" }] as const;
    post
      .events(created)
      .when((post) => post.price("5"))
      .thenEvents(["post:priced", { cents: "5" }]);
  });
});

describe("when", () => {
  test("gets the entity, with its mutations", () => {
    post.when((entity) => {
      expectTypeOf(entity).toEqualTypeOf<Post>();
    });
    // @ts-expect-error there is no such mutation
    post.when((entity) => entity.publish());
    // @ts-expect-error the price is missing
    post.when((entity) => entity.price());
  });

  test("is a promise where what is done is one, and only there", () => {
    expectTypeOf(post.when((entity) => entity.price("5"))).toEqualTypeOf<Outcome<PostSchema>>();
    expectTypeOf(post.when(() => Post.create({ body: { title: "Hello" } }))).toEqualTypeOf<Outcome<PostSchema>>();
    expectTypeOf(post.when((entity) => entity.priceLater("5"))).toEqualTypeOf<AsyncOutcome<PostSchema>>();
    expectTypeOf(
      post
        .when(async (entity) => entity.price("5"))
        .thenEvents()
        .thenState({ title: "x" }),
    ).toExtend<Promise<void>>();
    expectTypeOf(
      post.when(() => {
        throw new Error("always");
      }),
    ).toEqualTypeOf<Outcome<PostSchema>>();
  });
});

describe("checks", () => {
  const outcome = post.when((entity) => entity.price("5"));

  test("take the events, the state and the errors that there can be", () => {
    outcome.thenEvents().thenState({ title: "Hello" }).thenError("code");
    outcome
      .thenError(/message/)
      .thenError(TypeError)
      .thenError((error) => error === null);
    // @ts-expect-error that is the output
    outcome.thenEvents(["post:priced", { cents: 5 }]);
    // @ts-expect-error there is no such event
    outcome.thenEvents(["post:deleted", {}]);
    // @ts-expect-error the title is missing
    outcome.thenState({});
    // @ts-expect-error there is no such key
    outcome.thenState({ title: "Hello", colour: "red" });
    // @ts-expect-error a number is no error
    outcome.thenError(5);
    // @ts-expect-error that is no class of errors
    outcome.thenError(Map);
  });

  test("are the same after an asynchronous when", () => {
    const later = post.when((entity) => entity.priceLater("5"));
    later.thenEvents(["post:priced", { cents: "5" }]).thenState({ title: "Hello" });
    // @ts-expect-error that is the output
    later.thenEvents(["post:priced", { cents: 5 }]);
  });

  test("of the state alone need no when", () => {
    post.events(["post:created", { title: "Hello" }]).thenState({ title: "Hello" });
    // @ts-expect-error nothing was done, so nothing can have happened
    post.thenEvents();
  });
});

describe("any form of an entity", () => {
  test("a bare class, one with another validator, and defineEntity", () => {
    given(Entity(schema, (state) => state)).events(["post:created", { title: "Hello" }]);

    const noteSchema = defineSchema("note", {
      schema: valibot({
        event: { written: v.object({ at: v.pipe(v.string(), v.toDate()) }) },
        state: v.object({ at: v.date() }),
      }),
      initialEventName: "note:written",
    });
    class Note extends Entity(noteSchema, (_, { body }) => body as { at: Date }) {}
    given(Note)
      .events(["note:written", { at: "2026-01-01" }])
      .thenState({ at: new Date("2026-01-01") });
    // @ts-expect-error the input is a text
    given(Note).events(["note:written", { at: new Date() }]);

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
      .events(["counter:started", {}])
      .when((counter) => counter.count(1))
      .thenEvents(["counter:counted", { by: 1 }]);
    // @ts-expect-error an amount is a number
    given(Counter).events(["counter:counted", { by: "1" }]);
  });

  test("nothing else", () => {
    // @ts-expect-error that is no class of entities
    given(Map);
    // @ts-expect-error an entity is no class
    given(Post.create({ body: { title: "Hello" } }));
  });
});
