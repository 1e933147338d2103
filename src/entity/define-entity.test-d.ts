import { describe, expectTypeOf, test } from "vitest";
import { createRepository } from "../repository/create-repository.ts";
import type { DefaultSchema } from "../schema/define-schema.ts";
import type { EventOf } from "../schema/event.ts";
import type {
  InferEntityNameFromSchema,
  InferEventBodyFromSchema,
  InferEventInputFromSchema,
  InferEventNameFromSchema,
  InferInitialEventNameFromSchema,
  InferInitialEventNamesFromSchema,
  InferMetadataInputFromSchema,
  InferSchemaFromEntityConstructor,
  InferStateFromSchema,
} from "../schema/infer.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import type { EventStore } from "../storage/index.ts";
import { v } from "../validators/valibot.ts";
import { z } from "../validators/zod.ts";
import { defineEntity } from "./define-entity.ts";
import { defineReducer } from "./define-reducer.ts";
import { Entity } from "./entity.ts";
import type { DispatchOptions } from "./entity-core.ts";
import type { MutationContext } from "./entity-parts.ts";
import { mutation } from "./mutation.ts";
import type { MutationMethod, ReadonlyEntity } from "./types.ts";

type State = { title: string; status: "draft" | "approved"; tags: string[] };

const PostState = z.object({ title: z.string(), status: z.enum(["draft", "approved"]), tags: z.array(z.string()) });
const events = {
  created: z.object({ title: z.string(), at: z.coerce.date(), tags: z.array(z.string()).default([]) }),
  imported: z.object({ from: z.string() }),
  approved: z.object({ comment: z.string().transform((text) => text.length) }),
};
const state: State = { title: "", status: "draft", tags: [] };
const reduce = { created: () => state, imported: () => state, approved: () => state };

const Post = defineEntity("post", {
  state: PostState,
  events,
  initial: "created",
  reduce: {
    created: (_, { body }) => ({ title: body.title, status: "draft", tags: body.tags }),
    imported: (state) => state,
    approved: (state, { body }) => ({ ...state, status: "approved", tags: [`${body.comment}`] }),
  },
  mutations: {
    approve: ({ state, dispatch }, comment: string) => {
      dispatch("approved", { comment });
      return state.status;
    },
    rename(context, title: string, loud = false) {
      return [title, loud, context.version] as const;
    },
    wait: async ({ dispatch }, ...comments: string[]) => {
      for (const comment of comments) dispatch("approved", { comment });
      return comments.length;
    },
    touch: () => {},
  },
  irreversible: ["approved"],
});

const body = { title: "Hello", at: "2026-01-01" };

