import {
  type Adapter,
  createRepository,
  defineReducer,
  defineSchema,
  Entity,
  type EventStore,
  type Metadata,
  mutation,
  withAttribution,
} from "ventyd";
import { v, valibot } from "ventyd/valibot";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { openStore, rejection } from "../support/temp-database.ts";
import { who } from "./note.ts";

const bodies = { created: z.object({ text: z.string() }), edited: z.object({ text: z.string() }) };
const state = z.object({ text: z.string() });

/** An entity whose metadata must name the ticket; the channel has a default, the size is made a number. */
const schema = defineSchema("memo", {
  schema: zod({ event: bodies, state }),
  initialEventName: "memo:created",
  metadata: z.object({
    ticket: z.string().regex(/^T-\d+$/),
    channel: z.string().default("web"),
    size: z.coerce.number().optional(),
    tags: z.array(z.string()).optional(),
  }),
});

class Memo extends Entity(
  schema,
  defineReducer(schema, { "memo:created": (_, { body }) => body, "memo:edited": (_, { body }) => body }),
) {
  edit = mutation(this, (dispatch, text: string, metadata?: { readonly [name: string]: unknown }) =>
    dispatch("memo:edited", { text }, { metadata }),
  );
}

/** The same memo, as the code was before it had a schema for metadata. */
const oldSchema = defineSchema("memo", { schema: zod({ event: bodies, state }), initialEventName: "memo:created" });
const OldMemo = Entity(oldSchema, (_, event) => ({ text: (event as { body: { text: string } }).body.text }));

const ticket = { metadata: { ticket: "T-1" } };

async function openMemo() {
  const opened = await openStore();
  const memos = createRepository(Memo, { adapter: opened.store });
  await memos.create({ entityId: "m", body: { text: "one" } }, { ...who, ...ticket });
  return { ...opened, memos };
}

const lastMetadata = async (store: EventStore) => (await readAll(store)).at(-1)?.metadata as Metadata;

