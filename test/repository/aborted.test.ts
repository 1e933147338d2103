import { createRepository } from "ventyd";
import { describe, expect, test } from "vitest";
import { deferred, openDatabase, openMemoryStore, openStore, rejection, tempFile } from "../support/temp-database.ts";
import { Note, openNotes, told } from "./note.ts";

const aborted = new Error("aborted");
const create = (text: string, entityId = "n") => Note.create({ entityId, body: { text } });
const texts = (note: Note) => note.uncommittedEvents.map(({ body }) => Object.values(body as object).join());

describe("an entity whose events a transaction holds", () => {
  test("is committed outside only when that has ended: nothing is acknowledged that may yet be aborted", async () => {
    const { notes, store } = await openNotes();
    const note = create("one");
    const [inside, finish] = [deferred(), deferred()];
    const transaction = store.transaction(async () => {
      await notes.commit(note);
      inside.resolve();
      await finish.promise;
      throw aborted;
    });
    await inside.promise;
    let isAcknowledged = false;
    const outside = notes.commit(note).then((result) => {
      isAcknowledged = true;
      return result;
    });
    await store.status();
    expect(isAcknowledged).toBe(false);
    finish.resolve();
    expect(await rejection(transaction)).toBe(aborted);
    expect(await outside).toMatchObject({ version: 1, events: [{ version: 1 }] });
    expect(await told(store, "n")).toEqual(["one"]);
    expect(texts(note)).toEqual([]);
  });

  test("keeps each event that is not stored, when others took its place after an abort", async () => {
    const { notes, store } = await openNotes();
    const note = create("one");
    const outside = await (async () => {
      const [inside, finish] = [deferred(), deferred()];
      const transaction = store.transaction(async () => {
        await notes.commit(note);
        inside.resolve();
        await finish.promise;
        throw aborted;
      });
      await inside.promise;
      note.edit("two");
      const stranger = notes.commit(create("stranger"));
      const commit = notes.commit(note);
      finish.resolve();
      await rejection(transaction);
      await stranger;
      return rejection(commit);
    })();
    expect(outside).toMatchObject({ code: "entity_exists" });
    expect(texts(note)).toEqual(["one", "two"]);
    expect(await told(store, "n")).toEqual(["stranger"]);
  });

  test("cannot be committed in a transaction while a commit outside waits for it: an error at once, no hang", async () => {
    const { notes, store } = await openNotes();
    const note = create("one");
    const [open, started] = [deferred(), deferred()];
    const transaction = store.transaction(async () => {
      open.resolve();
      await started.promise;
      return rejection(notes.commit(note));
    });
    await open.promise;
    const outside = notes.commit(note);
    started.resolve();
    expect(await transaction).toMatchObject({ code: "entity_busy", message: expect.stringContaining("outside") });
    expect(await outside).toMatchObject({ version: 1 });
  });
});

describe("a commit that stands on what was aborted", () => {
  test("is a conflict, also when somebody else has come to the same version since", async () => {
    const { notes, store, database } = await openNotes();
    const note = (await notes.create({ entityId: "n", body: { text: "one" } })).entity;
    note.edit("never happened");
    database.exec("BEGIN IMMEDIATE");
    await notes.commit(note, { transaction: database });
    database.exec("ROLLBACK");
    await notes.mutate({ entityId: "n" }, (other) => other.edit("other"));
    note.edit("decided on what never happened");
    expect(await rejection(notes.commit(note))).toMatchObject({ code: "concurrency_conflict", actualVersion: 2 });
    expect(await told(store, "n")).toEqual(["one", "other"]);
  });

  test("is a conflict for an entity that was loaded inside the transaction", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    let loaded: Note | undefined;
    await rejection(
      store.transaction(async () => {
        await notes.mutate({ entityId: "n" }, (note) => note.edit("never happened"));
        loaded = await notes.findOneOrThrow({ entityId: "n" });
        throw aborted;
      }),
    );
    await notes.mutate({ entityId: "n" }, (note) => note.edit("other"));
    (loaded as Note).edit("late");
    expect(await rejection(notes.commit(loaded as Note))).toMatchObject({ code: "concurrency_conflict" });
  });
});

describe("an entity of another store", () => {
  test("is refused, though it is of the same class and has the same id and version", async () => {
    const [a, b] = [await openNotes(), await openNotes()];
    await a.notes.create({ entityId: "n", body: { text: "of a" } });
    await b.notes.create({ entityId: "n", body: { text: "of b" } });
    const note = await a.notes.findOneOrThrow({ entityId: "n" });
    note.edit("changed");
    expect(await rejection(b.notes.commit(note))).toMatchObject({ code: "wrong_entity" });
    expect(await told(b.store, "n")).toEqual(["of b"]);
    expect(await a.notes.commit(note)).toMatchObject({ version: 2 });
  });
});

