import { createRepository, type EventStore, type Plugin } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { describe, expect, onTestFinished, test } from "vitest";
import { openStore, rejection } from "../support/temp-database.ts";
import { Note, type noteSchema, told, wrapped } from "./note.ts";

const stores: [string, () => Promise<EventStore>][] = [
  ["in memory", async () => createMemoryStore()],
  ["on SQLite", async () => (await openStore()).store],
];

describe.for(stores)("a wrapper that hands everything on to a store %s", ([, createStore]) => {
  /** A store and what is wrapped around it, notes over the wrapper, and what their plugin hears. */
  async function open() {
    const store = await createStore();
    onTestFinished(() => store.close());
    const heard: string[] = [];
    const listening: Plugin<typeof noteSchema> = { onCommitted: ({ state }) => void heard.push(state.text) };
    const traced = wrapped(store);
    return { store, traced, heard, notes: createRepository(Note, { adapter: traced, plugins: [listening] }) };
  }

  test("has the store's transactions: one that aborts leaves entities their events, and plugins hear nothing", async () => {
    const { store, traced, heard, notes } = await open();
    for (const opener of [traced, store]) {
      const note = Note.create({ entityId: "n", body: { text: "one" } });
      const work = opener.transaction(async () => {
        await notes.commit(note);
        expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("one");
        throw new Error("aborted");
      });
      expect(await rejection(work)).toMatchObject({ message: "aborted" });
      expect(await told(store, "n")).toEqual([]);
      expect(note.uncommittedEvents).toHaveLength(1);
      expect(heard).toEqual([]);
    }
  });

  test("has plugins told after the transaction that keeps what it wrote, by its handle too", async () => {
    const { traced, heard, notes } = await open();
    await traced.transaction(async (transaction) => {
      await notes.create({ entityId: "n", body: { text: "one" } }, { transaction });
      await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual(["one", "two"]);
  });

  test("commits entities of its repositories, its own and the store's", async () => {
    const { store, traced, heard } = await open();
    for (const [index, committing] of [traced, store].entries()) {
      const note = Note.create({ entityId: `n${index}`, body: { text: "one" } });
      expect(await committing.commit([note])).toMatchObject([{ version: 1, duplicate: false }]);
      expect(note.uncommittedEvents).toEqual([]);
      expect(await told(store, `n${index}`)).toEqual(["one"]);
    }
    expect(heard).toEqual(["one", "one"]);
  });

  test("is the same store to an entity that was loaded past it", async () => {
    const { store, traced, notes } = await open();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const note = await createRepository(Note, { adapter: store }).findOneOrThrow({ entityId: "n" });
    note.edit("two");
    await createRepository(Note, { adapter: traced }).commit(note);
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });
});