describe("a schema of the metadata", () => {
  test("makes what is stored: defaults are there, values are as it puts them out, attribution is beside it", async () => {
    const { memos, store } = await openMemo();
    await memos.mutate({ entityId: "m" }, (memo) => memo.edit("two"), {
      ...who,
      correlationId: "c",
      metadata: { ticket: "T-2", size: "12" },
    });
    expect(await lastMetadata(store)).toEqual({ ...who, correlationId: "c", ticket: "T-2", channel: "web", size: 12 });
  });

  test("strips what it does not declare, where it says so", async () => {
    const { memos, store } = await openMemo();
    await memos.mutate({ entityId: "m" }, (memo) => memo.edit("two"), {
      metadata: { ticket: "T-2", ip: "::1" } as never,
    });
    expect(await lastMetadata(store)).toEqual({ ticket: "T-2", channel: "web" });
  });

  const wrong: [string, object | undefined, (string | number)[]][] = [
    ["none at all", undefined, ["metadata", "ticket"]],
    ["a required key is missing", { channel: "mail" }, ["metadata", "ticket"]],
    ["a key is of another form", { ticket: "1" }, ["metadata", "ticket"]],
    ["a value inside is wrong", { ticket: "T-1", tags: ["ok", 5] }, ["metadata", "tags", 1]],
  ];
  for (const [what, metadata, path] of wrong) {
    test(`refuses a commit and names the place: ${what}`, async () => {
      const { memos, store } = await openMemo();
      const before = await readAll(store);
      const memo = await memos.findOneOrThrow({ entityId: "m" });
      memo.edit("two");
      const error = await rejection(memos.commit(memo, { ...who, metadata } as never));
      expect(error).toMatchObject({
        name: "ValidationError",
        code: "invalid_metadata",
        eventName: "memo:edited",
        entityName: "memo",
        entityId: "m",
        issues: [{ path }],
      });
      expect(error.message).toContain(path.join("."));
      expect(memo.uncommittedEvents).toHaveLength(1);
      expect(await readAll(store)).toEqual(before);
      await memos.commit(memo, ticket);
      expect(await readAll(store)).toHaveLength(before.length + 1);
    });
  }

  test("is asked in every verb that writes: create, mutate, rollback, commit of several, of a preview, and of the store", async () => {
    const { memos, store } = await openMemo();
    await memos.mutate({ entityId: "m" }, (memo) => memo.edit("two"), ticket);
    const before = await readAll(store);
    const memo = () => Memo.create({ body: { text: "new" } });
    const preview = await memos.preview({ entityId: "m" }, (it) => it.edit("three"));
    const none = who as never;
    const verbs = [
      () => memos.create({ body: { text: "new" } }, none),
      () => memos.mutate({ entityId: "m" }, (it) => it.edit("three"), none),
      () => memos.rollback({ entityId: "m", toVersion: 1 }, none),
      () => memos.commit([memo(), memo()], none),
      () => memos.commit(preview, none),
      () => store.commit([memo()], none),
    ];
    for (const verb of verbs) {
      expect(await rejection(verb()), String(verb)).toMatchObject({ code: "invalid_metadata" });
    }
    expect(await readAll(store)).toEqual(before);
    await memos.rollback({ entityId: "m", toVersion: 1 }, { ...who, metadata: { ticket: "T-9" } });
    expect(await lastMetadata(store)).toEqual({ ...who, ticket: "T-9", channel: "web" });
    await memos.rollback({ entityId: "m", toVersion: 2 }, { ...who, metadata: { ticket: "T-9" } });
    const next = await memos.preview({ entityId: "m" }, (it) => it.edit("three"));
    await memos.commit(next, ticket);
    await store.commit([memo()], ticket);
  });

  test("sees what the dispatch, the commit and the surroundings said, put together", async () => {
    const { memos, store } = await openMemo();
    const memo = await memos.findOneOrThrow({ entityId: "m" });
    memo.edit("two", { tags: ["dispatched"], channel: "phone" });
    await withAttribution({ actor: "ann", metadata: { ticket: "T-7", channel: "surrounding" } }, () =>
      memos.commit(memo, { metadata: { size: "3" } } as never),
    );
    expect(await lastMetadata(store)).toEqual({
      actor: "ann",
      ticket: "T-7",
      channel: "phone",
      size: 3,
      tags: ["dispatched"],
    });
  });

  test("looks at every event of a commit", async () => {
    const { memos, store } = await openMemo();
    const before = await readAll(store);
    const memo = await memos.findOneOrThrow({ entityId: "m" });
    memo.edit("two", { ticket: "T-1" });
    memo.edit("three");
    expect(await rejection(memos.commit(memo, {} as never))).toMatchObject({
      code: "invalid_metadata",
      eventName: "memo:edited",
    });
    expect(await readAll(store)).toEqual(before);
  });

  test("is not asked on loading: what was stored before there was one is read as ever", async () => {
    const { memos, store } = await openMemo();
    await createRepository(OldMemo, { adapter: store }).create({ entityId: "old", body: { text: "old" } });
    expect((await memos.findOneOrThrow({ entityId: "old" })).state.text).toBe("old");
    expect((await memos.history({ entityId: "old" })).map(({ event }) => event.metadata)).toEqual([{}]);
    expect(await memos.mutate({ entityId: "old" }, (memo) => memo.edit("new"), ticket)).toMatchObject({ version: 2 });
  });

  test("is not asked where nothing is written", async () => {
    const { memos } = await openMemo();
    expect(await memos.mutate({ entityId: "m" }, () => "nothing", {} as never)).toMatchObject({ events: [] });
    const { entity } = await memos.mutate({ entityId: "m" }, () => {}, ticket);
    expect(await memos.commit(entity, {} as never)).toMatchObject({ events: [] });
  });

  test("inside a transaction refuses only the commit", async () => {
    const { memos, store } = await openMemo();
    await store.transaction(async () => {
      await memos.mutate({ entityId: "m" }, (memo) => memo.edit("two"), ticket);
      const refused = memos.mutate({ entityId: "m" }, (memo) => memo.edit("three"), {} as never);
      expect(await rejection(refused)).toMatchObject({ code: "invalid_metadata" });
    });
    expect((await memos.findOneOrThrow({ entityId: "m" })).state.text).toBe("two");
  });

  test("may not give out names that are the library's", async () => {
    const { store } = await openStore();
    for (const reserved of ["actor", "tenant", "$x"]) {
      const grabbing = defineSchema("memo", {
        schema: zod({ event: bodies, state }),
        initialEventName: "memo:created",
        metadata: z.object({}).transform(() => ({ [reserved]: "mallory" })),
      });
      const memos = createRepository(
        Entity(grabbing, () => ({ text: "" })),
        { adapter: store },
      );
      const error = await rejection(memos.create({ body: { text: "" } }, { actor: "ann" }));
      expect(error).toMatchObject({ code: "reserved_metadata" });
    }
    expect(await readAll(store)).toEqual([]);
  });

  test("may be of another library than the bodies", async () => {
    const { store } = await openStore();
    const mixed = defineSchema("memo", {
      schema: valibot({ event: { created: v.object({ text: v.string() }) }, state: v.object({ text: v.string() }) }),
      initialEventName: "memo:created",
      metadata: z.object({ ticket: z.string() }),
    });
    const memos = createRepository(
      Entity(mixed, () => ({ text: "" })),
      { adapter: store },
    );
    expect(await rejection(memos.create({ body: { text: "" } }, {} as never))).toMatchObject({
      code: "invalid_metadata",
    });
    expect(await memos.create({ body: { text: "" } }, { metadata: { ticket: "1" } })).toMatchObject({ version: 1 });
  });
});

test("without a schema metadata may be anything", async () => {
  const { store } = await openStore();
  const memos = createRepository(OldMemo, { adapter: store });
  await memos.create({ body: { text: "old" } }, { metadata: { any: ["thing"], at: { all: null } } });
  expect(await lastMetadata(store)).toEqual({ any: ["thing"], at: { all: null } });
});

test("over an adapter of two methods that keeps metadata the schema is asked as well", async () => {
  const stored: { metadata?: Metadata }[] = [];
  const adapter: Adapter = {
    getEventsByEntityId: async () => stored as never[],
    commitEvents: async ({ events }) => void stored.push(...(events as object[])),
    storesMetadata: true,
  };
  const memos = createRepository(Memo, { adapter });
  expect(await rejection(memos.create({ body: { text: "x" } }, {} as never))).toMatchObject({
    code: "invalid_metadata",
  });
  expect(stored).toEqual([]);
  await memos.create({ body: { text: "x" } }, ticket);
  expect(stored[0]?.metadata).toEqual({ ticket: "T-1", channel: "web" });
});
