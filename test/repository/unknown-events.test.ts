import { createRepository, defineReducer, defineSchema, Entity, mutation, StaleBuildError } from "ventyd";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/temp-database.ts";
import { Note, openNotes, who } from "./note.ts";

// What the code of next year writes.
const newSchema = defineSchema("note", {
  schema: zod({
    event: { created: z.object({ text: z.string() }), starred: z.object({ stars: z.number() }) },
    state: z.object({ text: z.string() }),
  }),
  initialEventName: "note:created",
});

class NewNote extends Entity(
  newSchema,
  defineReducer(newSchema, { "note:created": (_, { body }) => body, "note:starred": (state) => state }),
) {
  star = mutation(this, (dispatch, stars: number) => dispatch("note:starred", { stars }));
}

/** A note with an event in its middle that this build does not declare. */
async function openNewer() {
  const opened = await openNotes();
  const { notes, store } = opened;
  await notes.create({ entityId: "n", body: { text: "one" } });
  const newNotes = createRepository(NewNote, { adapter: store, onUnknownEvent: "skip" });
  await newNotes.mutate({ entityId: "n" }, (note) => note.star(5), who);
  await notes.create({ entityId: "other", body: { text: "other" } });
  const skipping = createRepository(Note, { adapter: store, onUnknownEvent: "skip" });
  return { ...opened, newNotes, skipping };
}

/** The same, and an event behind it that this build does know. */
async function openMixed() {
  const opened = await openNewer();
  const event = { eventId: "e3", eventName: "note:edited", eventCreatedAt: "2026-01-01T00:00:00Z" };
  const events = [{ ...event, body: { text: "two" }, metadata: {}, bodyIsOutput: true }];
  await opened.store.append([{ entityName: "note", entityId: "n", expectedVersion: 2, events }]);
  return opened;
}

