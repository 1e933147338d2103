import { describe, expectTypeOf, test } from "vitest";
import { defineEntity as definePureEntity } from "../entity/define-entity.ts";
import type { EventOf } from "../schema/event.ts";
import { z } from "../validators/zod.ts";
import { defineEntity } from "./define-entity.ts";

type Draft = { title: string; status: "draft" | "approved"; tags: string[] };

const definition = {
  state: z.object({ title: z.string(), status: z.enum(["draft", "approved"]), tags: z.array(z.string()).readonly() }),
  events: {
    created: z.object({ title: z.string(), at: z.coerce.date() }),
    tagged: z.object({ tag: z.string().default("new") }),
  },
  mutations: {
    tag: ({ dispatch }: { dispatch: (name: "tagged", body: { tag?: string }) => void }, tag: string) =>
      dispatch("tagged", { tag }),
  },
};
const first = { title: "", status: "draft", tags: [] as string[] } as const;

describe("an entity whose handlers write into drafts", () => {
  test("is the same class as one whose handlers are pure", () => {
    const Drafted = defineEntity("post", {
      ...definition,
      initial: "created",
      reduce: {
        created: () => ({ title: "", status: "draft", tags: [] }),
        tagged: (post, { body }) => {
          post.tags.push(body.tag);
        },
      },
    });
    const Pure = definePureEntity("post", {
      ...definition,
      initial: "created",
      reduce: { created: () => first, tagged: () => first },
    });
    expectTypeOf(Drafted).toEqualTypeOf<typeof Pure>();
  });

  test("knows for each handler what was there before, and what its event carries", () => {
    defineEntity("post", {
      ...definition,
      initial: "created",
      reduce: {
        created: (before, event) => {
          expectTypeOf(before).toEqualTypeOf<null>();
          expectTypeOf(event).toEqualTypeOf<EventOf<"post", "post:created", { title: string; at: Date }>>();
          return { title: event.body.title, status: "draft", tags: [] };
        },
        tagged: (post, { body }) => {
          expectTypeOf(post).toEqualTypeOf<Draft>();
          expectTypeOf(body).toEqualTypeOf<{ tag: string }>();
        },
      },
    });
    defineEntity("post", {
      ...definition,
      initial: ["created", "tagged"],
      reduce: {
        created: (before) => {
          expectTypeOf(before).toEqualTypeOf<Draft | null>();
          return first;
        },
        tagged: (before) => before ?? first,
      },
    });
  });

  test("has a handler for every event, and no other", () => {
    // @ts-expect-error "tagged" has no handler
    defineEntity("post", { ...definition, initial: "created", reduce: { created: () => first } });
    defineEntity("post", {
      ...definition,
      initial: "created",
      reduce: {
        created: () => first,
        tagged: () => {},
        // @ts-expect-error there is no such event
        archived: () => {},
      },
    });
  });

  test("writes and returns what the state may be", () => {
    defineEntity("post", {
      ...definition,
      initial: "created",
      reduce: {
        // @ts-expect-error nothing is returned, and nothing is there to write into
        created: () => {},
        tagged: (post) => {
          // @ts-expect-error there is no such status
          post.status = "approoved";
        },
      },
    });
    defineEntity("post", {
      ...definition,
      initial: "created",
      reduce: {
        // @ts-expect-error `tags` is missing
        created: (_, { body }) => ({ title: body.title, status: "draft" }),
        // @ts-expect-error what push returns is no state
        tagged: (post, { body }) => post.tags.push(body.tag),
      },
    });
  });
});
