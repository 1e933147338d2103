import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { Note, who } from "../repository/note.ts";
import { rejection } from "../support/promises.ts";

/** A note that was rolled back, and then erased. */
async function erasedNote() {
  const store = createMemoryStore();
  const notes = createRepository(Note, { adapter: store });
  await notes.create({ entityId: "n", body: { text: "one" } });
  await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
  await notes.rollback({ entityId: "n", toVersion: 1 }, who);
  await store.erase({ entityName: "note", entityId: "n" }, who);
  return { store, notes };
}

describe("an erased entity whose history has a rollback, which has no body any more", () => {
  test("is EntityErasedError to whoever would roll it back", async () => {
    const { notes } = await erasedNote();
    for (const call of [
      notes.rollback({ entityId: "n", toVersion: 1 }, who),
      notes.previewRollback({ entityId: "n", toVersion: 2 }),
      notes.mutate({ entityId: "n" }, () => {}),
      notes.findOne({ entityId: "n", version: 3 }),
      notes.diff({ entityId: "n", from: 1, to: 2 }),
    ]) {
      expect(await rejection(call)).toMatchObject({ code: "entity_erased" });
    }
  });

  test("still tells its history, also a part of it that is empty", async () => {
    const { notes } = await erasedNote();
    expect(await notes.history({ entityId: "n" })).toHaveLength(4);
    expect(await notes.history({ entityId: "n", limit: 0 })).toEqual([]);
    expect(await notes.history({ entityId: "n", after: 9 })).toEqual([]);
  });
});

test("nothing is added to an erased entity by an import that begins with what is stored", async () => {
  const { store } = await erasedNote();
  const before = await readAll(store);
  const last = before.at(-1) as (typeof before)[number];
  const more = { ...last, eventId: "more", eventName: "note:edited", version: 5, body: { text: "back again" } };
  const { isErased: _, ...unmarked } = more;
  expect(await rejection(store.import([last, unmarked]))).toMatchObject({ code: "entity_erased" });
  expect(await readAll(store)).toEqual(before);
});
