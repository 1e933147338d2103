import { type Adapter, type BaseEventType, createRepository, type MutationPreview, withAttribution } from "ventyd";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { deferred, rejection } from "../support/temp-database.ts";
import { Note, openNotes, told, who } from "./note.ts";

/** A note that is stored with one event, and a preview of what would come next. */
async function openPreview() {
  const opened = await openNotes();
  const { notes } = opened;
  await notes.create({ entityId: "n", body: { text: "one" } });
  const preview = await notes.preview({ entityId: "n" }, (note) => {
    note.edit("two");
    note.editWith("three", { actor: "bob", reason: "told to", metadata: { ip: "::1" } });
  });
  return { ...opened, preview };
}

describe("a preview of a mutation", () => {
  test("tells what it would do, and does nothing", async () => {
    const { preview, store } = await openPreview();
    expect(preview).toEqual({
      entityName: "note",
      entityId: "n",
      version: 1,
      before: { text: "one", tags: [], isPublished: false },
      after: { text: "three", tags: [], isPublished: false },
      changes: [{ op: "replace", path: "/text", value: "three", previous: "one" }],
      events: [
        {
          eventId: expect.any(String),
          eventName: "note:edited",
          eventCreatedAt: expect.stringMatching(/Z$/),
          body: { text: "two" },
          metadata: {},
        },
        expect.objectContaining({
          body: { text: "three" },
          metadata: { actor: "bob", reason: "told to", ip: "::1" },
        }),
      ],
    });
    expect(await readAll(store)).toHaveLength(1);
  });

  test("is plain JSON", async () => {
    const { preview } = await openPreview();
    expect(JSON.parse(JSON.stringify(preview))).toStrictEqual(preview);
  });

  test("of nothing has no changes and no events", async () => {
    const { notes } = await openPreview();
    const preview = await notes.preview({ entityId: "n" }, () => {});
    expect(preview).toMatchObject({ version: 1, changes: [], events: [] });
    expect(preview.after).toEqual(preview.before);
    expect(await notes.commit(preview)).toMatchObject({ events: [], duplicate: false, position: undefined });
  });

  test("waits for work that takes time", async () => {
    const { notes } = await openPreview();
    const until = deferred();
    const previewing = notes.preview({ entityId: "n" }, async (note) => {
      await note.editSlowly("slowly", until.promise);
      note.tag("red");
    });
    until.resolve();
    expect(await previewing).toMatchObject({ after: { text: "slowly", tags: ["red"] }, events: [{}, {}] });
  });

  test("of work that leaves a mutation pending is refused", async () => {
    const { notes } = await openPreview();
    const until = deferred();
    const previewing = notes.preview({ entityId: "n" }, (note) => {
      void note.editSlowly("slowly", until.promise);
    });
    expect(await rejection(previewing)).toMatchObject({ code: "entity_busy" });
    until.resolve();
  });

  test("of work that throws, or rejects, is rejected with its error", async () => {
    const { notes } = await openPreview();
    const error = new Error("not allowed");
    const throwing = notes.preview({ entityId: "n" }, () => {
      throw error;
    });
    expect(await rejection(throwing)).toBe(error);
    expect(await rejection(notes.preview({ entityId: "n" }, () => Promise.reject(error)))).toBe(error);
  });

  test("of an entity that is not there is an error, and its work does not run", async () => {
    const { notes } = await openPreview();
    let ran = false;
    const previewing = notes.preview({ entityId: "none" }, () => {
      ran = true;
    });
    expect(await rejection(previewing)).toMatchObject({ name: "EntityNotFoundError", code: "entity_not_found" });
    expect(ran).toBe(false);
  });
});