describe("the parts of a definition: reduce", () => {
  test("knows for each handler what was there before, and what its event carries", () => {
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce: {
        created: (state, event) => {
          expectTypeOf(state).toEqualTypeOf<null>();
          expectTypeOf(event).toEqualTypeOf<
            EventOf<"post", "post:created", { title: string; at: Date; tags: string[] }>
          >();
          return { title: event.body.title, status: "draft", tags: [] };
        },
        imported: (state, { body }) => {
          expectTypeOf(state).toEqualTypeOf<State>();
          expectTypeOf(body).toEqualTypeOf<{ from: string }>();
          return state;
        },
        approved: (state, { body, eventName }) => {
          expectTypeOf(state).toEqualTypeOf<State>();
          expectTypeOf(body).toEqualTypeOf<{ comment: number }>();
          expectTypeOf(eventName).toEqualTypeOf<"post:approved">();
          return state;
        },
      },
    });
  });

  test("knows that there may be a state where several events may start a stream", () => {
    defineEntity("post", {
      state: PostState,
      events,
      initial: ["created", "imported"],
      reduce: {
        created: (before) => {
          expectTypeOf(before).toEqualTypeOf<State | null>();
          return before ?? state;
        },
        imported: (before) => {
          expectTypeOf(before).toEqualTypeOf<State | null>();
          return before ?? state;
        },
        approved: (before) => {
          expectTypeOf(before).toEqualTypeOf<State>();
          return before;
        },
      },
    });
  });

  test("has a handler for every event, and no other", () => {
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      // @ts-expect-error "approved" has no handler
      reduce: { created: () => state, imported: () => state },
    });
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce: {
        created: () => state,
        imported: () => state,
        approved: () => state,
        // @ts-expect-error there is no such event
        archived: () => state,
      },
    });
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce: {
        created: () => state,
        imported: () => state,
        approved: () => state,
        // @ts-expect-error handlers go by short names
        "post:approved": () => state,
      },
    });
  });

  test("returns the state, the whole state", () => {
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce: {
        // @ts-expect-error `status` is missing
        created: (_, { body }) => ({ title: body.title, tags: [] }),
        imported: () => state,
        approved: () => state,
      },
    });
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce: {
        created: () => state,
        imported: () => state,
        // @ts-expect-error there is no such status
        approved: (before) => ({ ...before, status: "approoved" }),
      },
    });
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce: {
        created: () => state,
        // @ts-expect-error a title is a text
        imported: () => ({ title: 5, status: "draft", tags: [] }),
        // @ts-expect-error nothing is returned
        approved: () => {},
      },
    });
  });

  test("keeps literals as they are written, in handlers without parameters too", () => {
    defineEntity("shape", {
      state: z.object({
        status: z.enum(["new", "old"]),
        sides: z.union([z.literal(3), z.literal(4)]),
        size: z.tuple([z.number(), z.enum(["cm", "in"])]).optional(),
        tags: z.array(z.enum(["a", "b"])),
        flag: z.literal(true),
        review: z.union([
          z.object({ kind: z.literal("none") }),
          z.object({ kind: z.literal("done"), by: z.array(z.object({ role: z.enum(["x", "y"]) })) }),
        ]),
        at: z.date().nullable(),
      }),
      events: { drawn: z.object({}), moved: z.object({}), turned: z.object({}), marked: z.object({}) },
      initial: "drawn",
      reduce: {
        drawn: () => ({
          status: "new",
          sides: 4,
          size: [1, "cm"],
          tags: ["a"],
          flag: true,
          review: { kind: "none" },
          at: null,
        }),
        moved: () => {
          return {
            status: "old",
            sides: 3,
            tags: [],
            flag: true,
            review: { kind: "done", by: [{ role: "x" }] },
            at: new Date(),
          };
        },
        turned: (state) => ({ ...state, status: state.sides === 3 ? "new" : "old", size: [2, "in"] }),
        marked: () => ({
          status: "old",
          sides: 3,
          tags: [],
          flag: true,
          // @ts-expect-error there is no such role
          review: { kind: "done", by: [{ role: "z" }] },
          at: null,
        }),
      },
    });
  });

  test("takes a state of any kind: a text, a union, a class, anything", () => {
    const made = { events: { made: z.object({}) }, initial: "made" } as const;
    const Text = defineEntity("text", { ...made, state: z.enum(["a", "b"]), reduce: { made: () => "a" } });
    expectTypeOf<InferStateFromSchema<typeof Text.schema>>().toEqualTypeOf<"a" | "b">();
    // @ts-expect-error there is no such letter
    defineEntity("text", { ...made, state: z.enum(["a", "b"]), reduce: { made: () => "c" } });
    const Union = defineEntity("union", {
      ...made,
      state: z.discriminatedUnion("is", [
        z.object({ is: z.literal("on"), since: z.date() }),
        z.object({ is: z.literal("off") }),
      ]),
      reduce: { made: () => ({ is: "off" }) },
    });
    expectTypeOf<InferStateFromSchema<typeof Union.schema>>().toEqualTypeOf<
      { is: "on"; since: Date } | { is: "off" }
    >();
    defineEntity("set", { ...made, state: z.map(z.string(), z.number()), reduce: { made: () => new Map() } });
    const Unknown = defineEntity("anything", { ...made, state: z.unknown(), reduce: { made: () => 5 } });
    expectTypeOf<InferStateFromSchema<typeof Unknown.schema>>().toBeUnknown();
  });
});

