import { type Adapter, type BaseEventType, createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { describe, expect, test } from "vitest";
import { storedIds } from "../../src/testing/contract/events.ts";
import { Note } from "../repository/note.ts";
import { rejection } from "../support/promises.ts";

const event = (eventName: string, tag: string, overrides: Partial<BaseEventType> = {}): BaseEventType => ({
  eventId: tag,
  eventName: `note:${eventName}`,
  eventCreatedAt: "2024-01-01T00:00:00.000Z",
  entityName: "note",
  entityId: "n",
  body: eventName === "created" ? { text: tag } : { tag },
  ...overrides,
});

/** Notes over a list that gives out what it holds, whatever that is. */
function notesOver(...events: BaseEventType[]) {
  const adapter: Adapter = {
    getEventsByEntityId: async () => events as never[],
    commitEvents: async (commit) => void events.push(...commit.events),
  };
  return { events, notes: createRepository(Note, { adapter }) };
}

describe("events without a version", () => {
  test("C1: count with those that are added to them, after each load", async () => {
    const { notes, events } = notesOver(event("created", "first"), event("tagged", "a"));
    for (const tag of ["b", "c"]) await notes.mutate({ entityId: "n" }, (note) => note.tag(tag));
    expect(events.map(({ version }) => version)).toEqual([undefined, undefined, 1, 2]);
    const note = await notes.findOneOrThrow({ entityId: "n" });
    expect(note.state).toMatchObject({ text: "first", tags: ["a", "b", "c"] });
  });

  test("C2: at the end of a stream do not send it back to version 0", async () => {
    const { notes, events } = notesOver(
      event("created", "first", { version: 1 }),
      event("tagged", "a", { version: 2 }),
      event("tagged", "b"),
    );
    const { version } = await notes.mutate({ entityId: "n" }, (note) => note.tag("c"));
    expect(version).toBe(3);
    expect(events.at(-1)).toMatchObject({ version: 3, body: { tag: "c" } });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.tags).toEqual(["a", "b", "c"]);
  });
});

test("C4: events without versions follow their times as instants, whatever digits and offsets these are written with", async () => {
  const { notes } = notesOver(
    event("tagged", "third", { eventCreatedAt: "2024-01-01T09:00:01+09:00" }),
    event("tagged", "second", { eventCreatedAt: "2024-01-01T00:00:00.500Z" }),
    event("created", "first", { eventCreatedAt: "2024-01-01T00:00:00Z" }),
  );
  expect((await notes.findOneOrThrow({ entityId: "n" })).state).toMatchObject({
    text: "first",
    tags: ["second", "third"],
  });
});

describe("what an adapter hands over", () => {
  test("B11: is trusted to be of the entity that was asked for", async () => {
    const { notes } = notesOver(
      event("created", "first", { version: 1 }),
      event("tagged", "of another", { version: 2, entityId: "m" }),
    );
    const note = await notes.findOneOrThrow({ entityId: "n" });
    expect({ id: note.entityId, tags: note.state.tags }).toEqual({ id: "n", tags: ["of another"] });
  });

  test("B12: is trusted to hold each event once", async () => {
    const { notes } = notesOver(
      event("created", "first", { version: 1 }),
      event("tagged", "a", { version: 2 }),
      event("tagged", "a", { version: 2 }),
    );
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.tags).toEqual(["a", "a"]);
  });

  test("B11, B12: a store hands over neither, whoever writes", async () => {
    const store = createMemoryStore();
    const notes = createRepository(Note, { adapter: store });
    await notes.create({ entityId: "n", eventId: "e", body: { text: "one" } });
    const again = notes.create({ entityId: "m", eventId: "e", body: { text: "two" } });
    expect(await rejection(again)).toMatchObject({ code: "corrupt_retry" });
    expect(await storedIds(store, "n", "note")).toEqual(["e"]);
    expect(await storedIds(store, "m", "note")).toEqual([]);
  });
});

describe("C5: an entity that was loaded from a state alone, and whose version nobody said", () => {
  const state = { text: "kept elsewhere", tags: [], isPublished: false };

  test("is refused by the store: it would start the stream anew", async () => {
    const store = createMemoryStore();
    const notes = createRepository(Note, { adapter: store });
    await notes.create({ entityId: "n", body: { text: "one" } });
    const note = Note.load({ entityId: "n", state, UNSAFE_mutable: true });
    note.edit("two");
    expect(await rejection(notes.commit(note))).toMatchObject({ code: "entity_exists", actualVersion: 1 });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("one");
    expect(note.uncommittedEvents).toHaveLength(1);
  });

  test("goes on where its version is said", async () => {
    const notes = createRepository(Note, { adapter: createMemoryStore() });
    await notes.create({ entityId: "n", body: { text: "one" } });
    const note = Note.load({ entityId: "n", state, version: 1, UNSAFE_mutable: true });
    note.edit("two");
    expect(await notes.commit(note)).toMatchObject({ version: 2 });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("two");
  });
});
