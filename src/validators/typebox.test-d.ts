import { describe, expectTypeOf, test } from "vitest";
import { defineEntity } from "../entity/define-entity.ts";
import { Entity } from "../entity/entity.ts";
import { mutation } from "../entity/mutation.ts";
import { defineSchema } from "../schema/define-schema.ts";
import type { EventOf } from "../schema/event.ts";
import type { InferEventFromSchema, InferEventInputFromSchema, InferStateFromSchema } from "../schema/infer.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { standard } from "./standard.ts";
import { standardSchema, Type, typebox } from "./typebox.ts";
import * as typebox0 from "./typebox0.ts";
import { z } from "./zod.ts";

const Day = Type.Codec(Type.String())
  .Decode((text) => new Date(text))
  .Encode((date) => date.toISOString());
const state = Type.Object({
  title: Type.String(),
  status: Type.Union([Type.Literal("draft"), Type.Literal("approved")]),
});
const event = {
  created: Type.Object({ at: Day, count: Type.Number({ default: 1 }), note: Type.Optional(Type.String()) }),
  renamed: Type.Codec(Type.String())
    .Decode((title) => title.length)
    .Encode(String),
  moved: Type.Union([
    Type.Object({ to: Type.Literal("shelf"), row: Type.Number() }),
    Type.Object({ to: Type.Literal("bin") }),
  ]),
  marked: Type.Unsafe<{ colour: "red" }>({ type: "object" }),
};
const schema = defineSchema("post", { schema: typebox({ event, state }), initialEventName: "post:created" });

type State = { title: string; status: "draft" | "approved" };
type Created = { at: Date; count: number; note?: string };
type Moved = { to: "shelf"; row: number } | { to: "bin" };

describe("typebox", () => {
  test("infers events and state as the types make them, unions and codecs included", () => {
    expectTypeOf<InferEventFromSchema<typeof schema>>().toEqualTypeOf<
      | EventOf<"post", "post:created", Created>
      | EventOf<"post", "post:renamed", number>
      | EventOf<"post", "post:moved", Moved>
      | EventOf<"post", "post:marked", { colour: "red" }>
    >();
    expectTypeOf<InferStateFromSchema<typeof schema>>().toEqualTypeOf<State>();
  });

  test("infers what callers give from what the types take: TypeBox's own do not know defaults", () => {
    expectTypeOf<InferEventInputFromSchema<typeof schema, "post:created">>().toEqualTypeOf<{
      at: string;
      count: number;
      note?: string;
    }>();
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
    Post.create({ body: { at: "2026-01-01", count: 1 } });
    // @ts-expect-error `at` is missing
    Post.create({ body: { count: 1 } });
  });

  test("L13: types the schemas of whole events, under both names", () => {
    expectTypeOf(schema.event.moved).toEqualTypeOf(schema.event["post:moved"]);
    expectTypeOf(schema.event.moved).toEqualTypeOf<
      Type.TObject<{
        eventId: Type.TString;
        eventCreatedAt: Type.TString;
        entityName: Type.TString;
        entityId: Type.TString;
        eventName: Type.TLiteral<"post:moved">;
        body: (typeof event)["moved"];
        version: Type.TOptional<Type.TNumber>;
      }>
    >();
    expectTypeOf<Type.StaticDecode<typeof schema.event.created>["body"]>().toEqualTypeOf<Created>();
    expectTypeOf(schema.state).toEqualTypeOf<typeof state>();
    // @ts-expect-error there is no such event
    schema.event.gone;
  });

  test("follows the separator", () => {
    const other = defineSchema("post", {
      schema: typebox({ event, state, namespaceSeparator: "/" }),
      initialEventName: "post/created",
    });
    expectTypeOf(other.event["post/moved"].properties.eventName.const).toEqualTypeOf<"post/moved">();
    // @ts-expect-error the separator is ":"
    defineSchema("post", { schema: typebox({ event, state }), initialEventName: "post/created" });
  });

  test("takes types of TypeBox 1 only", () => {
    // @ts-expect-error that is no type
    typebox({ event: { created: { title: "string" } }, state });
    // @ts-expect-error that is another library's
    typebox({ event, state: z.object({}) });
    // @ts-expect-error that is the other TypeBox's
    typebox({ event, state: typebox0.Type.Object({}) });
  });
});

describe("standardSchema", () => {
  test("says what goes in and what comes out", () => {
    const made = standardSchema(event.created);
    expectTypeOf<StandardSchemaV1.InferInput<typeof made>>().toEqualTypeOf<{
      at: string;
      count: number;
      note?: string;
    }>();
    expectTypeOf<StandardSchemaV1.InferOutput<typeof made>>().toEqualTypeOf<Created>();
    // @ts-expect-error that is no type
    standardSchema({ type: "string" });
    // @ts-expect-error that is the other TypeBox's
    standardSchema(typebox0.Type.String());
  });

  test("gives defineEntity what it needs", () => {
    const Post = defineEntity("post", {
      state: standardSchema(state),
      events: { created: standardSchema(event.created), moved: standardSchema(event.moved) },
      initial: "created",
      reduce: {
        created: (_, { body }) => {
          expectTypeOf(body).toEqualTypeOf<Created>();
          return { title: body.at.toISOString(), status: "draft" };
        },
        moved: (post, { body }) => {
          expectTypeOf(body).toEqualTypeOf<Moved>();
          return { ...post, status: "approved" };
        },
      },
      mutations: { throwAway: ({ dispatch }) => dispatch("moved", { to: "bin" }) },
    });
    expectTypeOf<InferStateFromSchema<typeof Post.schema>>().toEqualTypeOf<State>();
    Post.create({ body: { at: "2026-01-01", count: 1 } });
    // @ts-expect-error a type of TypeBox's is no Standard Schema
    defineEntity("post", { state, events: {}, initial: "created", reduce: {} });
  });

  test("gives standard() what it needs, beside other libraries", () => {
    const mixed = defineSchema("post", {
      schema: standard({
        body: { created: standardSchema(event.created), noted: z.object({ text: z.string() }) },
        state: standardSchema(state),
      }),
      initialEventName: "post:created",
    });
    expectTypeOf<InferEventInputFromSchema<typeof mixed, "post:created">["at"]>().toEqualTypeOf<string>();
  });
});
