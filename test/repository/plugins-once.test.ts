import { type Adapter, createRepository, type Plugin } from "ventyd";
import { describe, expect, test } from "vitest";
import { deferred, rejection } from "../support/temp-database.ts";
import { Note, type noteSchema, openNotes, told, who, withAppend } from "./note.ts";

/** Notes with a plugin that takes down the texts of the states that it is told. */
async function openTold() {
  const opened = await openNotes();
  const heard: string[] = [];
  const listening: Plugin<typeof noteSchema> = { onCommitted: ({ state }) => void heard.push(state.text) };
  return {
    ...opened,
    heard,
    listening,
    notes: createRepository(Note, { adapter: opened.store, plugins: [listening] }),
  };
}

describe("of one commit a plugin is told once", () => {
  test("though its answer was lost and it was made again", async () => {
    const { store, heard, listening } = await openTold();
    let isLost = true;
    const lossy = withAppend(store, async (append) => {
      const rows = await append();
      if (isLost) throw new Error("connection reset");
      return rows;
    });
    const notes = createRepository(Note, { adapter: lossy, plugins: [listening] });
    const note = Note.create({ entityId: "n", body: { text: "one" } });
    await rejection(notes.commit(note));
    expect(heard).toEqual([]);
    isLost = false;
    expect(await notes.commit(note)).toMatchObject({ duplicate: true });
    await notes.commit(note);
    expect(heard).toEqual(["one"]);
  });

  test("though the command arrives twice, or twice at once, under one idempotency key", async () => {
    const { notes, heard } = await openTold();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const edit = () => notes.mutate({ entityId: "n" }, (note) => note.edit("two"), { idempotencyKey: "k" });
    await Promise.all([edit(), edit()]);
    await edit();
    const note = await notes.findOneOrThrow({ entityId: "n" });
    note.edit("three");
    await notes.commit(note, { idempotencyKey: "k" });
    expect(heard).toEqual(["one", "two"]);
  });

  test("though somebody else's commit under the same key comes between a commit that failed and its retry", async () => {
    const { notes, store, heard, listening } = await openTold();
    await notes.create({ entityId: "n", body: { text: "one" } });
    let isDown = true;
    const failing = withAppend(store, (append) => (isDown ? Promise.reject(new Error("no connection")) : append()));
    const slower = createRepository(Note, { adapter: failing, plugins: [listening] });
    const note = await slower.findOneOrThrow({ entityId: "n" });
    note.edit("never stored");
    await rejection(slower.commit(note, { idempotencyKey: "k" }));
    await notes.mutate({ entityId: "n" }, (other) => other.edit("two"), { idempotencyKey: "k" });
    isDown = false;
    expect(await slower.commit(note, { idempotencyKey: "k" })).toMatchObject({ duplicate: true });
    expect(heard).toEqual(["one", "two"]);
  });

  test("though a preview is committed twice", async () => {
    const { notes, heard } = await openTold();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const preview = await notes.preview({ entityId: "n" }, (note) => note.edit("two"));
    await notes.commit(preview);
    expect(await notes.commit(preview)).toMatchObject({ duplicate: true });
    expect(heard).toEqual(["one", "two"]);
  });

  test("though its events are made twice with the same ids", async () => {
    const { notes, heard } = await openTold();
    const args = { entityId: "n", eventId: "e", body: { text: "one" } };
    expect(await notes.create(args)).toMatchObject({ duplicate: false });
    expect(await notes.create(args)).toMatchObject({ duplicate: true });
    expect(heard).toEqual(["one"]);
  });

  test("though a mutation had to run again", async () => {
    const { notes, heard } = await openTold();
    await notes.create({ entityId: "n", body: { text: "one" } });
    let ran = 0;
    await notes.mutate({ entityId: "n" }, async (note) => {
      if (++ran === 1) await notes.mutate({ entityId: "n" }, (other) => other.edit("theirs"));
      note.edit("mine");
    });
    expect(heard).toEqual(["one", "theirs", "mine"]);
  });
});

