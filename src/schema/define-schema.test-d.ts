import { describe, expectTypeOf, test } from "vitest";
import { z as z3 } from "zod/v3";
import type { CustomMetadata } from "../attribution/metadata.ts";
import { Entity } from "../entity/entity.ts";
import { mutation } from "../entity/mutation.ts";
import { v, valibot } from "../validators/valibot.ts";
import { z, zod } from "../validators/zod.ts";
import { defineSchema, type Schema } from "./define-schema.ts";
import type { EventOf } from "./event.ts";
import type {
  InferEntityNameFromSchema,
  InferEventBodyFromSchema,
  InferEventFromSchema,
  InferEventInputFromSchema,
  InferEventNameFromSchema,
  InferInitialEventBodyFromSchema,
  InferInitialEventNameFromSchema,
  InferMetadataInputFromSchema,
  InferStateFromSchema,
} from "./infer.ts";

const definition = {
  event: {
    created: z.object({ at: z.coerce.date(), tags: z.array(z.string()).default([]) }),
    renamed: z.object({ title: z.string() }),
  },
  state: z.object({ title: z.string() }),
};
const withZod = defineSchema("post", { schema: zod(definition), initialEventName: "post:created" });
const withValibot = defineSchema("post", {
  schema: valibot({
    event: {
      created: v.object({ at: v.pipe(v.string(), v.toDate()), tags: v.optional(v.array(v.string()), []) }),
      renamed: v.object({ title: v.string() }),
    },
    state: v.object({ title: v.string() }),
  }),
  initialEventName: "post:created",
});

describe("a schema's names", () => {
  test("are literal: of the entity, of its events, of the initial one", () => {
    expectTypeOf<InferEntityNameFromSchema<typeof withZod>>().toEqualTypeOf<"post">();
    expectTypeOf<InferEventNameFromSchema<typeof withZod>>().toEqualTypeOf<"post:created" | "post:renamed">();
    expectTypeOf<InferInitialEventNameFromSchema<typeof withZod>>().toEqualTypeOf<"post:created">();
    expectTypeOf(withZod.entityName).toEqualTypeOf<"post">();
    expectTypeOf(withZod.initialEventName).toEqualTypeOf<"post:created">();
    expectTypeOf<InferEventNameFromSchema<typeof withValibot>>().toEqualTypeOf<"post:created" | "post:renamed">();
  });

  test("follow the separator", () => {
    const schema = defineSchema("post", {
      schema: zod({ ...definition, namespaceSeparator: "/" }),
      initialEventName: "post/created",
    });
    expectTypeOf<InferEventNameFromSchema<typeof schema>>().toEqualTypeOf<"post/created" | "post/renamed">();
    // @ts-expect-error the separator is "/"
    defineSchema("post", { schema: zod({ ...definition, namespaceSeparator: "/" }), initialEventName: "post:created" });
  });

  test("must hold the initial event, one or several", () => {
    // @ts-expect-error there is no such event
    defineSchema("post", { schema: zod(definition), initialEventName: "post:craeted" });
    // @ts-expect-error a short name is no event name
    defineSchema("post", { schema: zod(definition), initialEventName: "created" });
    // @ts-expect-error the second one does not exist
    defineSchema("post", { schema: zod(definition), initialEventName: ["post:created", "post:deleted"] });
    // @ts-expect-error at least one event starts a stream
    defineSchema("post", { schema: zod(definition), initialEventName: [] });
    // @ts-expect-error it must be named
    defineSchema("post", { schema: zod(definition) });
    // @ts-expect-error the entity's name is another one
    defineSchema("page", { schema: zod(definition), initialEventName: "post:created" });
  });

  test("keep all initial events, the first as the default", () => {
    const schema = defineSchema("post", {
      schema: zod(definition),
      initialEventName: ["post:renamed", "post:created"],
    });
    expectTypeOf(schema.initialEventName).toEqualTypeOf<"post:renamed">();
    expectTypeOf(schema.initialEventNames).toEqualTypeOf<readonly ("post:renamed" | "post:created")[]>();
  });

  test("must hold the irreversible events", () => {
    defineSchema("post", { schema: zod(definition), initialEventName: "post:created", irreversible: ["post:renamed"] });
    // @ts-expect-error there is no such event
    defineSchema("post", { schema: zod(definition), initialEventName: "post:created", irreversible: ["post:deleted"] });
  });
});