describe("the parts of a definition: names", () => {
  test("of initial events are short ones of events that there are", () => {
    defineEntity("post", { state: PostState, events, reduce, initial: "imported" });
    defineEntity("post", { state: PostState, events, reduce, initial: ["created", "imported"] });
    // @ts-expect-error there is no such event
    defineEntity("post", { state: PostState, events, reduce, initial: "craeted" });
    // @ts-expect-error that is a full name
    defineEntity("post", { state: PostState, events, reduce, initial: "post:created" });
    // @ts-expect-error the second one does not exist
    defineEntity("post", { state: PostState, events, reduce, initial: ["created", "archived"] });
    // @ts-expect-error at least one event starts a stream
    defineEntity("post", { state: PostState, events, reduce, initial: [] });
    // @ts-expect-error it must be named
    defineEntity("post", { state: PostState, events, reduce });
  });

  test("of irreversible events are too", () => {
    defineEntity("post", { state: PostState, events, reduce, initial: "created", irreversible: ["approved"] });
    // @ts-expect-error there is no such event
    defineEntity("post", { state: PostState, events, reduce, initial: "created", irreversible: ["archived"] });
    // @ts-expect-error that is a full name
    defineEntity("post", { state: PostState, events, reduce, initial: "created", irreversible: ["post:approved"] });
  });

  test("of options are known ones", () => {
    // @ts-expect-error there is no such option
    defineEntity("post", { state: PostState, events, reduce, initial: "created", colour: "red" });
    defineEntity("post", {
      state: PostState,
      events,
      reduce,
      initial: "created",
      revision: 2,
      maxQueuedEvents: 5,
      generateId: (type) => type satisfies "eventId" | "entityId",
      now: () => new Date(),
      checks: "throw",
    });
  });

  test("are of Standard Schemas", () => {
    defineEntity("post", {
      state: PostState,
      // @ts-expect-error that is no schema
      events: { created: { title: "string" } },
      reduce: {},
      initial: "created",
    });
    // @ts-expect-error that is no schema
    defineEntity("post", { state: { title: "string" }, events, reduce, initial: "created" });
  });
});

describe("the parts of a definition: mutations", () => {
  test("know the context, without being told", () => {
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce,
      mutations: {
        approve: (context) => {
          expectTypeOf(context.state).toEqualTypeOf<State>();
          expectTypeOf(context.version).toEqualTypeOf<number>();
          expectTypeOf(context.entityId).toEqualTypeOf<string>();
          expectTypeOf(context).toEqualTypeOf<
            MutationContext<
              State,
              {
                created: { title: string; at: unknown; tags?: string[] | undefined };
                imported: { from: string };
                approved: { comment: string };
              }
            >
          >();
          // @ts-expect-error read-only
          context.version = 5;
        },
      },
    });
  });

  test("dispatch by short names what the schemas take, before coercions and transforms", () => {
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce,
      mutations: {
        approve: ({ dispatch }) => {
          dispatch("approved", { comment: "x" });
          dispatch("created", { title: "x", at: "2026-01-01" });
          dispatch("approved", { comment: "x" }, { actor: "bob", eventId: "e1" });
          expectTypeOf(dispatch("imported", { from: "blog" })).toEqualTypeOf<void>();
          expectTypeOf(dispatch).parameter(0).toEqualTypeOf<"created" | "imported" | "approved">();
          expectTypeOf(dispatch).parameter(2).toEqualTypeOf<DispatchOptions | undefined>();
          // @ts-expect-error there is no such event
          dispatch("archived", {});
          // @ts-expect-error that is a full name
          dispatch("post:approved", { comment: "x" });
          // @ts-expect-error that is the output
          dispatch("approved", { comment: 5 });
          // @ts-expect-error the comment is missing
          dispatch("approved", {});
          // @ts-expect-error there is no such key
          dispatch("approved", { comment: "x", colour: "red" });
          // @ts-expect-error that is another event's body
          dispatch("approved", { from: "blog" });
          // @ts-expect-error the library's own events are not dispatched
          dispatch("$rolled_back", { toVersion: 1 });
          // @ts-expect-error there is no such option
          dispatch("approved", { comment: "x" }, { colour: "red" });
        },
      },
    });
  });

  test("have the arguments and the result of their functions", () => {
    const post = Post.create({ body });
    expectTypeOf(post.approve).toEqualTypeOf<MutationMethod<(comment: string) => State["status"]>>();
    expectTypeOf(post.rename).parameters.toEqualTypeOf<[title: string, loud?: boolean | undefined]>();
    expectTypeOf(post.rename("x")).toEqualTypeOf<readonly [string, boolean, number]>();
    expectTypeOf(post.wait("a", "b")).toEqualTypeOf<Promise<number>>();
    expectTypeOf(post.touch).parameters.toEqualTypeOf<[]>();
    expectTypeOf(post.touch()).toEqualTypeOf<void>();
    // @ts-expect-error a comment is a text
    post.approve(5);
    // @ts-expect-error the comment is missing
    post.approve();
    // @ts-expect-error there is none of that name
    post.archive();
    // @ts-expect-error it is not there to be replaced
    post.approve = Post.create({ body }).approve;
  });

  test("must say what they take: nothing becomes any", () => {
    const Untyped = defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce,
      mutations: { approve: ({ dispatch }, comment) => dispatch("approved", { comment }) },
    });
    expectTypeOf(Untyped.create({ body }).approve).parameter(0).toBeNever();
  });

  test("may not be called like a member that entities have", () => {
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce,
      mutations: {
        // @ts-expect-error every entity has a state
        state: () => {},
      },
    });
    defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce,
      mutations: {
        approve: ({ dispatch }, comment: string) => dispatch("approved", { comment }),
        // @ts-expect-error `await` would call it
        // biome-ignore lint/suspicious/noThenProperty: that is what is refused
        then: () => {},
      },
    });
  });

  test("may be missing: there are no methods then, of any name", () => {
    const Bare = defineEntity("post", { state: PostState, events, initial: "created", reduce });
    const bare = Bare.create({ body });
    expectTypeOf<keyof typeof bare & string>().toEqualTypeOf<
      "entityId" | "entityName" | "state" | "toJSON" | "uncommittedEvents" | "version"
    >();
    // @ts-expect-error there is no mutation
    bare.approve("x");
  });
});

