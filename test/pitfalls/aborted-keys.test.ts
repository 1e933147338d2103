import { createRepository, type EventStore } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { Note, told } from "../repository/note.ts";
import { openStore } from "../support/temp-database.ts";

const stores: readonly (readonly [name: string, open: () => Promise<EventStore>])[] = [
  ["the memory store", async () => createMemoryStore()],
  ["SQLite", async () => (await openStore()).store],
];

test.for(stores)(
  "%s: what a command answers for under an idempotency key comes back when the transaction of both is aborted",
  async ([, open]) => {
    const store = await open();
    const notes = createRepository(Note, { adapter: store });
    await notes.create({ entityId: "n", body: { text: "one" } });
    const note = await notes.findOneOrThrow({ entityId: "n" });
    const abort = new Error("abort");
    const work = store.transaction(async () => {
      await notes.mutate({ entityId: "n" }, (other) => other.edit("two"), { idempotencyKey: "k" });
      note.edit("two");
      // The same command once more: answered with what the first one stored, which is about to be aborted.
      expect(await notes.commit(note, { idempotencyKey: "k" })).toMatchObject({ duplicate: true, version: 2 });
      throw abort;
    });
    await expect(work).rejects.toBe(abort);
    expect(note.uncommittedEvents).toHaveLength(1);
    expect(await notes.commit(note, { idempotencyKey: "k" })).toMatchObject({ duplicate: false, version: 2 });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  },
);
