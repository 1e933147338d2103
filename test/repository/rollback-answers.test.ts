import { type Adapter, createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { rejection } from "../support/promises.ts";
import { Note, who } from "./note.ts";

const edits = async (notes: {
  create(args: { entityId: string; body: { text: string } }): Promise<unknown>;
  mutate(args: { entityId: string }, work: (note: Note) => void): Promise<unknown>;
}) => {
  await notes.create({ entityId: "a", body: { text: "0" } });
  await notes.mutate({ entityId: "a" }, (note) => note.edit("1"));
};

test("an idempotency key that stands for another commit is no answer to a rollback", async () => {
  const store = createMemoryStore();
  const notes = createRepository(Note, { adapter: store });
  await edits(notes);
  await notes.mutate({ entityId: "a" }, (note) => note.edit("2"), { idempotencyKey: "one" });
  await notes.mutate(
    { entityId: "a" },
    (note) => {
      note.edit("3");
      note.edit("4");
    },
    { idempotencyKey: "two" },
  );
  for (const idempotencyKey of ["one", "two"]) {
    const refused = notes.rollback({ entityId: "a", toVersion: 1 }, { ...who, idempotencyKey });
    expect(await rejection(refused)).toMatchObject({
      code: "idempotency_mismatch",
      entityName: "note",
      entityId: "a",
      idempotencyKey,
    });
  }
  expect((await notes.findOneOrThrow({ entityId: "a" })).version).toBe(5);
});

test("a rollback of what is not there, or is erased, is refused by name", async () => {
  const store = createMemoryStore();
  const notes = createRepository(Note, { adapter: store });
  const missing = notes.rollback({ entityId: "b", toVersion: 1 }, who);
  expect(await rejection(missing)).toMatchObject({ code: "entity_not_found", entityName: "note", entityId: "b" });
  await edits(notes);
  await store.erase({ entityName: "note", entityId: "a" }, who);
  const erased = notes.rollback({ entityId: "a", toVersion: 1 }, who);
  expect(await rejection(erased)).toMatchObject({ code: "entity_erased", entityName: "note", entityId: "a" });
});

test("a version that is none is answered with those that there are", async () => {
  const notes = createRepository(Note, { adapter: createMemoryStore() });
  await notes.create({ entityId: "a", body: { text: "0" } });
  const message = async (target: { toVersion: number } | { at: string }) =>
    (await rejection(notes.rollback({ entityId: "a", ...target } as { entityId: string; toVersion: number }, who)))
      .message;
  expect(await message({ toVersion: 1 })).toContain("there is nothing to go back to.");
  await notes.mutate({ entityId: "a" }, (note) => note.edit("1"));
  await notes.mutate({ entityId: "a" }, (note) => note.edit("2"));
  expect(await message({ toVersion: 3 })).toContain("it can go back to versions 1 to 2, not to 3.");
  expect(await message({ at: "2001-01-01T00:00:00Z" })).toContain("not to 0, which is where it was at 2001-01-01");
});

test("over an adapter that checks no versions, an outdated rollback is refused, and one that is not comes with the state that it leads to", async () => {
  const commits: Parameters<Adapter["commitEvents"]>[0][] = [];
  const adapter: Adapter = {
    storesMetadata: true,
    getEventsByEntityId: async () => commits.flatMap(({ events }) => events),
    commitEvents: async (args) => void commits.push(args),
  };
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  const notes = createRepository(Note, { adapter, snapshot: { frequency: 1 }, onWarning });
  await edits(notes);
  const outdated = notes.rollback({ entityId: "a", toVersion: 1, expectedVersion: 1 }, who);
  expect(await rejection(outdated)).toMatchObject({ code: "concurrency_conflict", actualVersion: 2 });
  expect(commits).toHaveLength(2);
  await notes.rollback({ entityId: "a", toVersion: 1, expectedVersion: 2 }, who);
  expect(commits.at(-1)?.state).toMatchObject({ text: "0" });
  // That it cannot keep snapshots is nothing to be warned of.
  expect(warnings).toEqual([]);
});
