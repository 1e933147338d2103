import { describe, expectTypeOf, test } from "vitest";
import { defineSchema } from "../schema/define-schema.ts";
import { v, valibot } from "../validators/valibot.ts";
import { z, zod } from "../validators/zod.ts";
import { Entity } from "./entity.ts";
import { mutation } from "./mutation.ts";
import type { ReadonlyEntity } from "./types.ts";

type State = { title: string };

const definition = {
  event: {
    created: z.object({ title: z.string(), at: z.coerce.date(), tags: z.array(z.string()).default([]) }),
    imported: z.object({ from: z.string() }),
    renamed: z.object({ title: z.string(), price: z.string().transform(Number) }),
    archived: z.object({}),
  },
  state: z.object({ title: z.string() }),
};
const one = defineSchema("post", { schema: zod(definition), initialEventName: "post:created" });
const several = defineSchema("post", { schema: zod(definition), initialEventName: ["post:created", "post:imported"] });

class Post extends Entity(one, (state) => state) {
  rename = mutation(this, (dispatch, title: string, price?: string) =>
    dispatch("post:renamed", { title, price: price ?? "1" }),
  );
  inspect = (depth: number) => `${this.state.title}${depth}`;
  get shout() {
    return this.state.title.toUpperCase();
  }
}
class Bare extends Entity(one, (state) => state) {}
class Imported extends Entity(several, (state) => state) {}

const body = { title: "Hello", at: "2026-01-01" };

describe("create", () => {
  test("L14: takes the input of the body's schema, not its output", () => {
    Post.create({ body: { title: "Hello", at: "2026-01-01" } });
    Post.create({
      body: { title: "Hello", at: new Date(), tags: ["a"] },
      entityId: "p1",
      eventId: "e1",
      eventCreatedAt: "2026-01-01T00:00:00Z",
    });
    // @ts-expect-error a title is a text
    Post.create({ body: { title: 5, at: "2026-01-01" } });
    // @ts-expect-error the title is missing
    Post.create({ body: { at: "2026-01-01" } });
    // @ts-expect-error tags are texts
    Post.create({ body: { ...body, tags: [5] } });
    // @ts-expect-error there is no such key in the body
    Post.create({ body: { title: "Hello", at: "2026-01-01", colour: "red" } });
    // @ts-expect-error the body is missing
    Post.create({ entityId: "p1" });
    // @ts-expect-error there is no such option
    Post.create({ body, id: "p1" });
  });

  test("gives the class that it is called on", () => {
    expectTypeOf(Post.create({ body })).toEqualTypeOf<Post>();
    expectTypeOf(Entity(one, (state) => state).create({ body }).state).toEqualTypeOf<State>();
  });

  test("starts with the one initial event, by name or not", () => {
    Post.create({ eventName: "post:created", body });
    // @ts-expect-error that starts no stream
    Post.create({ eventName: "post:renamed", body: { title: "Hello", price: "1" } });
  });

  test("takes each initial event with its own body, the first without its name", () => {
    Imported.create({ body });
    Imported.create({ eventName: "post:created", body });
    Imported.create({ eventName: "post:imported", body: { from: "blog" } });
    // @ts-expect-error that is the other event's body
    Imported.create({ eventName: "post:imported", body });
    // @ts-expect-error that is the other event's body
    Imported.create({ eventName: "post:created", body: { from: "blog" } });
    // @ts-expect-error the default is the first
    Imported.create({ body: { from: "blog" } });
    // @ts-expect-error that starts no stream
    Imported.create({ eventName: "post:archived", body: {} });
  });

  test("works with Valibot as with Zod", () => {
    const schema = defineSchema("note", {
      schema: valibot({
        event: { written: v.object({ at: v.pipe(v.string(), v.toDate()) }) },
        state: v.object({ at: v.date() }),
      }),
      initialEventName: "note:written",
    });
    class Note extends Entity(schema, (_, { body }) => body as { at: Date }) {}
    Note.create({ body: { at: "2026-01-01" } });
    // @ts-expect-error the input is a text
    Note.create({ body: { at: new Date() } });
    expectTypeOf(Note.create({ body: { at: "2026-01-01" } }).state).toEqualTypeOf<{ at: Date }>();
  });
});

