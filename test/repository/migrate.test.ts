import { type Adapter, type BaseEventType, createRepository, type Migrate } from "ventyd";
import { describe, expect, test } from "vitest";
import { rawRows, rejection } from "../support/temp-database.ts";
import { Note, who } from "./note.ts";
import { migrate, openOld } from "./old-note.ts";

describe("migrate reads old events as those of today:", () => {
  test("renamed, with another body, dropped and split; the version stays that of what is stored", async () => {
    const { notes } = await openOld();
    const note = await notes.findOneOrThrow({ entityId: "n" });
    expect(note.state).toEqual({ text: "three", tags: ["red", "green"], isPublished: false });
    expect(note.version).toBe(5);
  });

  test("without it the same events are refused", async () => {
    const { store } = await openOld();
    const notes = createRepository(Note, { adapter: store });
    expect(await rejection(notes.findOne({ entityId: "n" }))).toMatchObject({ code: "invalid_event" });
  });

  test("new events go on behind them, and are stored as they are", async () => {
    const { notes, store } = await openOld();
    const { version, events } = await notes.mutate({ entityId: "n" }, (note) => note.edit("four"));
    expect({ version, events }).toMatchObject({
      version: 6,
      events: [{ eventName: "note:edited", body: { text: "four" } }],
    });
    expect((await store.load({ entityName: "note", entityId: "n" })).map(({ eventName }) => eventName)).toEqual([
      "note:created",
      "note:retitled",
      "note:tagged",
      "note:viewed",
      "note:retitled",
      "note:edited",
    ]);
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("four");
  });

  test("every version can be read as it was", async () => {
    const { notes } = await openOld();
    const states = [];
    for (const version of [1, 2, 3, 4, 5])
      states.push((await notes.findOneOrThrow({ entityId: "n", version })).toJSON());
    expect(states.map(({ version, state }) => [version, state?.text, state?.tags.length])).toEqual([
      [1, "one", 0],
      [2, "two", 0],
      [3, "two", 2],
      [4, "two", 2],
      [5, "three", 2],
    ]);
  });

  test("history shows the events as they are stored, and the states as of today", async () => {
    const { notes } = await openOld();
    const history = await notes.history({ entityId: "n", after: 1 });
    expect(history.map(({ event }) => [event.eventName, event.body])).toEqual([
      ["note:retitled", { title: "two" }],
      ["note:tagged", { tags: ["red", "green"] }],
      ["note:viewed", {}],
      ["note:retitled", { title: "three" }],
    ]);
    expect(history[0]).toMatchObject({ before: { text: "one" }, after: { text: "two", tags: [] } });
    expect(history[1]?.after).toMatchObject({ tags: ["red", "green"] });
    expect(history[2]?.changes).toEqual([]);
    expect(history.every(({ effective }) => effective)).toBe(true);
  });

  test("diff and preview", async () => {
    const { notes } = await openOld();
    expect(await notes.diff({ entityId: "n", from: 1, to: 5 })).toEqual([
      { op: "replace", path: "/text", value: "three", previous: "one" },
      { op: "add", path: "/tags/-", value: "red" },
      { op: "add", path: "/tags/-", value: "green" },
    ]);
    const preview = await notes.preview({ entityId: "n" }, (note) => note.tag("blue"));
    expect(preview).toMatchObject({
      version: 5,
      before: { text: "three" },
      after: { tags: ["red", "green", "blue"] },
      events: [{ eventName: "note:tagged", body: { tag: "blue" } }],
    });
    expect(await notes.commit(preview)).toMatchObject({ version: 6 });
  });

  test("a rollback counts what is stored, and its preview shows the states of today", async () => {
    const { notes } = await openOld();
    const preview = await notes.previewRollback({ entityId: "n", toVersion: 2 });
    expect(preview).toMatchObject({
      version: 5,
      before: { text: "three", tags: ["red", "green"] },
      after: { text: "two", tags: [] },
      undone: [{ eventName: "note:tagged" }, { eventName: "note:viewed" }, { eventName: "note:retitled" }],
    });
    await notes.rollback(preview, who);
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({
      version: 6,
      state: preview.after,
    });
    await notes.rollback({ entityId: "n", toVersion: 4 }, who);
    expect((await notes.findOneOrThrow({ entityId: "n" })).state).toMatchObject({
      text: "two",
      tags: ["red", "green"],
    });
  });

  test("what has become irreversible by its name of today cannot be undone", async () => {
    const { notes, oldNotes } = await openOld();
    await oldNotes.mutate({ entityId: "n" }, (note) => note.send());
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.isPublished).toBe(true);
    expect((await notes.previewRollback({ entityId: "n", toVersion: 5 })).irreversible).toMatchObject([
      { eventName: "note:sent", version: 6 },
    ]);
    const error = await rejection(notes.rollback({ entityId: "n", toVersion: 5 }, who));
    expect(error).toMatchObject({ code: "irreversible_event" });
  });

  test("inside a transaction too", async () => {
    const { notes, store } = await openOld();
    await store.transaction(async () => {
      await notes.mutate({ entityId: "n" }, (note) => note.tag("blue"));
      expect((await notes.findOneOrThrow({ entityId: "n" })).state.tags).toEqual(["red", "green", "blue"]);
    });
  });

  test("events that are trusted as they are stored are migrated all the same", async () => {
    const { store } = await openOld();
    const notes = createRepository(Note, { adapter: store, migrate, loadValidation: "write" });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.tags).toEqual(["red", "green"]);
  });

  test("over an adapter of two methods, whose own objects stay as they are", async () => {
    const { store } = await openOld();
    const stored = (await store.getEventsByEntityId({ entityName: "note", entityId: "n" })) as BaseEventType[];
    const copy = structuredClone(stored);
    const adapter: Adapter = { getEventsByEntityId: async () => stored as never[], commitEvents: async () => {} };
    const notes = createRepository(Note, {
      adapter,
      migrate: (event) => {
        const migrated = migrate(structuredClone(event));
        Object.assign(event.body as object, { title: "written into", tags: [] });
        event.eventName = "written into";
        return migrated;
      },
    });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("three");
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("three");
    expect(stored).toEqual(copy);
  });
});