describe("an event that the schema does not declare", () => {
  for (const loadValidation of ["always", "write"] as const) {
    test(`is an error, unless told otherwise, and names it (loadValidation: "${loadValidation}")`, async () => {
      const { store } = await openMixed();
      const notes = createRepository(Note, { adapter: store, loadValidation });
      const verbs = [
        () => notes.findOne({ entityId: "n" }),
        () => notes.findOne({ entityId: "n", version: 2 }),
        () => notes.mutate({ entityId: "n" }, () => {}),
        () => notes.history({ entityId: "n" }),
        () => notes.diff({ entityId: "n", from: 1, to: 3 }),
        () => notes.previewRollback({ entityId: "n", toVersion: 2 }),
      ];
      for (const verb of verbs) {
        const error = await rejection(verb());
        expect(error, String(verb)).toMatchObject({
          code: "event_not_declared",
          eventName: "note:starred",
          version: 2,
        });
      }
      expect((await notes.findOneOrThrow({ entityId: "n", version: 1 })).state.text).toBe("one");
    });
  }

  test("says on load which version of which entity it is, and what could read it", async () => {
    const { notes } = await openMixed();
    const error = await rejection(notes.findOne({ entityId: "n" }));
    expect(error.message).toContain('event "note:starred" is not declared');
    expect(error.message).toContain(
      'It is stored as version 2 of note "n". Deploy a build that declares it, read it with migrate, or load with onUnknownEvent: "skip".',
    );
    expect(error).toMatchObject({ entityName: "note", entityId: "n", eventName: "note:starred", version: 2 });
  });

  test('with onUnknownEvent: "error" is one as well; anything else is no option', async () => {
    const { store } = await openMixed();
    const notes = createRepository(Note, { adapter: store, onUnknownEvent: "error" });
    expect(await rejection(notes.findOne({ entityId: "n" }))).toMatchObject({ code: "event_not_declared" });
    const make = () => createRepository(Note, { adapter: store, onUnknownEvent: "ignore" as "skip" });
    expect(make).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});

describe('with onUnknownEvent: "skip"', () => {
  test("an entity loads with what is known, at its full version", async () => {
    const { skipping } = await openMixed();
    const note = await skipping.findOneOrThrow({ entityId: "n" });
    expect(note.toJSON()).toMatchObject({ version: 3, state: { text: "two" } });
    expect((await skipping.findMany({ entityIds: ["n", "other"] })).map((found) => found?.state.text)).toEqual([
      "two",
      "other",
    ]);
  });

  for (const loadValidation of ["always", "write"] as const) {
    test(`a mutation is refused before its body runs (loadValidation: "${loadValidation}")`, async () => {
      const { store } = await openMixed();
      const skipping = createRepository(Note, { adapter: store, onUnknownEvent: "skip", loadValidation });
      let ran = false;
      class Watched extends Note {
        watch = mutation(this, () => {
          ran = true;
        });
      }
      const watched = createRepository(Watched, { adapter: store, onUnknownEvent: "skip", loadValidation });
      const note = await watched.findOneOrThrow({ entityId: "n" });
      expect(() => note.watch()).toThrow(StaleBuildError);
      expect(() => note.edit("x")).toThrow(expect.objectContaining({ code: "stale_build" }));
      expect(ran).toBe(false);
      expect(note.uncommittedEvents).toEqual([]);
      const found = await skipping.findOneOrThrow({ entityId: "n" });
      expect(() => found.edit("x")).toThrow('"note:starred"');
    });
  }

  test("a commit is refused, also one of several entities, and nothing is written", async () => {
    const { skipping, store } = await openMixed();
    const before = await readAll(store);
    const note = await skipping.findOneOrThrow({ entityId: "n" });
    const other = await skipping.findOneOrThrow({ entityId: "other" });
    other.edit("changed");
    for (const commit of [skipping.commit(note), skipping.commit([other, note]), store.commit([other, note])]) {
      expect(await rejection(commit)).toBeInstanceOf(StaleBuildError);
    }
    expect(await readAll(store)).toEqual(before);
    expect(other.uncommittedEvents).toHaveLength(1);
  });

  for (const verb of ["mutate", "preview"] as const) {
    test(`${verb} does not run its callback: what that would read is half the truth`, async () => {
      const { skipping, store } = await openMixed();
      const before = await readAll(store);
      let ran = false;
      const calling = skipping[verb]({ entityId: "n" }, () => {
        ran = true;
      });
      expect(await rejection(calling)).toBeInstanceOf(StaleBuildError);
      expect(ran).toBe(false);
      expect(await readAll(store)).toEqual(before);
    });
  }

  test("a rollback is refused: where it leads, or what it undoes, is not known", async () => {
    const { skipping, store } = await openMixed();
    const before = await readAll(store);
    for (const toVersion of [1, 2]) {
      expect(await rejection(skipping.rollback({ entityId: "n", toVersion }, who))).toBeInstanceOf(StaleBuildError);
    }
    expect(await readAll(store)).toEqual(before);
  });

  test("a rollback that would bring such an event back is refused too", async () => {
    const { skipping, newNotes } = await openNewer();
    await newNotes.rollback({ entityId: "n", toVersion: 1 }, who);
    expect(await rejection(skipping.rollback({ entityId: "n", toVersion: 2 }, who))).toBeInstanceOf(StaleBuildError);
  });

  test("history lists the event, which changed nothing that this build can see", async () => {
    const { skipping } = await openMixed();
    const history = await skipping.history({ entityId: "n" });
    expect(history.map(({ event }) => event.eventName)).toEqual(["note:created", "note:starred", "note:edited"]);
    expect(history[1]).toMatchObject({
      event: { body: { stars: 5 }, metadata: who },
      before: { text: "one" },
      after: { text: "one" },
      changes: [],
    });
  });

  test("no snapshot of it is kept, whichever verb looks at it", async () => {
    const { store, database } = await openMixed();
    const notes = createRepository(Note, { adapter: store, onUnknownEvent: "skip", snapshot: { frequency: 1 } });
    await notes.findOne({ entityId: "n" });
    await rejection(notes.mutate({ entityId: "n" }, (note) => note.edit("x")));
    await rejection(notes.rollback({ entityId: "n", toVersion: 2 }, who));
    const count = database.prepare("SELECT count(*) FROM ventyd_snapshots WHERE entity_id = 'n'").pluck().get();
    expect(count).toBe(0);
  });

  test("a snapshot from before the event does not hide it", async () => {
    const { store, notes: plain, newNotes } = await openNewer();
    await plain.create({ entityId: "m", body: { text: "one" } });
    const notes = createRepository(Note, { adapter: store, onUnknownEvent: "skip", snapshot: { frequency: 1 } });
    await notes.mutate({ entityId: "m" }, (note) => note.edit("two"));
    await newNotes.findOne({ entityId: "m" });
    const star = { eventId: "s", eventName: "note:starred", eventCreatedAt: "2026-01-01T00:00:00Z" };
    const events = [{ ...star, body: { stars: 1 }, metadata: {}, bodyIsOutput: true }];
    await store.append([{ entityName: "note", entityId: "m", expectedVersion: 2, events }]);
    const note = await notes.findOneOrThrow({ entityId: "m" });
    expect(note.toJSON()).toMatchObject({ version: 3, state: { text: "two" } });
    expect(() => note.edit("x")).toThrow(StaleBuildError);
  });

  test("entities without such events are changed as ever", async () => {
    const { skipping } = await openMixed();
    expect(await skipping.mutate({ entityId: "other" }, (note) => note.edit("changed"))).toMatchObject({ version: 2 });
  });

  test("an event that a rollback has undone is in nobody's way", async () => {
    const { skipping, newNotes, store } = await openNewer();
    await newNotes.rollback({ entityId: "n", toVersion: 1 }, who);
    expect(await skipping.mutate({ entityId: "n" }, (note) => note.edit("two"))).toMatchObject({ version: 4 });
    const strict = createRepository(Note, { adapter: store });
    expect((await strict.findOneOrThrow({ entityId: "n" })).state.text).toBe("two");
  });

  test("a body that does not fit is still an error", async () => {
    const { skipping, store } = await openNewer();
    const event = { eventId: "bad", eventName: "note:edited", eventCreatedAt: "2026-01-01T00:00:00Z" };
    const events = [{ ...event, body: { text: 5 }, metadata: {}, bodyIsOutput: true }];
    await store.append([{ entityName: "note", entityId: "other", expectedVersion: 1, events }]);
    expect(await rejection(skipping.findOne({ entityId: "other" }))).toMatchObject({ code: "invalid_event" });
  });

  test("an event that migrate gives a name of today is known", async () => {
    const { store } = await openMixed();
    const notes = createRepository(Note, {
      adapter: store,
      onUnknownEvent: "skip",
      migrate: (event) =>
        event.eventName === "note:starred" ? { ...event, eventName: "note:tagged", body: { tag: "star" } } : event,
    });
    const { entity } = await notes.mutate({ entityId: "n" }, (note) => note.tag("red"));
    expect(entity.state).toMatchObject({ text: "two", tags: ["star", "red"] });
  });

  test("inside a transaction all this holds", async () => {
    const { skipping, store } = await openMixed();
    await store.transaction(async () => {
      expect((await skipping.findOneOrThrow({ entityId: "n" })).state.text).toBe("two");
      const error = await rejection(skipping.mutate({ entityId: "n" }, (note) => note.edit("x")));
      expect(error).toBeInstanceOf(StaleBuildError);
    });
  });
});
