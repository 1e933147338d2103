import { createRepository, defineEntity, type StoreTransaction } from "ventyd";
import { createMemoryStore, type MemoryClient } from "ventyd/memory";
import { expect, test } from "vitest";
import type { StandardSchemaV1 } from "../../src/schema/standard-schema.ts";
import { deferred, rejection } from "../support/promises.ts";
import { Note } from "./note.ts";

function open() {
  const store = createMemoryStore();
  const notes = createRepository(Note, { adapter: store });
  const texts = async (entityId: string) =>
    (await store.load({ entityName: "note", entityId })).map(({ body }) => (body as { text: string }).text);
  return { store, notes, texts };
}

const begin = (entityId: string) => Note.create({ entityId, body: { text: "0" } });

test("inside one transaction, commits of one entity that are under way at once follow one another", async () => {
  const { store, notes, texts } = open();
  const note = begin("a");
  await store.transaction(async () => {
    await notes.commit(note);
    note.edit("1");
    const first = notes.commit(note);
    note.edit("2");
    const second = notes.commit(note);
    expect((await first).version).toBe(2);
    expect((await second).version).toBe(3);
  });
  expect(await texts("a")).toEqual(["0", "1", "2"]);
});

test("inside one transaction, a commit of several waits for the commit of one of them", async () => {
  const { store, notes, texts } = open();
  const [note, other] = [begin("a"), begin("b")];
  await store.transaction(async () => {
    const first = notes.commit(note);
    note.edit("1");
    const both = notes.commit([other, note]);
    expect((await first).version).toBe(1);
    expect((await both).map(({ version }) => version)).toEqual([1, 2]);
  });
  expect([await texts("a"), await texts("b")]).toEqual([["0", "1"], ["0"]]);
});

test("a commit that stays out of the transaction around it is refused, not waited for, where that holds the entity's events", async () => {
  const { store, notes, texts } = open();
  const note = begin("a");
  await store.transaction(async () => {
    await notes.commit(note);
    note.edit("1");
    expect(await rejection(notes.commit(note, { transaction: null }))).toMatchObject({ code: "entity_busy" });
  });
  await notes.commit(note);
  expect(await texts("a")).toEqual(["0", "1"]);
});

test("a commit by the handle of a transaction is refused, not waited for, while one outside of it waits for its end", async () => {
  const { store, notes, texts } = open();
  const [opened, ends] = [deferred<StoreTransaction<MemoryClient>>(), deferred()];
  const transaction = store.transaction(async (handle) => {
    opened.resolve(handle);
    await ends.promise;
  });
  const handle = await opened.promise;
  const note = begin("a");
  const outside = notes.commit(note);
  note.edit("1");
  expect(await rejection(notes.commit(note, { transaction: handle }))).toMatchObject({ code: "entity_busy" });
  ends.resolve();
  await Promise.all([transaction, outside]);
  await notes.commit(note);
  expect(await texts("a")).toEqual(["0", "1"]);
});

test("what a transaction answers under an idempotency key is as durable as what it has stored under it", async () => {
  const { store, notes, texts } = open();
  const [note, again] = [begin("a"), begin("a")];
  await store.transaction(async () => {
    await notes.commit(note, { idempotencyKey: "k" });
    expect(await notes.commit(again, { idempotencyKey: "k" })).toMatchObject({ duplicate: true, version: 1 });
  });
  expect(note.uncommittedEvents).toEqual([]);
  expect(again.uncommittedEvents).toEqual([]);
  expect(await texts("a")).toEqual(["0"]);
});

test("a schema that says nothing of itself, and lets anything through, has snapshots, and none are made up", async () => {
  const anything = <T>(): StandardSchemaV1<unknown, T> => ({
    "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as T }) },
  });
  const Thing = defineEntity("thing", {
    state: anything<number>(),
    events: { counted: anything<object>() },
    initial: "counted",
    reduce: { counted: (state) => (state ?? 0) + 1 },
    mutations: { count: ({ dispatch }) => void dispatch("counted", {}) },
  });
  const warnings: Error[] = [];
  const store = createMemoryStore();
  const onWarning = (warning: Error) => void warnings.push(warning);
  const things = createRepository(Thing, { adapter: store, snapshot: { frequency: 3 }, onWarning });
  await things.create({ entityId: "t", body: {} });
  for (const state of [1, 2, 3, 4]) {
    expect((await things.findOneOrThrow({ entityId: "t" })).state).toBe(state);
    await things.mutate({ entityId: "t" }, (thing) => thing.count());
  }
  expect(warnings).toEqual([]);
});