describe("an entity", () => {
  const post = Post.create({ body });

  test("knows its name, its state and its events", () => {
    expectTypeOf(post.entityName).toEqualTypeOf<"post">();
    expectTypeOf(post.entityId).toEqualTypeOf<string>();
    expectTypeOf(post.version).toEqualTypeOf<number>();
    expectTypeOf(post.state).toEqualTypeOf<State>();
    expectTypeOf(post.uncommittedEvents[0]?.eventName).toEqualTypeOf<
      "post:created" | "post:imported" | "post:renamed" | "post:archived" | undefined
    >();
  });

  test("L5: cannot be written to", () => {
    // @ts-expect-error read-only
    post.entityId = "p2";
    // @ts-expect-error read-only
    post.version = 2;
    // @ts-expect-error read-only
    post.state = { title: "x" };
    // @ts-expect-error read-only
    post.uncommittedEvents.push(post.uncommittedEvents[0] as never);
  });

  test("offers no dispatch: events are made by its mutations", () => {
    // @ts-expect-error there is none
    post.dispatch("post:archived", {});
  });
});

describe("dispatch", () => {
  test("takes the events of the schema, each with its own body, before coercions and transforms", () => {
    class _Wide extends Entity(one, (state) => state) {
      rename = mutation(this, (dispatch) => {
        dispatch("post:renamed", { title: "x", price: "5" });
        dispatch("post:created", { title: "x", at: "2026-01-01" });
        dispatch("post:archived", {});
        expectTypeOf(dispatch("post:archived", {})).toEqualTypeOf<void>();
        // @ts-expect-error there is no such event
        dispatch("post:deleted", {});
        // @ts-expect-error a short name is no event name
        dispatch("archived", {});
        // @ts-expect-error that is the output: a price is given as text
        dispatch("post:renamed", { title: "x", price: 5 });
        // @ts-expect-error the price is missing
        dispatch("post:renamed", { title: "x" });
        // @ts-expect-error there is no such key
        dispatch("post:renamed", { title: "x", price: "5", colour: "red" });
        // @ts-expect-error that is another event's body
        dispatch("post:renamed", { from: "blog" });
        // @ts-expect-error the body is missing
        dispatch("post:archived");
        // @ts-expect-error the library's own events are not dispatched
        dispatch("post:$rolled_back", { toVersion: 1 });
      });
    }
  });

  test("takes the options that it knows, and no others", () => {
    class _Wide extends Entity(one, (state) => state) {
      archive = mutation(this, (dispatch) => {
        dispatch("post:archived", {}, { eventId: "e1", eventCreatedAt: "2026-01-01T00:00:00Z" });
        dispatch(
          "post:archived",
          {},
          { actor: "alice", reason: "Old", correlationId: "r1", causationId: "c1", metadata: { ip: "::1" } },
        );
        dispatch("post:archived", {}, { eventId: undefined, actor: undefined });
        // @ts-expect-error there is no such option
        dispatch("post:archived", {}, { colour: "red" });
        // @ts-expect-error an id is a text
        dispatch("post:archived", {}, { eventId: 5 });
        // @ts-expect-error a time is a text
        dispatch("post:archived", {}, { eventCreatedAt: new Date() });
      });
    }
  });
});

