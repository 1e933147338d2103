import type { Type } from "arktype";
import { describe, expectTypeOf, test } from "vitest";
import { defineEntity } from "../entity/define-entity.ts";
import { Entity } from "../entity/entity.ts";
import { mutation } from "../entity/mutation.ts";
import { defineSchema } from "../schema/define-schema.ts";
import type { EventOf } from "../schema/event.ts";
import type { InferEventFromSchema, InferEventInputFromSchema, InferStateFromSchema } from "../schema/infer.ts";
import { arktype, type } from "./arktype.ts";

const state = type({ title: "string", status: "'draft' | 'approved'" });
const event = {
  created: type({ at: "string.date.parse", count: "number = 1", "note?": "string" }),
  renamed: type("string").pipe((title) => title.length),
  moved: type({ to: "'shelf'", row: "number" }).or({ to: "'bin'" }),
};
const schema = defineSchema("post", { schema: arktype({ event, state }), initialEventName: "post:created" });

type State = { title: string; status: "draft" | "approved" };
type Moved = { to: "shelf"; row: number } | { to: "bin" };

describe("arktype", () => {
  test("infers events and state as the types make them, unions and morphs included", () => {
    expectTypeOf<InferEventFromSchema<typeof schema>>().toEqualTypeOf<
      | EventOf<"post", "post:created", { at: Date; count: number; note?: string }>
      | EventOf<"post", "post:renamed", number>
      | EventOf<"post", "post:moved", Moved>
    >();
    expectTypeOf<InferStateFromSchema<typeof schema>>().toEqualTypeOf<State>();
  });

  test("infers what callers give from what the types take", () => {
    type Created = { at: string; note?: string; count?: number };
    expectTypeOf<InferEventInputFromSchema<typeof schema, "post:created">>().toEqualTypeOf<Created>();
    expectTypeOf<InferEventInputFromSchema<typeof schema, "post:renamed">>().toEqualTypeOf<string>();
    class Post extends Entity(schema, (before) => before) {
      rename = mutation(this, (dispatch, title: string) => {
        dispatch("post:renamed", title);
        dispatch("post:moved", { to: "shelf", row: 1 });
        // @ts-expect-error that is the output
        dispatch("post:renamed", 5);
        // @ts-expect-error a shelf has rows
        dispatch("post:moved", { to: "shelf" });
        // @ts-expect-error there is no such event
        dispatch("post:gone", {});
      });
    }
    Post.create({ body: { at: "2026-01-01" } });
    // @ts-expect-error `at` is missing
    Post.create({ body: { count: 1 } });
  });

  test("L13: types the schemas of whole events, under both names", () => {
    expectTypeOf(schema.event.moved).toEqualTypeOf(schema.event["post:moved"]);
    expectTypeOf(schema.event.moved).toEqualTypeOf<
      Type<{
        eventId: string;
        eventCreatedAt: string;
        entityName: string;
        entityId: string;
        eventName: "post:moved";
        body: Moved;
        version?: number;
      }>
    >();
    expectTypeOf(schema.event.created.infer.body).toEqualTypeOf<{ at: Date; count: number; note?: string }>();
    expectTypeOf(schema.event.created.inferIn.body.at).toEqualTypeOf<string>();
    expectTypeOf(schema.state).toEqualTypeOf<typeof state>();
    // @ts-expect-error there is no such event
    schema.event.gone;
  });

  test("follows the separator", () => {
    const other = defineSchema("post", {
      schema: arktype({ event, state, namespaceSeparator: "/" }),
      initialEventName: "post/created",
    });
    expectTypeOf(other.event["post/moved"].infer.eventName).toEqualTypeOf<"post/moved">();
    // @ts-expect-error the separator is ":"
    defineSchema("post", { schema: arktype({ event, state }), initialEventName: "post/created" });
  });

  test("takes ArkType's types only", () => {
    // @ts-expect-error that is no type
    arktype({ event: { created: { title: "string" } }, state });
    // @ts-expect-error neither is that
    arktype({ event, state: "string" });
  });

  test("gives defineEntity its types as they are", () => {
    const Post = defineEntity("post", {
      state,
      events: event,
      initial: "created",
      reduce: {
        created: (_, { body }) => {
          expectTypeOf(body).toEqualTypeOf<{ at: Date; count: number; note?: string }>();
          return { title: body.note ?? "", status: "draft" };
        },
        renamed: (post, { body }) => ({ ...post, title: `${body}` }),
        moved: (post) => ({ ...post, status: "approved" }),
      },
    });
    expectTypeOf<InferStateFromSchema<typeof Post.schema>>().toEqualTypeOf<State>();
  });
});