describe("the client of a transaction", () => {
  test("stands for that transaction: the queue is cleared when it has committed, not before", async () => {
    const { notes, store } = await openNotes();
    const note = create("one");
    await rejection(
      store.transaction(async ({ client }) => {
        await notes.commit(note, { transaction: client });
        throw aborted;
      }),
    );
    expect(texts(note)).toEqual(["one"]);
    await store.transaction(async ({ client }) => notes.commit(note, { transaction: client }));
    expect(texts(note)).toEqual([]);
    expect(await told(store, "n")).toEqual(["one"]);
  });

  test("that is kept reaches nobody else's transaction, and is no transaction any more", async () => {
    const { notes, store, database } = await openNotes();
    database.exec("CREATE TABLE quota (id INTEGER)");
    const kept = await store.transaction(async ({ client }) => client);
    await store.transaction(async () => {
      expect(() => kept.exec("INSERT INTO quota VALUES (1)")).toThrow();
      expect(await rejection(notes.commit(create("one"), { transaction: kept }))).toMatchObject({
        code: "transaction_ended",
      });
    });
    expect(database.prepare("SELECT * FROM quota").all()).toEqual([]);
  });

  test("that is used after a timeout writes nothing, neither by itself nor with the next transaction", async () => {
    const { store, database } = await openNotes();
    database.exec("CREATE TABLE quota (id INTEGER)");
    const late = deferred();
    let outcome: Promise<unknown> = Promise.resolve();
    const slow = store.transaction(
      ({ client }) => {
        outcome = late.promise.then(() => client.exec("INSERT INTO quota VALUES (1)"));
        return outcome as Promise<void>;
      },
      { timeout: 5 },
    );
    expect(await rejection(slow)).toMatchObject({ code: "transaction_timeout" });
    await store.transaction(async () => {
      late.resolve();
      await rejection(outcome);
    });
    expect(database.prepare("SELECT * FROM quota").all()).toEqual([]);
  });
});

for (const kind of ["a file", "memory"] as const) {
  test(`an iterator that is still open when a transaction on ${kind} ends costs the others no more than waiting for it`, async () => {
    const { store } =
      kind === "memory" ? await openMemoryStore({ busyTimeout: 50 }) : await openStore({ busyTimeout: 50 });
    const notes = createRepository(Note, { adapter: store });
    const note = create("one");
    let iterator: Iterator<unknown> = [][Symbol.iterator]();
    const transaction = store.transaction(async ({ client }) => {
      await notes.commit(note);
      iterator = client.prepare("SELECT 1 UNION SELECT 2").iterate();
      iterator.next();
    });
    expect(await rejection(transaction)).toMatchObject({ code: "driver_error" });
    expect(texts(note)).toEqual(["one"]);
    expect(await rejection(notes.commit(note))).toMatchObject({
      code: "database_busy",
      message: expect.stringMatching(/iterator|application's own handle/),
    });
    iterator.return?.();
    expect(await notes.commit(note)).toMatchObject({ version: 1 });
  });
}

test("a savepoint of the application's that takes a commit back gives the entity its events back", async () => {
  const { notes, store } = await openNotes();
  const [gone, kept] = [create("gone", "g"), create("kept", "k")];
  await store.transaction(async ({ client }) => {
    client.exec("SAVEPOINT mine");
    await notes.commit(gone);
    client.exec("ROLLBACK TO mine; RELEASE mine");
    await notes.commit(kept);
  });
  expect([texts(gone), texts(kept)]).toEqual([["gone"], []]);
  await notes.commit(gone);
  expect([await told(store, "g"), await told(store, "k")]).toEqual([["gone"], ["kept"]]);
});

test("a store opens the file that the application has open, wherever the process has gone since", async () => {
  const file = tempFile();
  const before = process.cwd();
  try {
    process.chdir(file.slice(0, file.lastIndexOf("/")));
    const database = openDatabase("relative.db");
    process.chdir(before);
    const { createSqliteStore } = await import("ventyd/sqlite");
    const store = createSqliteStore(database);
    await store.migrate();
    expect(database.prepare("SELECT count(*) AS n FROM ventyd_log").get()).toEqual({ n: 0 });
    await store.close();
  } finally {
    process.chdir(before);
  }
});

test("what only a commit could refuse is refused at dispatch, so that the entity can still be committed", async () => {
  const { notes } = await openNotes();
  const note = Note.create({ entityId: "n", body: { text: "one" }, eventId: "e1" });
  const dispatch = (options: object) => () => note.editWith("two", options);
  expect(dispatch({ metadata: { actor: "forged" } })).toThrow(expect.objectContaining({ code: "reserved_metadata" }));
  expect(dispatch({ correlationId: "x".repeat(256) })).toThrow(expect.objectContaining({ code: "invalid_text" }));
  expect(dispatch({ eventId: "e1" })).toThrow(expect.objectContaining({ code: "duplicate_event_id" }));
  expect(note.version).toBe(1);
  expect(await notes.commit(note)).toMatchObject({ version: 1 });
});

test("a rollback away from an event that today's reducer refuses is carried out", async () => {
  const { store } = await openNotes();
  const notes = createRepository(Note, { adapter: store });
  await notes.create({ entityId: "n", body: { text: "one" } });
  await store.append([
    {
      entityName: "note",
      entityId: "n",
      expectedVersion: 1,
      events: [
        {
          eventId: "poison",
          eventName: "note:edited",
          eventCreatedAt: "2026-01-01T00:00:00Z",
          body: { text: 5 },
          metadata: {},
          bodyIsOutput: true,
        },
      ],
    },
  ]);
  expect(await rejection(notes.findOne({ entityId: "n" }))).toMatchObject({ code: "invalid_event" });
  await notes.rollback({ entityId: "n", toVersion: 1 }, { actor: "alice", reason: "cure" });
  expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("one");
});

test("a transaction may take more events of an entity than its queue holds at once", async () => {
  const { store } = await openNotes();
  const { Entity, mutation } = await import("ventyd");
  const { noteSchema, noteReducer } = await import("./note.ts");
  class Small extends Entity(noteSchema, noteReducer, { maxQueuedEvents: 2 }) {
    edit = mutation(this, (dispatch, text: string) => dispatch("note:edited", { text }));
  }
  const notes = createRepository(Small, { adapter: store });
  await store.transaction(async () => {
    const { entity } = await notes.create({ entityId: "n", body: { text: "0" } });
    for (const text of ["1", "2", "3", "4"]) {
      entity.edit(text);
      await notes.commit(entity);
    }
  });
  expect(await told(store, "n")).toEqual(["0", "1", "2", "3", "4"]);
});
