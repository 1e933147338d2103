import { describe, expectTypeOf, test } from "vitest";
import { defineSchema } from "../schema/define-schema.ts";
import { z, zod } from "../validators/zod.ts";
import { defineReducer, type Reducer } from "./define-reducer.ts";

type State = { title: string; tags: string[] };

const definition = {
  event: {
    created: z.object({ title: z.string(), at: z.coerce.date() }),
    imported: z.object({ from: z.string() }),
    renamed: z.object({ title: z.string() }),
  },
  state: z.object({ title: z.string(), tags: z.array(z.string()) }),
};
const one = defineSchema("post", { schema: zod(definition), initialEventName: "post:created" });
const several = defineSchema("post", { schema: zod(definition), initialEventName: ["post:created", "post:imported"] });

const state: State = { title: "", tags: [] };
const renamed = () => state;

describe("a map of handlers", () => {
  test("L6: knows that there is no state before the one initial event, and that there is one before all others", () => {
    const reducer = defineReducer(one, {
      "post:created": (state, event) => {
        expectTypeOf(state).toEqualTypeOf<null>();
        expectTypeOf(event.body).toEqualTypeOf<{ title: string; at: Date }>();
        expectTypeOf(event.eventName).toEqualTypeOf<"post:created">();
        expectTypeOf(event.entityName).toEqualTypeOf<"post">();
        return { title: event.body.title, tags: [] };
      },
      "post:imported": (state, { body }) => {
        expectTypeOf(state).toEqualTypeOf<State>();
        expectTypeOf(body).toEqualTypeOf<{ from: string }>();
        return state;
      },
      "post:renamed": (state, { body }) => {
        expectTypeOf(state).toEqualTypeOf<State>();
        return { ...state, ...body };
      },
    });
    expectTypeOf(reducer).toEqualTypeOf<Reducer<typeof one>>();
  });

  test("L6: knows that there may be a state where several events may start a stream", () => {
    defineReducer(several, {
      "post:created": (state) => {
        expectTypeOf(state).toEqualTypeOf<State | null>();
        return state ?? { title: "", tags: [] };
      },
      "post:imported": (state) => {
        expectTypeOf(state).toEqualTypeOf<State | null>();
        return state ?? { title: "", tags: [] };
      },
      "post:renamed": (state) => {
        expectTypeOf(state).toEqualTypeOf<State>();
        return state;
      },
    });
  });

  test("shows a handler what every reducer sees, and nothing of what is stored beside it", () => {
    defineReducer(one, {
      "post:created": (_, event) => {
        expectTypeOf<keyof typeof event>().toEqualTypeOf<
          "eventId" | "eventCreatedAt" | "eventName" | "entityId" | "entityName" | "body" | "version"
        >();
        // @ts-expect-error reducers see no metadata
        event.metadata;
        return state;
      },
      "post:imported": () => state,
      "post:renamed": renamed,
    });
  });

  test("must be exhaustive", () => {
    defineReducer(
      one,
      // @ts-expect-error "post:renamed" has no handler
      { "post:created": () => state, "post:imported": () => state },
    );
  });

  test("has no handler for an event that does not exist", () => {
    defineReducer(one, {
      "post:created": () => state,
      "post:imported": () => state,
      "post:renamed": renamed,
      // @ts-expect-error there is no such event
      "post:deleted": () => state,
    });
    defineReducer(one, {
      "post:created": () => state,
      "post:imported": () => state,
      "post:renamed": renamed,
      // @ts-expect-error short names are no event names here
      created: () => state,
    });
  });

  test("returns the state, the whole state", () => {
    defineReducer(one, {
      // @ts-expect-error `tags` is missing
      "post:created": (_, { body }) => ({ title: body.title }),
      "post:imported": () => state,
      "post:renamed": renamed,
    });
    defineReducer(one, {
      "post:created": () => state,
      "post:imported": () => state,
      // @ts-expect-error a title is a text
      "post:renamed": (before) => ({ ...before, title: 5 }),
    });
    defineReducer(one, {
      "post:created": () => state,
      "post:imported": () => state,
      // @ts-expect-error nothing is returned
      "post:renamed": () => {},
    });
  });

  test("reads the right body only", () => {
    defineReducer(one, {
      // @ts-expect-error that is another event's
      "post:created": (_, { body }) => ({ title: body.from, tags: [] }),
      "post:imported": () => state,
      "post:renamed": renamed,
    });
  });
});

describe("a state of literals", () => {
  const schema = defineSchema("post", {
    schema: zod({
      event: { created: z.object({ title: z.string() }), approved: z.object({ comment: z.string() }) },
      state: z.object({
        status: z.enum(["draft", "approved"]),
        tags: z.array(z.string()),
        size: z.tuple([z.number(), z.string()]).optional(),
        review: z.union([
          z.object({ kind: z.literal("none") }),
          z.object({ kind: z.literal("done"), comment: z.string() }),
        ]),
      }),
    }),
    initialEventName: "post:created",
  });

  test("is returned as it is written, without `as const`", () => {
    defineReducer(schema, {
      "post:created": () => ({ status: "draft", tags: [], size: [1, "kB"], review: { kind: "none" } }),
      "post:approved": (state, { body }) => ({
        ...state,
        status: body.comment === "no" ? "draft" : "approved",
        review: { kind: "done", comment: body.comment },
      }),
    });
    defineReducer(schema, (state, event) => {
      if (event.eventName === "post:created") return { status: "draft", tags: ["new"], review: { kind: "none" } };
      return { ...state, status: "approved" };
    });
  });

  test("is checked at the handler that gets it wrong", () => {
    defineReducer(schema, {
      // @ts-expect-error there is no such status
      "post:created": () => ({ status: "drat", tags: [], review: { kind: "none" } }),
      // @ts-expect-error a review that is done has a comment
      "post:approved": (state) => ({ ...state, review: { kind: "done" } }),
    });
  });
});

describe("a function", () => {
  test("tells events apart by their name, with a default branch for others", () => {
    const reducer = defineReducer(one, (prevState, event) => {
      expectTypeOf(prevState).toEqualTypeOf<State>();
      switch (event.eventName) {
        case "post:created":
          expectTypeOf(event.body).toEqualTypeOf<{ title: string; at: Date }>();
          return { title: event.body.title, tags: [] };
        case "post:imported":
          return { title: event.body.from, tags: [] };
        case "post:renamed":
          return { ...prevState, title: event.body.title };
        default:
          expectTypeOf(event.eventName).toEqualTypeOf<"%unknown%">();
          return prevState;
      }
    });
    expectTypeOf(reducer).toEqualTypeOf<Reducer<typeof one>>();
  });

  test("keeps fitting where it was written for state or null", () => {
    defineReducer(one, (prevState: State | null, event) => {
      if (event.eventName === "post:created") return { title: event.body.title, tags: [] };
      return prevState ?? { title: "", tags: [] };
    });
  });

  test("returns the state", () => {
    // @ts-expect-error that is no state
    defineReducer(one, () => ({ title: "x" }));
    // @ts-expect-error that is no event
    defineReducer(one, (state, event) => (event.eventName === "post:deleted" ? state : state));
  });
});