describe("the commit of a preview", () => {
  const ways: [string, (preview: MutationPreview) => MutationPreview][] = [
    ["as it is", (preview) => preview],
    ["after JSON and back", (preview) => JSON.parse(JSON.stringify(preview)) as MutationPreview],
  ];
  for (const [how, through] of ways) {
    test(`stores exactly its events: ids, times, bodies, what was said with each (${how})`, async () => {
      const { notes, preview, store } = await openPreview();
      const result = await notes.commit(through(preview), who);
      const stored = (await readAll(store)).slice(1);
      expect(result).toEqual({ version: 3, position: stored[1]?.position, events: stored, duplicate: false });
      expect(stored).toMatchObject(preview.events.map(({ metadata: _, ...event }) => event));
      expect(stored.map(({ metadata }) => metadata)).toEqual([who, { actor: "bob", reason: "told to", ip: "::1" }]);
      expect((await notes.findOneOrThrow({ entityId: "n" })).state).toEqual(preview.after);
    });
  }

  test("a second time writes nothing, and says so", async () => {
    const { notes, preview, store } = await openPreview();
    const first = await notes.commit(preview);
    expect(await notes.commit(preview)).toEqual({ ...first, duplicate: true });
    await notes.mutate({ entityId: "n" }, (note) => note.tag("later"));
    expect(await notes.commit(preview)).toEqual({ ...first, duplicate: true });
    expect(await told(store, "n")).toEqual(["one", "two", "three", "later"]);
  });

  test("twice at once writes once", async () => {
    const { notes, preview, store } = await openPreview();
    const results = await Promise.all([notes.commit(preview), notes.commit(preview)]);
    expect(results.map(({ duplicate }) => duplicate).toSorted()).toEqual([false, true]);
    expect(await told(store, "n")).toHaveLength(3);
  });

  test("is refused when the entity has moved on since, also when it looks the same again", async () => {
    const { notes, preview, store } = await openPreview();
    await notes.mutate({ entityId: "n" }, (note) => note.edit("other"));
    await notes.mutate({ entityId: "n" }, (note) => note.edit("one"));
    const error = await rejection(notes.commit(preview));
    expect(error).toMatchObject({ name: "ConcurrencyError", expectedVersion: 1, actualVersion: 3, entityId: "n" });
    expect(await told(store, "n")).toEqual(["one", "other", "one"]);
  });

  test("is refused when the entity has not even come so far, or is not there", async () => {
    const { preview } = await openPreview();
    const { notes } = await openNotes();
    expect(await rejection(notes.commit(preview))).toMatchObject({ code: "concurrency_conflict", actualVersion: 0 });
    await notes.create({ entityId: "n", body: { text: "one" } });
    expect(await rejection(notes.commit({ ...preview, version: 5 }))).toMatchObject({
      code: "concurrency_conflict",
      expectedVersion: 5,
      actualVersion: 1,
      message: expect.stringContaining("is at version 1, the commit was based on version 5"),
    });
  });

  const tampered: [string, (preview: MutationPreview) => unknown][] = [
    ["after", (preview) => ({ ...preview, after: { text: "nicer", tags: [], isPublished: false } })],
    ["before", (preview) => ({ ...preview, before: { text: "other", tags: [], isPublished: false } })],
    ["a body that makes another state", (preview) => withBody(preview, 1, { text: "four" })],
    ["a body with a key that the schema strips", (preview) => withBody(preview, 1, { text: "three", extra: 1 })],
    ["an event that was left out", (preview) => ({ ...preview, events: preview.events.slice(0, 1) })],
    ["all events", (preview) => ({ ...preview, events: [] })],
  ];
  for (const [what, tamper] of tampered) {
    test(`is refused when it was tampered with: ${what}`, async () => {
      const { notes, preview, store } = await openPreview();
      const committing = notes.commit(tamper(preview) as MutationPreview);
      const error = await rejection(committing);
      expect(error).toMatchObject({
        name: "ValidationError",
        code: "preview_outdated",
        entityName: "note",
        entityId: "n",
      });
      expect(await told(store, "n")).toEqual(["one"]);
    });
  }

  test("is refused when the code makes something else of its events by now", async () => {
    const { preview, store } = await openPreview();
    const shouting = createRepository(Note, {
      adapter: store,
      migrate: (event) => ({ ...event, body: { text: "ONE" } }),
    });
    expect(await rejection(shouting.commit(preview))).toMatchObject({ code: "preview_outdated" });
    expect(await told(store, "n")).toEqual(["one"]);
  });

  test("is refused when a body of it does not fit the schema", async () => {
    const { notes, preview } = await openPreview();
    const committing = notes.commit(withBody(preview, 0, { text: 5 }) as MutationPreview);
    expect(await rejection(committing)).toMatchObject({ code: "invalid_event" });
  });

  test("is held to the policy of the repository", async () => {
    const { preview, store } = await openPreview();
    const strict = createRepository(Note, { adapter: store, attribution: "required" });
    expect(await rejection(strict.commit(preview))).toMatchObject({ code: "attribution_missing" });
    expect(await rejection(strict.commit(preview, { actor: "ann" }))).toMatchObject({ missing: ["reason"] });
    expect(await told(store, "n")).toEqual(["one"]);
    await withAttribution(who, () => strict.commit(preview));
    expect((await readAll(store)).slice(1).map(({ metadata }) => metadata.actor)).toEqual(["alice", "bob"]);
  });

  test("of another class's entity is refused", async () => {
    const { notes, preview } = await openPreview();
    const error = await rejection(notes.commit({ ...preview, entityName: "memo" }));
    expect(error).toMatchObject({ code: "wrong_entity" });
  });

  test("inside a transaction belongs to it", async () => {
    const { notes, preview, store } = await openPreview();
    const aborted = store.transaction(async () => {
      await notes.commit(preview);
      expect((await notes.findOneOrThrow({ entityId: "n" })).version).toBe(3);
      throw new Error("aborted");
    });
    await rejection(aborted);
    expect(await told(store, "n")).toEqual(["one"]);
    const inside = await store.transaction(async () => {
      await notes.mutate({ entityId: "n" }, (note) => note.edit("inside"));
      const next = await notes.preview({ entityId: "n" }, (note) => note.tag("red"));
      expect(next).toMatchObject({ version: 2, before: { text: "inside" } });
      return notes.commit(next);
    });
    expect(inside).toMatchObject({ version: 3, duplicate: false });
  });

  test("with an idempotency key is found by it", async () => {
    const { notes, preview, store } = await openPreview();
    await notes.commit(preview, { idempotencyKey: "k" });
    const found = await store.findByIdempotencyKey({ entityName: "note", entityId: "n", idempotencyKey: "k" });
    expect(found?.map(({ eventId }) => eventId)).toEqual(preview.events.map(({ eventId }) => eventId));
  });

  test("made from a snapshot is the same", async () => {
    const { store } = await openPreview();
    const notes = createRepository(Note, { adapter: store, snapshot: { frequency: 1 } });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("kept"));
    const preview = await notes.preview({ entityId: "n" }, (note) => note.tag("red"));
    expect(preview).toMatchObject({ version: 2, before: { text: "kept" }, after: { tags: ["red"] } });
    expect(await notes.commit(preview)).toMatchObject({ version: 3 });
  });
});

test("over an adapter of two methods a preview is made and committed as well, and refused when it is out of date", async () => {
  const events: BaseEventType[] = [];
  const adapter: Adapter = {
    getEventsByEntityId: async () => events as never[],
    commitEvents: async (args) => void events.push(...args.events),
  };
  const notes = createRepository(Note, { adapter });
  await notes.create({ entityId: "n", body: { text: "one" } });
  const preview = await notes.preview({ entityId: "n" }, (note) => note.edit("two"));
  expect(events).toHaveLength(1);
  expect(await notes.commit(JSON.parse(JSON.stringify(preview)) as MutationPreview)).toMatchObject({ version: 2 });
  expect(events[1]).toMatchObject({ eventId: preview.events[0]?.eventId, body: { text: "two" } });
  const tampered = { ...preview, after: { text: "x" } };
  expect(await rejection(notes.commit(tampered))).toMatchObject({ code: "preview_outdated" });
});

function withBody(preview: MutationPreview, at: number, body: object): unknown {
  return { ...preview, events: preview.events.map((event, index) => (index === at ? { ...event, body } : event)) };
}
