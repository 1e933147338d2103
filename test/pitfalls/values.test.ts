import { createRepository, defineEntity, defineReducer, defineSchema, Entity, type EventStore, mutation } from "ventyd";
import { type } from "ventyd/arktype";
import { createMemoryStore } from "ventyd/memory";
import { standardSchema, Type } from "ventyd/typebox";
import * as typebox0 from "ventyd/typebox0";
import { v } from "ventyd/valibot";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/promises.ts";
import { openStore } from "../support/temp-database.ts";

describe("T5: an entity's name may hold", () => {
  test.for([
    "o'brien",
    'the "best"',
    "a; DROP TABLE ventyd_log; --",
    "back\\slash",
    "{braces}, $ and `ticks`",
    "naïve 名",
  ])("%s", async (entityName) => {
    const Thing = defineEntity(entityName, {
      state: z.object({ count: z.number() }),
      events: { "it's made": z.object({}), counted: z.object({}) },
      initial: "it's made",
      reduce: { "it's made": () => ({ count: 0 }), counted: ({ count }) => ({ count: count + 1 }) },
      mutations: { count: ({ dispatch }) => dispatch("counted", {}) },
    });
    const stores: EventStore[] = [createMemoryStore(), (await openStore()).store];
    for (const store of stores) {
      const things = createRepository(Thing, { adapter: store, snapshot: { frequency: 1 } });
      await things.create({ entityId: entityName, body: {} });
      await things.mutate({ entityId: entityName }, (thing) => thing.count());
      await things.rollback({ entityId: entityName, toVersion: 1 }, { actor: entityName, reason: "Try" });
      expect((await things.findOneOrThrow({ entityId: entityName })).state.count).toBe(0);
      expect((await readAll(store, { entityNames: [entityName] })).map(({ eventName }) => eventName)).toEqual([
        `${entityName}:it's made`,
        `${entityName}:counted`,
        `${entityName}:$rolled_back`,
      ]);
    }
  });
});

describe("T7: an optional key that is given as undefined is as if it were absent", () => {
  const bodies = {
    Zod: z.object({ reason: z.string().optional() }),
    Valibot: v.object({ reason: v.optional(v.string()) }),
    ArkType: type({ "reason?": "string" }),
    TypeBox: standardSchema(Type.Object({ reason: Type.Optional(Type.String()) })),
    "TypeBox 0.34": typebox0.standardSchema(
      typebox0.Type.Object({ reason: typebox0.Type.Optional(typebox0.Type.String()) }),
    ),
  };

  test.for(Object.entries(bodies))("with %s, at dispatch and after a reload", async ([, body]) => {
    const Ticket = defineEntity("ticket", {
      state: z.object({ keys: z.array(z.string()) }),
      events: { closed: body },
      initial: "closed",
      reduce: { closed: (_, event) => ({ keys: Object.keys(event.body) }) },
    });
    const tickets = createRepository(Ticket, { adapter: createMemoryStore() });
    const { events } = await tickets.create({ entityId: "t", body: { reason: undefined } });
    expect(events[0]?.body).toEqual({});
    expect(Object.keys(events[0]?.body as object)).toEqual([]);
    expect((await tickets.findOneOrThrow({ entityId: "t" })).state.keys).toEqual([]);
  });
});

describe("B18: a schema that is declared is run:", () => {
  const counted = { body: 0, state: 0, metadata: 0 };
  const counting = (name: keyof typeof counted) => (value: unknown) => {
    counted[name]++;
    return value !== "refused";
  };
  const schema = defineSchema("thing", {
    schema: zod({
      event: { made: z.object({ text: z.string().refine(counting("body")) }) },
      state: z.object({ text: z.string().refine(counting("state")) }),
    }),
    initialEventName: "thing:made",
    metadata: z.object({ channel: z.string().refine(counting("metadata")) }),
  });
  class Thing extends Entity(
    schema,
    defineReducer(schema, { "thing:made": (_, { body }) => ({ text: body.text === "unfit" ? "refused" : body.text }) }),
    { checks: "throw" },
  ) {
    make = mutation(this, (dispatch, text: string) => dispatch("thing:made", { text }));
  }
  const web = { metadata: { channel: "web" } };
  const open = () => createRepository(Thing, { adapter: createMemoryStore() });

  test("that of a body at each dispatch", async () => {
    const { entity } = await open().create({ body: { text: "one" } }, web);
    expect(() => entity.make("refused")).toThrow(expect.objectContaining({ code: "invalid_event" }));
    expect(() => Thing.create({ body: { text: "refused" } })).toThrow(
      expect.objectContaining({ code: "invalid_event" }),
    );
  });

  test("B5: that of a body once for each event, at dispatch and at each load", async () => {
    const things = open();
    counted.body = 0;
    const thing = Thing.create({ entityId: "t", body: { text: "one" } });
    thing.make("two");
    expect(counted.body).toBe(2);
    await things.commit(thing, web);
    expect(counted.body).toBe(2);
    await things.findOneOrThrow({ entityId: "t" });
    expect(counted.body).toBe(4);
  });

  test("B6: that of the state, where checks are on, before anything is queued", async () => {
    const { entity } = await open().create({ body: { text: "one" } }, web);
    expect(() => entity.make("unfit")).toThrow(expect.objectContaining({ code: "invalid_state" }));
    expect(entity).toMatchObject({ version: 1, state: { text: "one" }, uncommittedEvents: [] });
  });

  test("that of metadata with each event of a commit", async () => {
    const things = open();
    const thing = Thing.create({ entityId: "t", body: { text: "one" } });
    counted.metadata = 0;
    const refused = things.commit(thing, { metadata: { channel: "refused" } });
    expect(await rejection(refused)).toMatchObject({ code: "invalid_metadata" });
    expect(counted.metadata).toBe(1);
    expect(await things.findOne({ entityId: "t" })).toBeNull();
    await things.commit(thing, web);
    expect(counted.metadata).toBe(2);
  });
});

test("B10: a path that leads over a symbol can be shown", () => {
  const key = Symbol("hidden");
  const refusing = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: () => ({ issues: [{ message: "No", path: [key, { key }] }] }),
    },
  };
  const Thing = defineEntity("thing", {
    state: z.object({}),
    events: { made: refusing },
    initial: "made",
    reduce: { made: () => ({}) },
  });
  expect(() => Thing.create({ body: {} as never })).toThrow(/body\.Symbol\(hidden\)\.Symbol\(hidden\): No/);
});
