import { describe, expectTypeOf, test } from "vitest";
import type { Reducer } from "../entity/define-reducer.ts";
import { Entity } from "../entity/entity.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { z, zod } from "../validators/zod.ts";
import { defineReducer } from "./define-reducer.ts";

type Draft = { title: string; status: "draft" | "approved"; tags: string[] };
type Body = { title: string; at: Date };

const definition = {
  event: {
    created: z.object({ title: z.string(), at: z.coerce.date() }),
    imported: z.object({ from: z.string() }),
    renamed: z.object({ title: z.string() }),
  },
  state: z.object({ title: z.string(), status: z.enum(["draft", "approved"]), tags: z.array(z.string()).readonly() }),
};
const one = defineSchema("post", { schema: zod(definition), initialEventName: "post:created" });
const several = defineSchema("post", { schema: zod(definition), initialEventName: ["post:created", "post:imported"] });

const first = () => ({ title: "", status: "draft", tags: [] }) as const;

describe("a map of handlers that write into drafts", () => {
  test("knows that there is no state before the one initial event, and a writable one before all others", () => {
    const reducer = defineReducer(one, {
      "post:created": (before, event) => {
        expectTypeOf(before).toEqualTypeOf<null>();
        expectTypeOf(event.body).toEqualTypeOf<Body>();
        expectTypeOf(event.eventName).toEqualTypeOf<"post:created">();
        return { title: event.body.title, status: "draft", tags: [] };
      },
      "post:imported": (post, { body }) => {
        expectTypeOf(post).toEqualTypeOf<Draft>();
        expectTypeOf(body).toEqualTypeOf<{ from: string }>();
        post.tags.push(body.from);
      },
      "post:renamed": (post, { body }) => ({ ...post, ...body }),
    });
    expectTypeOf(reducer).toEqualTypeOf<Reducer<typeof one>>();
    Entity(one, reducer);
  });

  test("knows that there may be a state where several events may start a stream", () => {
    defineReducer(several, {
      "post:created": (before) => {
        expectTypeOf(before).toEqualTypeOf<Draft | null>();
        return { title: "", status: "draft", tags: [] };
      },
      "post:imported": (before, { body }) => {
        if (before === null) return { title: "", status: "draft", tags: [body.from] };
        before.tags.push(body.from);
      },
      "post:renamed": (post, { body }) => {
        expectTypeOf(post).toEqualTypeOf<Draft>();
        post.title = body.title;
      },
    });
  });

  test("returns a state before there is one to write into", () => {
    defineReducer(one, {
      // @ts-expect-error nothing is returned
      "post:created": () => {},
      "post:imported": () => {},
      "post:renamed": () => {},
    });
  });

  test("must be exhaustive", () => {
    defineReducer(
      one,
      // @ts-expect-error "post:renamed" has no handler
      { "post:created": first, "post:imported": () => {} },
    );
  });

  test("has no handler for an event that does not exist", () => {
    defineReducer(one, {
      "post:created": first,
      "post:imported": () => {},
      "post:renamed": () => {},
      // @ts-expect-error there is no such event
      "post:deleted": () => {},
    });
  });

  test("writes and returns what the state may be", () => {
    defineReducer(one, {
      // @ts-expect-error `tags` is missing
      "post:created": (_, { body }) => ({ title: body.title, status: "draft" }),
      "post:imported": (post) => {
        // @ts-expect-error there is no such status
        post.status = "approoved";
      },
      // @ts-expect-error a title is a text
      "post:renamed": (post) => ({ ...post, title: 5 }),
    });
    defineReducer(one, {
      "post:created": first,
      // @ts-expect-error what push returns is no state
      "post:imported": (post, { body }) => post.tags.push(body.from),
      "post:renamed": (post) => {
        // @ts-expect-error there is no such key
        post.colour = "red";
      },
    });
  });

  test("reads the right body only", () => {
    defineReducer(one, {
      "post:created": first,
      "post:imported": (post, { body }) => {
        // @ts-expect-error that is another event's
        post.title = body.title;
      },
      "post:renamed": () => {},
    });
  });
});

describe("a function that writes into a draft", () => {
  test("tells events apart by their name, with a default branch for others", () => {
    const reducer = defineReducer(one, (post, event) => {
      expectTypeOf(post).toEqualTypeOf<Draft>();
      switch (event.eventName) {
        case "post:created":
          expectTypeOf(event.body).toEqualTypeOf<Body>();
          return { title: event.body.title, status: "draft", tags: [] };
        case "post:imported":
          post.tags.push(event.body.from);
          return;
        case "post:renamed":
          post.title = event.body.title;
          return post;
        default:
          expectTypeOf(event.eventName).toEqualTypeOf<"%unknown%">();
      }
    });
    expectTypeOf(reducer).toEqualTypeOf<Reducer<typeof one>>();
  });

  test("returns a state, or nothing", () => {
    defineReducer(one, () => {});
    // @ts-expect-error that is no state
    defineReducer(one, () => ({ title: "x" }));
    // @ts-expect-error that is no event
    defineReducer(one, (post, event) => (event.eventName === "post:deleted" ? post : post));
  });
});
