import { ConcurrencyError, createRepository, defineEntity, UnsupportedError, withAttribution } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { z } from "zod";

/** What a prototype does that keeps all in the page. */
async function lives() {
  const Note = defineEntity("note", {
    state: z.object({ text: z.string() }),
    events: { written: z.object({ text: z.string() }), edited: z.object({ text: z.string() }) },
    initial: "written",
    reduce: { written: (_, { body }) => body, edited: (_, { body }) => body },
    mutations: { edit: ({ dispatch }, text: string) => dispatch("edited", { text }) },
  });
  const store = createMemoryStore();
  const notes = createRepository(Note, { adapter: store, attribution: "required", snapshot: { frequency: 2 } });
  const alice = { actor: "alice", reason: "to try it" };
  const note = Note.create({ entityId: "1", body: { text: "hello" } });
  const { position } = await notes.commit(note, alice);
  await notes.mutate({ entityId: "1" }, (found) => found.edit("hello, world"), alice);
  note.edit("too late");
  const conflict = await notes.commit(note, alice).catch((error: unknown) => error);
  await notes.rollback({ entityId: "1", toVersion: 1 }, { actor: "bob", reason: "rather not" });
  const history = await notes.history({ entityId: "1" });
  const outside = await Promise.resolve()
    .then(() => withAttribution(alice, () => notes.findOne({ entityId: "1" })))
    .catch((error: unknown) => error);
  await store.close();
  return {
    position,
    conflict: conflict instanceof ConcurrencyError && conflict.actualVersion,
    history: history.map(({ event, changes, effective }) => [
      event.eventName,
      event.metadata?.actor,
      changes.length,
      effective,
    ]),
    withoutAsyncContext: outside instanceof UnsupportedError,
  };
}

Object.assign(globalThis, { result: lives() });