describe("what migrate is given", () => {
  test("is each stored event with its seven keys, in order", async () => {
    const seen: BaseEventType[] = [];
    const { notes, store } = await openOld((event) => {
      seen.push(structuredClone(event));
      return migrate(event);
    });
    await notes.findOne({ entityId: "n" });
    expect(seen.map((event) => event.version)).toEqual([1, 2, 3, 4, 5]);
    for (const event of seen) {
      expect(Object.keys(event).toSorted()).toEqual([
        "body",
        "entityId",
        "entityName",
        "eventCreatedAt",
        "eventId",
        "eventName",
        "version",
      ]);
    }
    const [first] = await store.loadHistory({ entityName: "note", entityId: "n" });
    expect(seen[0]).toEqual({
      eventId: first?.eventId,
      eventName: "note:created",
      eventCreatedAt: first?.eventCreatedAt,
      entityName: "note",
      entityId: "n",
      version: 1,
      body: { title: "one" },
    });
  });

  test("is no rollback, and nothing that a rollback has undone", async () => {
    const seen: string[] = [];
    const { notes } = await openOld((event) => {
      seen.push(`${event.version} ${event.eventName}`);
      return migrate(event);
    });
    await notes.rollback({ entityId: "n", toVersion: 2 }, who);
    seen.length = 0;
    await notes.findOne({ entityId: "n" });
    expect(seen).toEqual(["1 note:created", "2 note:retitled"]);
  });

  test("is its own to write into: neither what is stored nor a later load changes", async () => {
    const writing: Migrate = (event) => {
      const body = event.body as { title?: string; text?: string };
      if (body.title !== undefined) body.text = `${body.title}!`;
      if (event.eventName === "note:retitled") event.eventName = "note:edited";
      return event.eventName === "note:viewed" || event.eventName === "note:tagged" ? null : event;
    };
    const { notes, database } = await openOld(writing);
    const before = rawRows(database);
    for (const _ of [1, 2]) {
      expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("three!");
      const [{ event } = {}] = await notes.history({ entityId: "n", limit: 1 });
      expect(event).toMatchObject({ eventName: "note:created", body: { title: "one" } });
    }
    expect(rawRows(database)).toEqual(before);
  });
});

describe("what migrate gives back", () => {
  const answers: [string, (event: BaseEventType) => unknown][] = [
    ["undefined", () => undefined],
    ["a promise", async (event) => event],
    ["a text", () => "note:edited"],
    ["an array with null", (event) => [event, null]],
    ["an array with undefined", () => [undefined]],
    ["another eventId", (event) => ({ ...event, eventId: "other" })],
    ["another entityId", (event) => ({ ...event, entityId: "other" })],
    ["another entityName", (event) => ({ ...event, entityName: "other" })],
    ["another version", (event) => ({ ...event, version: 7 })],
    ["no version", ({ version: _, ...event }) => event],
    ["parts with versions of their own", (event) => [event, { ...event, version: (event.version ?? 0) + 1 }]],
  ];
  for (const [what, answer] of answers) {
    test(`is refused when it is ${what}`, async () => {
      const { notes } = await openOld(answer as Migrate);
      const error = await rejection(notes.findOne({ entityId: "n" }));
      expect(error).toMatchObject({
        name: "ValidationError",
        code: "invalid_migration",
        entityName: "note",
        entityId: "n",
        eventName: "note:created",
        version: 1,
      });
    });
  }

  test("is checked against the schema of today", async () => {
    const wrong = await openOld((event) => ({ ...event, body: { text: 5 } }));
    expect(await rejection(wrong.notes.findOne({ entityId: "n" }))).toMatchObject({ code: "invalid_event" });
    const unknown = await openOld((event) => ({ ...event, eventName: "note:unheard-of" }));
    expect(await rejection(unknown.notes.findOne({ entityId: "n" }))).toMatchObject({ code: "event_not_declared" });
  });

  test("may be an error of its own, which reaches the caller", async () => {
    const { notes } = await openOld(() => {
      throw new Error("cannot read that");
    });
    expect((await rejection(notes.findOne({ entityId: "n" }))).message).toBe("cannot read that");
  });

  test("may be nothing at all: an entity of that version, without a state", async () => {
    const { notes } = await openOld(() => null);
    const note = await notes.findOneOrThrow({ entityId: "n" });
    expect(note.version).toBe(5);
    expect(() => note.state).toThrow(expect.objectContaining({ code: "entity_not_initialized" }));
    expect((await notes.history({ entityId: "n" })).map(({ before, after }) => [before, after])).toEqual(
      Array(5).fill([null, null]),
    );
    expect(await notes.diff({ entityId: "n", from: 1, to: 5 })).toEqual([]);
  });

  test("may drop some of the events; versions keep their numbers", async () => {
    const { store } = await openOld();
    const dropping = createRepository(Note, {
      adapter: store,
      migrate: (event) => (event.eventName === "note:tagged" ? null : migrate(event)),
    });
    const note = await dropping.findOneOrThrow({ entityId: "n" });
    expect(note.toJSON()).toMatchObject({ version: 5, state: { text: "three", tags: [] } });
    note.tag("blue");
    expect(note.uncommittedEvents[0]?.version).toBe(6);
  });
});