describe("a mutation", () => {
  const post = Post.create({ body });

  test("has the arguments and the result of its function", () => {
    expectTypeOf(post.rename).parameters.toEqualTypeOf<[title: string, price?: string | undefined]>();
    expectTypeOf(post.rename).returns.toEqualTypeOf<void>();
    expectTypeOf(post.rename.mutation).toEqualTypeOf<true>();
    // @ts-expect-error a title is a text
    post.rename(5);
    // @ts-expect-error the title is missing
    post.rename();
  });

  test("gives a promise where its function does", () => {
    class Later extends Entity(one, (state) => state) {
      archive = mutation(this, async (dispatch, reason: string) => {
        dispatch("post:archived", {});
        return reason.length;
      });
    }
    expectTypeOf(Later.create({ body }).archive("x")).toEqualTypeOf<Promise<number>>();
  });

  test("may be overridden by one of the same kind in a subclass", () => {
    class Loud extends Post {
      override rename = mutation(this, (dispatch, title: string) =>
        dispatch("post:renamed", { title: `${title}!`, price: "1" }),
      );
    }
    expectTypeOf(Loud.create({ body })).toEqualTypeOf<Loud>();
  });
});

describe("L4: a readonly entity", () => {
  const post = Post.load({ entityId: "p1", state: { title: "x" } });

  test("has no mutations, and everything else", () => {
    expectTypeOf(post).toEqualTypeOf<ReadonlyEntity<Post>>();
    // @ts-expect-error it is not there
    post.rename("x");
    expectTypeOf<keyof typeof post & string>().toEqualTypeOf<
      "entityId" | "entityName" | "inspect" | "shout" | "state" | "toJSON" | "uncommittedEvents" | "version"
    >();
    expectTypeOf(post.inspect(2)).toEqualTypeOf<string>();
    expectTypeOf(post.shout).toEqualTypeOf<string>();
    expectTypeOf(post.state).toEqualTypeOf<State>();
    // @ts-expect-error read-only
    post.version = 5;
  });

  test("does not pass for one that may be changed, also where the class has no mutations", () => {
    const change = (_post: Post) => {};
    const changeBare = (_bare: Bare) => {};
    // @ts-expect-error it is readonly
    change(post);
    const bare = Bare.load({ entityId: "p1", state: { title: "x" } });
    // @ts-expect-error it is readonly
    changeBare(bare);
    changeBare(Bare.create({ body }));
  });

  test("is what a mutable one passes for, field by field, without its mutations", () => {
    const read = (entity: { readonly state: State; readonly version: number }) => entity.version;
    read(post);
    read(Post.create({ body }));
  });

  test("is not what UNSAFE_mutable gives", () => {
    const mutable = Post.load({ entityId: "p1", state: { title: "x" }, version: 3, UNSAFE_mutable: true });
    expectTypeOf(mutable).toEqualTypeOf<Post>();
    mutable.rename("x");
  });

  test("must be loaded with a whole state", () => {
    // @ts-expect-error the title is missing
    Post.load({ entityId: "p1", state: {} });
  });
});

describe("fromEvents", () => {
  test("gives a mutable entity, from events of any store or from uncommitted ones", () => {
    expectTypeOf(Post.fromEvents({ entityId: "p1", events: [] })).toEqualTypeOf<Post>();
    Post.fromEvents({
      entityId: "p1",
      events: Post.create({ body }).uncommittedEvents,
      snapshot: { state: { title: "x" }, version: 1 },
    });
    // @ts-expect-error a snapshot has a version
    Post.fromEvents({ entityId: "p1", events: [], snapshot: { state: { title: "x" } } });
  });
});

describe("Entity", () => {
  test("takes the reducer of its own schema", () => {
    // @ts-expect-error that is no state
    Entity(one, () => ({ headline: "x" }));
    // @ts-expect-error there is no such option
    Entity(one, (state) => state, { maxEvents: 5 });
    Entity(one, (state) => state, {
      maxQueuedEvents: 5,
      generateId: (type) => type satisfies "eventId" | "entityId",
      now: () => new Date(),
    });
  });

  test("keeps the type of the schema on the class", () => {
    expectTypeOf(Post.schema).toEqualTypeOf(one);
  });
});
