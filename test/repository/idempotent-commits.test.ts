import {
  type Adapter,
  createRepository,
  defineReducer,
  defineSchema,
  Entity,
  IdempotencyMismatchError,
  UnsupportedError,
} from "ventyd";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { readAll, upTo } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/temp-database.ts";
import { Note, openNotes, told, who, withAppend } from "./note.ts";
import { overtaken } from "./overtaken.ts";

const key = { idempotencyKey: "k" };

/** A note that is stored with one event. */
async function openNote() {
  const opened = await openNotes();
  await opened.notes.create({ entityId: "n", body: { text: "one" } });
  return opened;
}

describe("create with an idempotency key", () => {
  test("twice creates once; the second answers with what is stored now", async () => {
    const { notes, store } = await openNotes();
    const first = await notes.create({ entityId: "n", body: { text: "one" } }, key);
    expect(first.duplicate).toBe(false);
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    const second = await notes.create({ entityId: "n", body: { text: "another" } }, key);
    const { events, position } = first;
    expect(second).toMatchObject({ duplicate: true, version: 1, events, position });
    expect(second.entity).toMatchObject({ version: 2, state: { text: "two" }, uncommittedEvents: [] });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("of two that race creates once", async () => {
    const { notes, store } = await openNotes();
    const answers = await Promise.all(["a", "b"].map((text) => notes.create({ entityId: "n", body: { text } }, key)));
    expect(answers.map(({ duplicate }) => duplicate).toSorted()).toEqual([false, true]);
    expect(answers[0]?.entity.state).toEqual(answers[1]?.entity.state);
    expect(await told(store, "n")).toEqual([answers[0]?.entity.state.text]);
  });

  test("of an id that is taken by somebody else is refused", async () => {
    const { notes } = await openNote();
    expect(await rejection(notes.create({ entityId: "n", body: { text: "x" } }, key))).toMatchObject({
      code: "entity_exists",
    });
  });

  test("of another initial event under the same key is a mismatch", async () => {
    const { store } = await openNotes();
    const schema = defineSchema("order", {
      schema: zod({ event: { placed: z.object({}), imported: z.object({}) }, state: z.object({}) }),
      initialEventName: ["order:placed", "order:imported"],
    });
    const Order = Entity(
      schema,
      defineReducer(schema, () => ({})),
    );
    const orders = createRepository(Order, { adapter: store });
    await orders.create({ entityId: "o", body: {} }, key);
    const other = orders.create({ entityId: "o", eventName: "order:imported", body: {} }, key);
    expect(await rejection(other)).toBeInstanceOf(IdempotencyMismatchError);
  });
});

describe("commit with an idempotency key", () => {
  test("that stands for events of other names is a mismatch, and keeps the queue", async () => {
    const { notes, store } = await openNote();
    const note = await notes.findOneOrThrow({ entityId: "n" });
    note.edit("two");
    await notes.commit(note, key);
    note.tag("red");
    const error = await rejection(notes.commit(note, key));
    expect(error).toBeInstanceOf(IdempotencyMismatchError);
    expect(error).toMatchObject({ code: "idempotency_mismatch", entityName: "note", entityId: "n", ...key });
    expect(note.uncommittedEvents).toHaveLength(1);
    expect(await notes.commit(note, { idempotencyKey: "other" })).toMatchObject({ duplicate: false, version: 3 });
    expect(await told(store, "n")).toEqual(["one", "two", "red"]);
  });

  test("of the same names by another instance is answered with the first, and clears the queue", async () => {
    const { notes, store } = await openNote();
    const first = await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
    const note = await notes.findOneOrThrow({ entityId: "n" });
    note.edit("other");
    const { events, position } = first;
    expect(await notes.commit(note, key)).toEqual({ duplicate: true, version: 2, events, position });
    expect(note.uncommittedEvents).toEqual([]);
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("the entity of which was not what is stored cannot be committed over it afterwards", async () => {
    const { notes, store } = await openNote();
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
    const note = await notes.findOneOrThrow({ entityId: "n", version: 1 });
    expect(note.version).toBe(1);
    const stale = await notes.findOneOrThrow({ entityId: "n" });
    stale.edit("never stored");
    await notes.commit(stale, key);
    stale.tag("based on what never was");
    expect(await rejection(notes.commit(stale))).toMatchObject({ code: "concurrency_conflict" });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  /** A note over a store whose first answer is lost. */
  async function openLossy() {
    const { store } = await openNote();
    let isLost = true;
    const lossy = withAppend(store, async (append) => {
      const rows = await append();
      if (!isLost) return rows;
      isLost = false;
      throw new Error("connection reset");
    });
    const notes = createRepository(Note, { adapter: lossy });
    const note = await notes.findOneOrThrow({ entityId: "n" });
    note.edit("two");
    expect((await rejection(notes.commit(note, key))).message).toBe("connection reset");
    expect(note.uncommittedEvents).toHaveLength(1);
    return { store, notes, note };
  }

  test("whose answer was lost, made again, is a duplicate and clears the queue", async () => {
    const { store, notes, note } = await openLossy();
    expect(await notes.commit(note, key)).toMatchObject({ duplicate: true, version: 2 });
    expect(note.uncommittedEvents).toEqual([]);
    note.tag("red");
    await notes.commit(note);
    expect(await told(store, "n")).toEqual(["one", "two", "red"]);
  });

  test("whose answer was lost, and that has grown since, writes the rest", async () => {
    const { store, notes, note } = await openLossy();
    note.tag("red");
    expect(await notes.commit(note, key)).toMatchObject({ version: 3, events: [{ version: 2 }, { version: 3 }] });
    expect(note.uncommittedEvents).toEqual([]);
    expect(await told(store, "n")).toEqual(["one", "two", "red"]);
  });

  test("of several entities gives each the key, so that all of it can be sent again", async () => {
    const { notes, store } = await openNotes();
    const made = () => ["a", "b"].map((entityId) => Note.create({ entityId, body: { text: entityId } }));
    await notes.commit(made(), key);
    for (const entityId of ["a", "b"]) {
      const found = await store.findByIdempotencyKey({ entityName: "note", entityId, ...key });
      expect(found).toMatchObject([{ entityId, version: 1 }]);
    }
    const again = await notes.commit(made(), key);
    expect(again.map(({ duplicate }) => duplicate)).toEqual([true, true]);
    expect(await readAll(store)).toHaveLength(2);
  });

  test("stands on the first of its events, and finds all of them", async () => {
    const { notes, store } = await openNote();
    const { events } = await notes.mutate(
      { entityId: "n" },
      (note) => {
        note.edit("two");
        note.tag("red");
      },
      key,
    );
    expect(await store.findByIdempotencyKey({ entityName: "note", entityId: "n", ...key })).toEqual(events);
    expect(events.every(({ metadata }) => !("idempotencyKey" in metadata))).toBe(true);
  });
});

describe("rollback with an idempotency key", () => {
  async function openEdited() {
    const opened = await openNote();
    await opened.notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    return opened;
  }

  test("twice rolls back once", async () => {
    const { notes } = await openEdited();
    const target = { entityId: "n", toVersion: 1 };
    const first = await notes.rollback(target, { ...who, ...key });
    expect(await notes.rollback(target, { ...who, ...key })).toEqual({ ...first, duplicate: true });
    expect(await notes.findOneOrThrow({ entityId: "n" })).toMatchObject({ version: 3, state: { text: "one" } });
  });

  test("from a preview that the other call makes out of date answers like a hit", async () => {
    const { notes, store } = await openEdited();
    const preview = await notes.previewRollback({ entityId: "n", toVersion: 1 });
    const slower = overtaken(store, "loadHistory", () => notes.rollback(preview, { ...who, ...key }));
    const answer = await createRepository(Note, { adapter: slower }).rollback(preview, { ...who, ...key });
    expect(answer).toMatchObject({ duplicate: true, version: 3 });
    expect(await notes.rollback(preview, { ...who, ...key })).toEqual(answer);
    expect(await rejection(notes.rollback(preview, who))).toMatchObject({ code: "concurrency_conflict" });
    expect(await readAll(store)).toHaveLength(3);
  });

  test("of two that race to different versions keeps the snapshot of the one that is stored", async () => {
    const { store } = await openEdited();
    const notes = createRepository(Note, { adapter: store, snapshot: { frequency: 1 } });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("three"));
    const rollback = (toVersion: number) => notes.rollback({ entityId: "n", toVersion }, { ...who, ...key });
    await Promise.all([rollback(1), rollback(2)]);
    const folded = await createRepository(Note, { adapter: store }).findOneOrThrow({ entityId: "n" });
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toEqual(folded.toJSON());
  });

  test("of two that race rolls back once, and tells plugins once", async () => {
    const { store } = await openEdited();
    const told: string[] = [];
    const plugin = {
      onCommitted: ({ events }: { events: { eventId: string }[] }) => void told.push(`${events[0]?.eventId}`),
    };
    const notes = createRepository(Note, { adapter: store, plugins: [plugin] });
    const target = { entityId: "n", toVersion: 1 };
    const answers = await Promise.all(upTo(2).map(() => notes.rollback(target, { ...who, ...key })));
    expect(answers.map(({ duplicate }) => duplicate).toSorted()).toEqual([false, true]);
    expect(answers[0]?.events).toEqual(answers[1]?.events);
    expect(await readAll(store)).toHaveLength(3);
    expect(told).toEqual([answers[0]?.events[0]?.eventId]);
  });
});

test("over an adapter of two methods an idempotency key is unsupported, in every verb, and nothing is written", async () => {
  const stored: unknown[] = [];
  const adapter: Adapter = {
    getEventsByEntityId: async () => stored as never[],
    commitEvents: async ({ events }) => void stored.push(...events),
    storesMetadata: true,
  };
  const notes = createRepository(Note, { adapter });
  await notes.create({ entityId: "n", body: { text: "one" } });
  await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
  const note = await notes.findOneOrThrow({ entityId: "n" });
  note.edit("three");
  let ran = false;
  const work = () => {
    ran = true;
  };
  const attempts = [
    notes.create({ entityId: "m", body: { text: "one" } }, key as object),
    notes.mutate({ entityId: "n" }, work, key as object),
    notes.commit(note, key as object),
    notes.rollback({ entityId: "n", toVersion: 1 }, { ...who, ...(key as object) }),
  ];
  for (const attempt of attempts) expect(await rejection(attempt)).toBeInstanceOf(UnsupportedError);
  expect(ran).toBe(false);
  expect(stored).toHaveLength(2);
  expect(note.uncommittedEvents).toHaveLength(1);
});