describe("the class", () => {
  test("has a schema of literal names, of inputs and of outputs", () => {
    type Schema = typeof Post.schema;
    expectTypeOf<InferEntityNameFromSchema<Schema>>().toEqualTypeOf<"post">();
    expectTypeOf<InferEventNameFromSchema<Schema>>().toEqualTypeOf<
      "post:created" | "post:imported" | "post:approved"
    >();
    expectTypeOf<InferInitialEventNameFromSchema<Schema>>().toEqualTypeOf<"post:created">();
    expectTypeOf<InferInitialEventNamesFromSchema<Schema>>().toEqualTypeOf<"post:created">();
    expectTypeOf<InferStateFromSchema<Schema>>().toEqualTypeOf<State>();
    expectTypeOf<InferEventBodyFromSchema<Schema, "post:approved">>().toEqualTypeOf<{ comment: number }>();
    expectTypeOf<InferEventInputFromSchema<Schema, "post:approved">>().toEqualTypeOf<{ comment: string }>();
    expectTypeOf<InferSchemaFromEntityConstructor<typeof Post>>().toEqualTypeOf<Schema>();
    expectTypeOf(Post.schema.state).toEqualTypeOf<typeof PostState>();
  });

  test("has a schema like any other: a reducer or a class of one's own can be made of it", () => {
    const reducer = defineReducer(Post.schema, {
      "post:created": () => state,
      "post:imported": () => state,
      "post:approved": (before, { body }) => ({ ...before, title: `${body.comment}` }),
    });
    class Own extends Entity(Post.schema, reducer) {
      approve = mutation(this, (dispatch, comment: string) => dispatch("post:approved", { comment }));
    }
    expectTypeOf(Own.create({ body }).state).toEqualTypeOf<State>();
    expectTypeOf(Post.schema).toExtend<DefaultSchema>();
  });

  test("follows the separator, and several initial events", () => {
    const Page = defineEntity("page", {
      state: PostState,
      events,
      reduce,
      initial: ["imported", "created"],
      namespaceSeparator: "/",
    });
    type Schema = typeof Page.schema;
    expectTypeOf<InferEventNameFromSchema<Schema>>().toEqualTypeOf<
      "page/created" | "page/imported" | "page/approved"
    >();
    expectTypeOf<InferInitialEventNameFromSchema<Schema>>().toEqualTypeOf<"page/imported">();
    expectTypeOf<InferInitialEventNamesFromSchema<Schema>>().toEqualTypeOf<"page/imported" | "page/created">();
    Page.create({ body: { from: "blog" } });
    Page.create({ eventName: "page/created", body });
    // @ts-expect-error the default is the first
    Page.create({ body });
  });

  test("creates, loads and folds", () => {
    const post = Post.create({ body });
    expectTypeOf(post).toEqualTypeOf<InstanceType<typeof Post>>();
    expectTypeOf(post.state).toEqualTypeOf<State>();
    expectTypeOf(post.entityName).toEqualTypeOf<"post">();
    expectTypeOf(Post.fromEvents({ entityId: "p1", events: [] })).toEqualTypeOf(post);
    // @ts-expect-error a title is a text
    Post.create({ body: { title: 5, at: "2026-01-01" } });
    // @ts-expect-error that starts no stream
    Post.create({ eventName: "post:imported", body: { from: "blog" } });
  });

  test("gives readonly entities without mutations", () => {
    const post = Post.load({ entityId: "p1", state });
    expectTypeOf(post).toEqualTypeOf<ReadonlyEntity<InstanceType<typeof Post>>>();
    // @ts-expect-error it is not there
    post.approve("x");
    expectTypeOf(post.state).toEqualTypeOf<State>();
    const change = (_post: InstanceType<typeof Post>) => {};
    // @ts-expect-error it is readonly
    change(post);
    change(Post.load({ entityId: "p1", state, UNSAFE_mutable: true }));
  });

  test("can be extended; a mutation is overridden by one of the same kind", () => {
    class Special extends Post {
      get shout() {
        return this.state.title.toUpperCase();
      }
      override approve = mutation(this, (dispatch, comment: string) => {
        dispatch("post:imported", { from: "blog" });
        return super.approve(`${comment}!`);
      });
    }
    const special = Special.create({ body });
    expectTypeOf(special).toEqualTypeOf<Special>();
    expectTypeOf(special.shout).toEqualTypeOf<string>();
    expectTypeOf(special.touch()).toEqualTypeOf<void>();
    const readonly = Special.load({ entityId: "p1", state });
    expectTypeOf(readonly.shout).toEqualTypeOf<string>();
    // @ts-expect-error it is not there
    readonly.approve("x");
  });

  test("is what repositories take", async () => {
    const posts = createRepository(Post, { adapter: {} as EventStore });
    expectTypeOf((await posts.create({ body })).entity).toEqualTypeOf<InstanceType<typeof Post>>();
    const { result } = await posts.mutate({ entityId: "p1" }, (post) => post.approve("x"));
    expectTypeOf(result).toEqualTypeOf<State["status"]>();
    const then = await posts.findOneOrThrow({ entityId: "p1", version: 1 });
    // @ts-expect-error it is not there
    then.approve("x");
    // @ts-expect-error a title is a text
    await posts.create({ body: { title: 5, at: "2026-01-01" } });
    // defined on the spot
    const notes = createRepository(defineEntity("post", { state: PostState, events, initial: "created", reduce }), {
      adapter: {} as EventStore,
    });
    expectTypeOf((await notes.findOneOrThrow({ entityId: "n1" })).state).toEqualTypeOf<State>();
  });

  test("knows what metadata its schema asks for", () => {
    const Tracked = defineEntity("post", {
      state: PostState,
      events,
      initial: "created",
      reduce,
      metadata: z.object({ ip: z.string(), port: z.coerce.number<string>() }),
    });
    expectTypeOf<InferMetadataInputFromSchema<typeof Tracked.schema>>().toEqualTypeOf<{ ip: string; port: string }>();
    expectTypeOf<InferMetadataInputFromSchema<typeof Post.schema>>().toEqualTypeOf<{
      readonly [name: string]: unknown;
    }>();
    expectTypeOf(Post.schema.metadata).toEqualTypeOf<undefined>();
    // @ts-expect-error that is no schema
    defineEntity("post", { state: PostState, events, initial: "created", reduce, metadata: { ip: "string" } });
  });
});