describe("inside store.transaction a plugin", () => {
  test("is told after the transaction has committed, and before store.transaction() resolves", async () => {
    const { notes, heard, store } = await openTold();
    const order: string[] = [];
    const watching: Plugin<typeof noteSchema> = {
      async onCommitted({ entityId }) {
        // Out of the transaction: what it sees is what everybody sees.
        order.push((await told(store, entityId)).join());
      },
    };
    const watched = createRepository(Note, { adapter: store, plugins: [watching] });
    await store.transaction(async () => {
      await notes.create({ entityId: "n", body: { text: "one" } });
      await watched.mutate({ entityId: "n" }, (note) => note.edit("two"));
      order.push("end of the callback");
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual(["one"]);
    expect(order).toEqual(["end of the callback", "one,two"]);
  });

  test("never is, when the transaction is aborted", async () => {
    const { notes, heard, store } = await openTold();
    const note = Note.create({ entityId: "n", body: { text: "one" } });
    await rejection(
      store.transaction(async () => {
        await notes.commit(note);
        throw new Error("aborted");
      }),
    );
    expect(heard).toEqual([]);
    await notes.commit(note);
    expect(heard).toEqual(["one"]);
  });

  test("may write to the store, and open a transaction of its own", async () => {
    const { store } = await openTold();
    const quiet = createRepository(Note, { adapter: store });
    const writing: Plugin<typeof noteSchema> = {
      async onCommitted({ entityId }) {
        await quiet.create({ entityId: `${entityId} 1`, body: { text: "from a plugin" } });
        await store.transaction(() => quiet.create({ entityId: `${entityId} 2`, body: { text: "from a plugin" } }));
      },
    };
    const notes = createRepository(Note, { adapter: store, plugins: [writing] });
    await store.transaction(() => notes.create({ entityId: "n", body: { text: "one" } }));
    expect(await told(store, "n 1")).toEqual(["from a plugin"]);
    expect(await told(store, "n 2")).toEqual(["from a plugin"]);
    await notes.create({ entityId: "m", body: { text: "one" } });
    expect(await told(store, "m 2")).toEqual(["from a plugin"]);
  });

  test("that fails does not fail the transaction", async () => {
    const { store } = await openTold();
    const codes: string[] = [];
    const notes = createRepository(Note, {
      adapter: store,
      plugins: [{ onCommitted: () => Promise.reject(new Error("broke")) }],
      onWarning: ({ code }) => void codes.push(code),
    });
    expect(await store.transaction(async () => (await notes.create({ body: { text: "one" } })).version)).toBe(1);
    expect(codes).toEqual(["plugin_failed"]);
  });

  test("is told of a rollback too", async () => {
    const { notes, heard, store } = await openTold();
    await notes.create({ entityId: "n", body: { text: "one" } });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    await store.transaction(async () => {
      await notes.rollback({ entityId: "n", toVersion: 1 }, who);
      expect(heard).toEqual(["one", "two"]);
    });
    expect(heard).toEqual(["one", "two", "one"]);
  });

  test("does not hold up other writers while it runs", async () => {
    const { store } = await openTold();
    const until = deferred();
    const started = deferred();
    const slow: Plugin<typeof noteSchema> = {
      onCommitted: () => {
        started.resolve();
        return until.promise;
      },
    };
    const notes = createRepository(Note, { adapter: store, plugins: [slow] });
    const running = store.transaction(() => notes.create({ entityId: "n", body: { text: "one" } }));
    await started.promise;
    await createRepository(Note, { adapter: store }).create({ entityId: "m", body: { text: "other" } });
    until.resolve();
    await running;
  });
});

test("inside a transaction of the application a plugin is not told: whether it takes effect, nobody tells us", async () => {
  const { notes, heard, database, store } = await openTold();
  database.exec("BEGIN IMMEDIATE");
  await notes.create({ entityId: "n", body: { text: "one" } }, { transaction: database });
  await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), { transaction: database });
  await notes.rollback({ entityId: "n", toVersion: 1 }, { ...who, transaction: database });
  database.exec("COMMIT");
  expect(await told(store, "n")).toHaveLength(3);
  expect(heard).toEqual([]);
});

test("over an adapter of two methods a plugin is told as well", async () => {
  const { heard, listening } = await openTold();
  const stored: unknown[] = [];
  const adapter: Adapter = {
    getEventsByEntityId: async () => stored as never[],
    commitEvents: async ({ events }) => void stored.push(...events),
  };
  const notes = createRepository(Note, { adapter, plugins: [listening] });
  await notes.create({ entityId: "n", body: { text: "one" } });
  await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
  expect(heard).toEqual(["one", "two"]);
});