describe("a schema's bodies", () => {
  type Created = { at: Date; tags: string[] };

  test("are the output for reducers, the input for callers", () => {
    expectTypeOf<InferEventBodyFromSchema<typeof withZod, "post:created">>().toEqualTypeOf<Created>();
    expectTypeOf<InferEventInputFromSchema<typeof withZod, "post:created">>().toEqualTypeOf<{
      at: unknown;
      tags?: string[] | undefined;
    }>();
    expectTypeOf<InferInitialEventBodyFromSchema<typeof withZod>>().toEqualTypeOf<Created>();
    expectTypeOf<InferEventBodyFromSchema<typeof withValibot, "post:created">>().toEqualTypeOf<Created>();
    expectTypeOf<InferEventInputFromSchema<typeof withValibot, "post:created">>().toEqualTypeOf<{
      at: string;
      tags?: string[] | undefined;
    }>();
  });

  test("belong to their event: its name tells which", () => {
    type Event = InferEventFromSchema<typeof withZod>;
    expectTypeOf<Extract<Event, { eventName: "post:renamed" }>["body"]>().toEqualTypeOf<{ title: string }>();
    expectTypeOf<Event["version"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Event["entityName"]>().toEqualTypeOf<"post">();
    expectTypeOf<InferEventBodyFromSchema<typeof withZod, "post:deleted">>().toBeNever();
  });

  test("may be of any kind of schema: unions, strict, loose and refined objects, transforms", () => {
    const schema = defineSchema("shape", {
      schema: zod({
        event: {
          drawn: z.discriminatedUnion("kind", [
            z.object({ kind: z.literal("circle"), radius: z.number() }),
            z.object({ kind: z.literal("dot") }),
          ]),
          moved: z.strictObject({ x: z.number() }).refine(({ x }) => x > 0),
          tagged: z.looseObject({ tag: z.string() }),
          named: z.object({ name: z.string() }).transform(({ name }) => name),
        },
        state: z.union([z.object({ kind: z.literal("new") }), z.object({ kind: z.literal("old"), age: z.number() })]),
      }),
      initialEventName: "shape:drawn",
    });
    type BodyOf<TName extends string> = InferEventBodyFromSchema<typeof schema, TName>;
    expectTypeOf<BodyOf<"shape:drawn">>().toEqualTypeOf<{ kind: "circle"; radius: number } | { kind: "dot" }>();
    expectTypeOf<BodyOf<"shape:moved">>().toEqualTypeOf<{ x: number }>();
    expectTypeOf<BodyOf<"shape:tagged">["tag"]>().toEqualTypeOf<string>();
    expectTypeOf<BodyOf<"shape:named">>().toEqualTypeOf<string>();
    expectTypeOf<InferStateFromSchema<typeof schema>>().toEqualTypeOf<{ kind: "new" } | { kind: "old"; age: number }>();
  });

  test("may be of another version of Zod than the bridge", () => {
    const body = z3.object({ n: z3.string().transform(Number) });
    const schema = defineSchema("thing", {
      schema: zod({ event: { made: body }, state: z3.object({ n: z3.number() }) }),
      initialEventName: "thing:made",
    });
    expectTypeOf<InferEventBodyFromSchema<typeof schema, "thing:made">>().toEqualTypeOf<{ n: number }>();
    expectTypeOf<InferEventInputFromSchema<typeof schema, "thing:made">>().toEqualTypeOf<{ n: string }>();
    expectTypeOf<InferStateFromSchema<typeof schema>>().toEqualTypeOf<{ n: number }>();
  });

  test("must be schemas of the bridge's library", () => {
    // @ts-expect-error that is Valibot's
    zod({ event: { made: v.object({}) }, state: z.object({}) });
    // @ts-expect-error that is Zod's
    valibot({ event: { made: z.object({}) }, state: v.object({}) });
    // @ts-expect-error that is no schema
    zod({ event: { made: { title: "string" } }, state: z.object({}) });
  });

  test("may come from a bridge of one's own, which has no input besides its output", () => {
    type Made = EventOf<"thing", "thing:made", { n: number }>;
    const parse = (input: unknown) => input as Made;
    const bridge = () => ({ parseEvent: parse, parseEventByName: parse as never, parseState: () => ({ n: 1 }) });
    const schema = defineSchema("thing", { schema: bridge, initialEventName: "thing:made" });
    expectTypeOf<InferEventNameFromSchema<typeof schema>>().toEqualTypeOf<"thing:made">();
    expectTypeOf<InferEventInputFromSchema<typeof schema, "thing:made">>().toEqualTypeOf<{ n: number }>();
    class Thing extends Entity(schema, (state) => state) {
      make = mutation(this, (dispatch) => {
        dispatch("thing:made", { n: 1 });
        // @ts-expect-error a number is wanted
        dispatch("thing:made", { n: "1" });
        // @ts-expect-error there is no such event
        dispatch("thing:gone", { n: 1 });
      });
    }
    expectTypeOf(Thing.create({ body: { n: 1 } }).state).toEqualTypeOf<{ n: number }>();
  });
});

describe("a schema's metadata", () => {
  test("is what its schema takes, or anything", () => {
    const tracked = defineSchema("post", {
      schema: zod(definition),
      initialEventName: "post:created",
      metadata: z.object({ ip: z.string(), port: z.coerce.number<string>().default(80) }),
    });
    expectTypeOf<InferMetadataInputFromSchema<typeof tracked>>().toEqualTypeOf<{
      ip: string;
      port?: string | undefined;
    }>();
    expectTypeOf<InferMetadataInputFromSchema<typeof withZod>>().toEqualTypeOf<CustomMetadata>();
    expectTypeOf(withZod.metadata).toEqualTypeOf<undefined>();
    // @ts-expect-error that is no schema
    defineSchema("post", { schema: zod(definition), initialEventName: "post:created", metadata: { ip: "string" } });
  });

  test("leaves the type Schema as it was for whoever writes it out", () => {
    type Created = EventOf<"post", "post:created", { title: string }>;
    type Written = Schema<"post", Created, { title: string }, "post:created">;
    expectTypeOf<InferEventNameFromSchema<Written>>().toEqualTypeOf<"post:created">();
    expectTypeOf<InferMetadataInputFromSchema<Written>>().toEqualTypeOf<CustomMetadata>();
    const bridge = () => ({
      parseEvent: (input: unknown) => input as Created,
      parseEventByName: null as never,
      parseState: () => ({ title: "" }),
    });
    const _plain: Written = defineSchema("post", { schema: bridge, initialEventName: "post:created" });
    const _tracked: Written = defineSchema("post", {
      schema: bridge,
      initialEventName: "post:created",
      metadata: z.object({ ip: z.string() }),
    });
  });
});

describe("L13: schema.event", () => {
  test("is typed with full and with short names, and with no others", () => {
    expectTypeOf(withZod.event["post:renamed"].shape.body).toEqualTypeOf<(typeof definition)["event"]["renamed"]>();
    expectTypeOf(withZod.event.renamed).toEqualTypeOf(withZod.event["post:renamed"]);
    expectTypeOf(withZod.event.renamed.shape.eventName).toEqualTypeOf<z.ZodLiteral<"post:renamed">>();
    expectTypeOf(withValibot.event["post:renamed"].entries.body.entries.title).toEqualTypeOf<
      v.StringSchema<undefined>
    >();
    expectTypeOf(withValibot.event.renamed).toEqualTypeOf(withValibot.event["post:renamed"]);
    // @ts-expect-error there is no such event
    withZod.event.deleted;
    // @ts-expect-error there is no such event
    withValibot.event["post:deleted"];
  });

  test("stands beside the state's schema as it was given", () => {
    expectTypeOf(withZod.state).toEqualTypeOf(definition.state);
  });
});