describe("any library's schemas may be mixed", () => {
  test("with their inputs and outputs", () => {
    const Mixed = defineEntity("mixed", {
      state: v.object({ at: v.date(), kind: v.picklist(["a", "b"]) }),
      events: {
        made: v.object({ at: v.pipe(v.string(), v.toDate()), kind: v.optional(v.picklist(["a", "b"]), "a") }),
        changed: z.union([z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b"), why: z.string() })]),
        hand: {} as StandardSchemaV1<{ n: string }, { n: number }>,
      },
      initial: "made",
      reduce: {
        made: (_, { body }) => {
          expectTypeOf(body).toEqualTypeOf<{ at: Date; kind: "a" | "b" }>();
          return body;
        },
        changed: (state, { body }) => {
          expectTypeOf(body).toEqualTypeOf<{ kind: "a" } | { kind: "b"; why: string }>();
          return { ...state, kind: body.kind };
        },
        hand: (state, { body }) => {
          expectTypeOf(body).toEqualTypeOf<{ n: number }>();
          return state;
        },
      },
      mutations: {
        change: ({ dispatch }) => {
          dispatch("made", { at: "2026-01-01" });
          dispatch("changed", { kind: "b", why: "so" });
          dispatch("hand", { n: "5" });
          // @ts-expect-error the input is a text
          dispatch("made", { at: new Date() });
          // @ts-expect-error the reason is missing
          dispatch("changed", { kind: "b" });
          // @ts-expect-error that is the output
          dispatch("hand", { n: 5 });
        },
      },
    });
    expectTypeOf(Mixed.create({ body: { at: "2026-01-01" } }).state).toEqualTypeOf<{ at: Date; kind: "a" | "b" }>();
  });
});
