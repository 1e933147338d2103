import type Database from "better-sqlite3";
import { createRepository } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { commitOf, readAll, storedIds, write } from "../../src/testing/contract/events.ts";
import { Note, openNotes, told, who } from "../repository/note.ts";
import { deferred, openDatabase, openStore, rejection, type TempStore, tempFile } from "../support/temp-database.ts";

type Notes = Awaited<ReturnType<typeof openNotes>>["notes"];

const create = (text: string, entityId: string) => Note.create({ entityId, body: { text } });
const texts = (note: Note) => note.uncommittedEvents.map(({ body }) => Object.values(body as object).join());
const aborted = new Error("aborted");

for (const [kind, file] of [
  ["a file", undefined],
  ["memory", ":memory:"],
] as const) {
  describe(`store.transaction on ${kind}`, () => {
    let opened: TempStore;
    let notes: Notes;
    beforeEach(async () => {
      opened = await openStore({ file: file ?? tempFile() });
      opened.database.exec("CREATE TABLE quota (id INTEGER PRIMARY KEY, used INTEGER NOT NULL) STRICT");
      notes = createRepository(Note, { adapter: opened.store });
    });
    const insert = (client: Database.Database, id: number) =>
      client.prepare("INSERT INTO quota (id, used) VALUES (?, 1)").run(id);
    const quota = () => opened.database.prepare("SELECT id FROM quota ORDER BY id").pluck().all();

    test("lets appends of others wait for its end, and then go on in their order", async () => {
      const { store } = opened;
      const [begun, release] = [deferred(), deferred()];
      const work = store.transaction(async () => {
        await write(store, commitOf("t", 0, ["in"]));
        begun.resolve();
        await release.promise;
      });
      await begun.promise;
      const waiting = ["w1", "w2", "w3"].map((id) => write(store, commitOf("t", "any", [id])));
      release.resolve();
      await Promise.all([work, ...waiting]);
      expect(await storedIds(store, "t")).toEqual(["in", "w1", "w2", "w3"]);
    });

    test("fails at once for a write with { transaction: null } inside, which would wait for itself", async () => {
      const { store } = opened;
      await store.transaction(async () => {
        const append = store.append([commitOf("a", 0, ["a1"])], { transaction: null });
        expect(await rejection(append)).toMatchObject({ code: "transaction_open" });
        await write(store, commitOf("b", 0, ["b1"]));
      });
      expect(await storedIds(store, "a")).toEqual([]);
    });

    test("every repository call inside joins by itself", async () => {
      await notes.create({ entityId: "old", body: { text: "old" } });
      await opened.store.transaction(async () => {
        await notes.create({ entityId: "new", body: { text: "new" } });
        await notes.mutate({ entityId: "old" }, (note) => note.edit("changed"));
        const found = await notes.findMany({ entityIds: ["new", "old"] });
        expect(found.map((note) => note?.state.text)).toEqual(["new", "changed"]);
        expect(await notes.history({ entityId: "old" })).toHaveLength(2);
        await notes.rollback(await notes.previewRollback({ entityId: "old", toVersion: 1 }), who);
        expect((await notes.findOneOrThrow({ entityId: "old" })).state.text).toBe("old");
        expect(await notes.diff({ entityId: "old", from: 2, to: 3 })).toHaveLength(1);
      });
      expect(await readAll(opened.store)).toHaveLength(4);
    });

    test("what is written through client is written with the commits, or not at all", async () => {
      const work = (id: number, fail: boolean) =>
        opened.store.transaction(async ({ client }) => {
          insert(client, id);
          await notes.create({ entityId: `n${id}`, body: { text: "" } });
          if (fail) throw aborted;
        });
      expect(await rejection(work(1, true))).toBe(aborted);
      expect(quota()).toEqual([]);
      expect(await notes.findOne({ entityId: "n1" })).toBeNull();
      await work(2, false);
      expect(quota()).toEqual([2]);
      expect(await notes.findOne({ entityId: "n2" })).not.toBeNull();
    });

    test("B7: an error of the application's own table passes through, and is no version conflict", async () => {
      insert(opened.database, 1);
      const error = await rejection(
        opened.store.transaction(async ({ client }) => {
          await notes.create({ entityId: "n", body: { text: "" } });
          insert(client, 1);
        }),
      );
      expect(error).toMatchObject({ code: "SQLITE_CONSTRAINT_PRIMARYKEY" });
      expect(await notes.findOne({ entityId: "n" })).toBeNull();
    });

    test("B7: neither does a trigger of the application's on our insert pass for a conflict", async () => {
      opened.database.exec("CREATE TABLE seen (name TEXT UNIQUE); INSERT INTO seen VALUES ('note:created')");
      opened.database.exec(
        "CREATE TRIGGER see AFTER INSERT ON ventyd_log BEGIN INSERT INTO seen VALUES (NEW.event_name); END",
      );
      const error = await rejection(notes.create({ entityId: "n", body: { text: "" } }));
      expect(error).toMatchObject({ code: "driver_error", cause: { code: "SQLITE_CONSTRAINT_UNIQUE" } });
      expect(await notes.findOne({ entityId: "n" })).toBeNull();
      opened.database.exec("DELETE FROM seen");
      await notes.create({ entityId: "n", body: { text: "" } });
    });

    test("an entity's queue is cleared only when it has committed", async () => {
      const note = create("one", "n");
      await opened.store.transaction(async () => {
        expect(await notes.commit(note)).toMatchObject({ version: 1, events: [{ version: 1 }] });
        expect(texts(note)).toEqual(["one"]);
      });
      expect(texts(note)).toEqual([]);
      note.edit("two");
      expect(await notes.commit(note)).toMatchObject({ version: 2, events: [{ version: 2 }] });
    });

    test("when it aborts, the entity can be committed again", async () => {
      const note = create("one", "n");
      const work = opened.store.transaction(async () => {
        await notes.commit(note);
        throw aborted;
      });
      expect(await rejection(work)).toBe(aborted);
      expect(texts(note)).toEqual(["one"]);
      expect(await told(opened.store, "n")).toEqual([]);
      note.edit("two");
      expect(await notes.commit(note)).toMatchObject({ version: 2, duplicate: false });
      expect(await told(opened.store, "n")).toEqual(["one", "two"]);
      expect(texts(note)).toEqual([]);
    });

    test("a second commit in it sends only what is pending, whatever becomes of it", async () => {
      const note = create("one", "n");
      const work = (outcome?: Error) =>
        opened.store.transaction(async () => {
          await notes.commit(note);
          note.edit("two");
          expect(await notes.commit(note)).toMatchObject({ version: 2, events: [{ version: 2 }] });
          expect(await notes.commit(note)).toMatchObject({ version: 2, events: [] });
          note.edit("three");
          if (outcome !== undefined) throw outcome;
        });
      expect(await rejection(work(aborted))).toBe(aborted);
      expect(texts(note)).toEqual(["one", "two", "three"]);
      expect(await notes.commit(note)).toMatchObject({ version: 3 });
      expect(await told(opened.store, "n")).toEqual(["one", "two", "three"]);
    });

    test("what is dispatched after the last commit in it stays queued, and nothing else", async () => {
      const note = create("one", "n");
      await opened.store.transaction(async () => {
        await notes.commit(note);
        note.edit("two");
        await notes.commit(note);
        note.edit("three");
      });
      expect(texts(note)).toEqual(["three"]);
      expect(await notes.commit(note)).toMatchObject({ version: 3, events: [{ version: 3 }] });
      expect(await told(opened.store, "n")).toEqual(["one", "two", "three"]);
    });

    test("a commit that is refused inside leaves it usable", async () => {
      await notes.create({ entityId: "taken", body: { text: "" } });
      await opened.store.transaction(async () => {
        const refused = rejection(notes.create({ entityId: "taken", body: { text: "" } }));
        expect(await refused).toMatchObject({ code: "entity_exists" });
        await notes.create({ entityId: "free", body: { text: "" } });
      });
      expect(await notes.findOne({ entityId: "free" })).not.toBeNull();
    });

    test("a commit that nobody awaited leaves nothing behind in the queue", async () => {
      const note = create("one", "n");
      let commit: Promise<unknown> = Promise.resolve();
      await opened.store.transaction(async () => {
        commit = notes.commit(note);
      });
      await commit.catch(() => {});
      const stored = await told(opened.store, "n");
      // Either it came in time and is stored, or it did not and is still to be committed.
      expect(stored.concat(texts(note))).toEqual(["one"]);
    });

    test("a mutation that begins inside and fails after the end takes back its own events only", async () => {
      const note = create("one", "n");
      const { promise, reject } = deferred();
      let mutation: Promise<unknown> = Promise.resolve();
      await opened.store.transaction(async () => {
        await notes.commit(note);
        mutation = rejection(note.editSlowly("never", promise));
      });
      reject(aborted);
      expect(await mutation).toBe(aborted);
      expect(texts(note)).toEqual([]);
      note.edit("two");
      await notes.commit(note);
      expect(await told(opened.store, "n")).toEqual(["one", "two"]);
    });

    test("a commit after the application's own COMMIT is refused, it does not write on its own", async () => {
      const note = create("late", "n");
      const error = await rejection(
        opened.store.transaction(async ({ client }) => {
          client.exec("COMMIT");
          expect(await rejection(notes.commit(note))).toMatchObject({ code: "transaction_ended" });
        }),
      );
      expect(error).toMatchObject({ code: "transaction_ended", message: expect.stringContaining("client") });
      expect(await told(opened.store, "n")).toEqual([]);
      expect(texts(note)).toEqual(["late"]);
      await notes.commit(note);
      expect(await told(opened.store, "n")).toEqual(["late"]);
    });

    test.for(["COMMIT", "ROLLBACK"])("a %s of the application's on client is a clear error", async (statement) => {
      const note = create("one", "n");
      const error = await rejection(
        opened.store.transaction(async ({ client }) => {
          await notes.commit(note);
          client.exec(statement);
        }),
      );
      expect(error).toMatchObject({ code: "transaction_ended", message: expect.stringContaining("client") });
      // Whatever the statement did, committing again settles it: stored once.
      await notes.commit(note);
      expect(await told(opened.store, "n")).toEqual(["one"]);
      expect(texts(note)).toEqual([]);
    });

    test("a savepoint of the application's on client takes back what was committed in it, and only that", async () => {
      const [gone, kept, early] = [create("gone", "gone"), create("kept", "kept"), create("early", "early")];
      await opened.store.transaction(async ({ client }) => {
        await notes.commit(early);
        client.exec("SAVEPOINT mine");
        insert(client, 1);
        await notes.commit(gone);
        early.edit("gone too");
        await notes.commit(early);
        client.exec("ROLLBACK TO mine; RELEASE mine");
        insert(client, 2);
        await notes.commit(kept);
      });
      expect(quota()).toEqual([2]);
      // What is not stored does not count as stored: it can be committed again.
      expect([texts(gone), texts(kept), texts(early)]).toEqual([["gone"], [], ["gone too"]]);
      expect(await told(opened.store, "early")).toEqual(["early"]);
      await notes.commit([gone, kept, early]);
      expect(await told(opened.store, "gone")).toEqual(["gone"]);
      expect(await told(opened.store, "early")).toEqual(["early", "gone too"]);
    });

    test("its client stands for it where only that is handed on", async () => {
      const note = create("one", "n");
      const work = (fail: boolean) =>
        opened.store.transaction(async ({ client }) => {
          await notes.commit(note, { transaction: client });
          expect(await notes.findOne({ entityId: "n", transaction: client })).not.toBeNull();
          expect(texts(note)).toEqual(["one"]);
          if (fail) throw aborted;
        });
      expect(await rejection(work(true))).toBe(aborted);
      expect(texts(note)).toEqual(["one"]);
      await work(false);
      expect(texts(note)).toEqual([]);
      expect(await told(opened.store, "n")).toEqual(["one"]);
    });

    test("several commits in it at once, of one entity and of many, are all written", async () => {
      const [a, b] = [create("a", "a"), create("b", "b")];
      await opened.store.transaction(async () => {
        await notes.commit(a);
        a.edit("a2");
        const first = notes.commit(b);
        b.edit("b2");
        const second = notes.commit([a, b]);
        a.edit("a3");
        await Promise.all([first, second, notes.commit(a)]);
      });
      expect(await told(opened.store, "a")).toEqual(["a", "a2", "a3"]);
      expect(await told(opened.store, "b")).toEqual(["b", "b2"]);
      expect([texts(a), texts(b)]).toEqual([[], []]);
    });

    test("an entity that it holds is committed outside only when its fate is known", async () => {
      for (const fail of [true, false]) {
        const note = create("one", `n-${fail}`);
        const [held, release] = [deferred(), deferred()];
        const work = opened.store.transaction(async () => {
          await notes.commit(note);
          held.resolve();
          await release.promise;
          if (fail) throw aborted;
        });
        await held.promise;
        note.edit("two");
        const outside = notes.commit(note);
        release.resolve();
        await work.catch(() => {});
        expect(await outside).toMatchObject({ version: 2, events: fail ? [{}, {}] : [{ version: 2 }] });
        expect(await told(opened.store, note.entityId)).toEqual(["one", "two"]);
        expect(texts(note)).toEqual([]);
      }
    });

    test("an entity that it holds is not committed with { transaction: null } inside: that fails at once", async () => {
      const note = create("one", "n");
      await opened.store.transaction(
        async () => {
          await notes.commit(note);
          note.edit("two");
          const error = await rejection(notes.commit(note, { transaction: null }));
          expect(error).toMatchObject({ code: expect.stringMatching(/^(transaction_open|entity_busy)$/) });
        },
        { timeout: 1_000 },
      );
      expect(texts(note)).toEqual(["two"]);
      expect(await told(opened.store, "n")).toEqual(["one"]);
    });

    test("an entity whose commit outside is under way is busy inside: it is not waited for in a circle", async () => {
      const note = create("one", "n");
      let outside: Promise<unknown> = Promise.resolve();
      const [inside, begun] = [deferred(), deferred()];
      const work = opened.store.transaction(
        async () => {
          inside.resolve();
          await begun.promise;
          expect(await rejection(notes.commit(note))).toMatchObject({ code: "entity_busy", retryable: true });
        },
        { timeout: 1_000 },
      );
      await inside.promise;
      outside = notes.commit(note); // Waits for the transaction.
      begun.resolve();
      await work;
      expect(await outside).toMatchObject({ version: 1 });
      expect(await told(opened.store, "n")).toEqual(["one"]);
    });

    test("a constraint that fails only at the end aborts all of it, and the entity keeps its events", async () => {
      opened.database.exec(
        "CREATE TABLE part (quota INTEGER REFERENCES quota (id) DEFERRABLE INITIALLY DEFERRED) STRICT",
      );
      const note = create("one", "n");
      const error = await rejection(
        opened.store.transaction(async ({ client }) => {
          await notes.commit(note);
          client.exec("INSERT INTO part VALUES (99)");
        }),
      );
      expect(error).toMatchObject({ code: "driver_error" });
      expect(await told(opened.store, "n")).toEqual([]);
      expect(texts(note)).toEqual(["one"]);
      await notes.commit(note);
      expect(await told(opened.store, "n")).toEqual(["one"]);
    });

    test("a timeout gives the entity its events back, and the lock to the next", async () => {
      const note = create("one", "n");
      const never = deferred();
      const work = opened.store.transaction(
        async () => {
          await notes.commit(note);
          await never.promise;
        },
        { timeout: 30 },
      );
      const next = notes.create({ entityId: "next", body: { text: "" } });
      expect(await rejection(work)).toMatchObject({ code: "transaction_timeout" });
      await next;
      expect(texts(note)).toEqual(["one"]);
      await notes.commit(note);
      expect(await told(opened.store, "n")).toEqual(["one"]);
    });

    test("work outside that was begun from inside waits for nobody and joins nobody else", async () => {
      const [inside, release] = [deferred(), deferred()];
      const work = opened.store.transaction(async () => {
        inside.resolve();
        await release.promise;
        throw aborted;
      });
      await inside.promise;
      // Another request: outside the transaction, though it is open.
      const other = notes.create({ entityId: "other", body: { text: "" } });
      release.resolve();
      expect(await rejection(work)).toBe(aborted);
      await other;
      expect(await notes.findOne({ entityId: "other" })).not.toBeNull();
    });
  });
}

describe("a reader outside of an open transaction on a file", () => {
  test("sees nothing of it, and does not wait for its end", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const release = deferred();
    const written = deferred();
    const work = store.transaction(async () => {
      await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
      await notes.create({ entityId: "m", body: { text: "" } });
      written.resolve();
      await release.promise;
    });
    await written.promise;
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("one");
    expect(await notes.findOne({ entityId: "m" })).toBeNull();
    expect(await readAll(store)).toHaveLength(1);
    expect(await store.entities({ entityName: "note" })).toHaveLength(1);
    expect((await store.status()).openTransaction?.ageMs).toBeGreaterThanOrEqual(0);
    release.resolve();
    await work;
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("two");
  });

  test("inside it with { transaction: null } sees what is committed", async () => {
    const { notes, store } = await openNotes();
    await store.transaction(async () => {
      await notes.create({ entityId: "n", body: { text: "" } });
      expect(await notes.findOne({ entityId: "n", transaction: null })).toBeNull();
      expect(await notes.findOne({ entityId: "n" })).not.toBeNull();
    });
  });
});

describe("the application's own transaction", () => {
  test("is joined by { transaction: database }: both are written, or neither", async () => {
    const { notes, database } = await openNotes();
    database.exec("CREATE TABLE quota (id INTEGER PRIMARY KEY) STRICT");
    const quota = () => database.prepare("SELECT id FROM quota").pluck().all();

    database.exec("BEGIN IMMEDIATE; INSERT INTO quota VALUES (1)");
    await notes.create({ entityId: "a", body: { text: "" } }, { transaction: database });
    expect(await notes.findOne({ entityId: "a", transaction: database })).not.toBeNull();
    expect(await notes.findOne({ entityId: "a" })).toBeNull();
    database.exec("ROLLBACK");
    expect(quota()).toEqual([]);
    expect(await notes.findOne({ entityId: "a" })).toBeNull();

    database.exec("BEGIN; INSERT INTO quota VALUES (2)");
    await notes.create({ entityId: "b", body: { text: "" } }, { transaction: database });
    await notes.mutate({ entityId: "b" }, (note) => note.edit("two"), { transaction: database });
    database.exec("COMMIT");
    expect(quota()).toEqual([2]);
    expect((await notes.findOneOrThrow({ entityId: "b" })).version).toBe(2);
  });

  test("takes the queue over: when it aborts, the entity's next commit is a ConcurrencyError", async () => {
    const { notes, database, store } = await openNotes();
    const note = create("one", "n");
    database.exec("BEGIN IMMEDIATE");
    await notes.commit(note, { transaction: database });
    expect(texts(note)).toEqual([]);
    database.exec("ROLLBACK");
    note.edit("two");
    expect(await rejection(notes.commit(note))).toMatchObject({
      name: "ConcurrencyError",
      expectedVersion: 1,
      actualVersion: 0,
    });
    expect(await told(store, "n")).toEqual([]);
  });

  test("that aborts does not let the entity's next commit stand on what somebody else has stored since", async () => {
    const { notes, database, store } = await openNotes();
    const note = create("one", "n");
    database.exec("BEGIN IMMEDIATE");
    await notes.commit(note, { transaction: database });
    database.exec("ROLLBACK");
    note.edit("two");
    // The version is the one that the entity expects, the event is another.
    await notes.create({ entityId: "n", body: { text: "theirs" } });
    expect(await rejection(notes.commit(note))).toMatchObject({ name: "ConcurrencyError", actualVersion: 1 });
    expect(await told(store, "n")).toEqual(["theirs"]);
  });

  test("stays usable after a commit that was refused, and after one that failed", async () => {
    const { notes, database } = await openNotes({ maxBodyBytes: 30 });
    database.exec("CREATE TABLE quota (id INTEGER PRIMARY KEY) STRICT");
    await notes.create({ entityId: "taken", body: { text: "" } });
    database.exec("BEGIN IMMEDIATE; INSERT INTO quota VALUES (1)");
    const refused = await rejection(notes.commit([create("a", "a"), create("b", "taken")], { transaction: database }));
    expect(refused).toMatchObject({ code: "entity_exists", entityId: "taken" });
    const failed = rejection(notes.commit(create("x".repeat(50), "c"), { transaction: database }));
    expect(await failed).toMatchObject({ code: "body_too_large" });
    expect(database.inTransaction).toBe(true);
    await notes.create({ entityId: "d", body: { text: "" } }, { transaction: database });
    database.exec("COMMIT");
    expect(database.prepare("SELECT count(*) FROM quota").pluck().get()).toBe(1);
    const found = await notes.findMany({ entityIds: ["a", "taken", "c", "d"] });
    expect(found.map((note) => note?.version)).toEqual([undefined, 1, undefined, 1]);
  });

  test("must be open", async () => {
    const { notes, store, database } = await openNotes();
    const note = create("one", "n");
    const refused = { code: "transaction_ended", message: expect.stringContaining("transaction") };
    expect(await rejection(notes.commit(note, { transaction: database }))).toMatchObject(refused);
    expect(await rejection(notes.findOne({ entityId: "n", transaction: database }))).toMatchObject(refused);
    expect(texts(note)).toEqual(["one"]);
    expect(await readAll(store)).toEqual([]);
  });

  test.for([1, "transaction", true, {}, []])("is not %j", async (transaction) => {
    const { notes, store } = await openNotes();
    const error = await rejection(notes.commit(create("one", "n"), { transaction: transaction as never }));
    expect(error).toMatchObject({ name: expect.stringMatching(/^(VentydError|UnsupportedError|ValidationError)$/) });
    expect(await readAll(store)).toEqual([]);
  });

  test("on another file is refused, it does not take the events there", async () => {
    const [{ notes, store }, other] = [await openNotes(), await openStore()];
    other.database.exec("BEGIN IMMEDIATE");
    const error = await rejection(notes.commit(create("one", "n"), { transaction: other.database }));
    expect(error).toMatchObject({ code: "transaction_mismatch" });
    other.database.exec("COMMIT");
    expect(await readAll(other.store)).toEqual([]);
    expect(await readAll(store)).toEqual([]);
  });

  test("on a handle of its own to the same file may be joined too", async () => {
    const { notes, file } = await openNotes();
    const second = openDatabase(file);
    second.exec("BEGIN IMMEDIATE");
    await notes.create({ entityId: "n", body: { text: "" } }, { transaction: second });
    second.exec("COMMIT");
    expect(await notes.findOne({ entityId: "n" })).not.toBeNull();
  });

  test("that began before another's commit and then joins says what to do, and stays usable", async () => {
    const { notes, database } = await openNotes();
    database.exec("BEGIN");
    database.prepare("SELECT count(*) FROM ventyd_log").get();
    await notes.create({ entityId: "a", body: { text: "" } });
    const late = rejection(notes.create({ entityId: "b", body: { text: "" } }, { transaction: database }));
    expect(await late).toMatchObject({
      code: "database_busy",
      retryable: true,
      message: expect.stringContaining("BEGIN IMMEDIATE"),
    });
    expect(database.inTransaction).toBe(true);
    database.exec("ROLLBACK");
  });

  test("with mutate inside never repeats", async () => {
    const { notes, database } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "" } });
    let ran = 0;
    database.exec("BEGIN IMMEDIATE");
    const options = { transaction: database };
    const error = await rejection(
      notes.mutate(
        { entityId: "n" },
        async (note) => {
          ran++;
          await notes.mutate({ entityId: "n" }, (other) => other.edit("theirs"), options);
          note.edit("mine");
        },
        options,
      ),
    );
    expect(error).toMatchObject({ code: "concurrency_conflict" });
    expect(ran).toBe(1);
    database.exec("ROLLBACK");
  });
});

describe("two requests on one handle", () => {
  test("an asynchronous transaction of one that rolls back does not undo what others were told is stored", async () => {
    const { notes, store, database } = await openNotes();
    database.exec("CREATE TABLE quota (id INTEGER PRIMARY KEY) STRICT");

    const [begun, release] = [deferred(), deferred()];
    async function firstRequest() {
      database.exec("BEGIN");
      begun.resolve();
      await release.promise;
      database.exec("INSERT INTO quota VALUES (1)");
      database.exec("ROLLBACK");
    }
    async function secondRequest() {
      await begun.promise;
      const acknowledged = [];
      for (const id of ["a", "b", "c"]) {
        await notes.create({ entityId: id, body: { text: id } });
        acknowledged.push(id);
        // The first request can read it at once, and nothing is in its transaction's hands.
        expect(await notes.findOne({ entityId: id })).not.toBeNull();
      }
      release.resolve();
      return acknowledged;
    }
    const [, acknowledged] = await Promise.all([firstRequest(), secondRequest()]);
    expect(acknowledged).toEqual(["a", "b", "c"]);
    expect((await readAll(store)).map(({ entityId }) => entityId)).toEqual(["a", "b", "c"]);
    expect(database.prepare("SELECT count(*) FROM quota").pluck().get()).toBe(0);
  });

  test("our transaction does not take in what the application writes on its handle meanwhile", async () => {
    const { notes, store, database } = await openNotes();
    database.exec("CREATE TABLE quota (id INTEGER PRIMARY KEY) STRICT");
    database.exec("INSERT INTO quota VALUES (1)");
    const work = store.transaction(async () => {
      await notes.create({ entityId: "n", body: { text: "" } });
      expect(database.inTransaction).toBe(false);
      expect(database.prepare("SELECT count(*) FROM quota").pluck().get()).toBe(1);
      expect(database.prepare("SELECT count(*) FROM ventyd_log").pluck().get()).toBe(0);
      throw aborted;
    });
    expect(await rejection(work)).toBe(aborted);
  });

  test("of which one holds the write lock across awaits: the others are told so in time, and the process goes on", async () => {
    const { notes, store, database } = await openNotes({ busyTimeout: 150 });
    database.exec("BEGIN IMMEDIATE");
    let ticks = 0;
    const clock = setInterval(() => ticks++, 1);
    const begun = performance.now();
    const errors = await Promise.all(
      ["a", "b", "c", "d", "e"].map((id) => rejection(notes.create({ entityId: id, body: { text: "" } }))),
    );
    const waited = performance.now() - begun;
    clearInterval(clock);
    for (const error of errors) {
      expect(error).toMatchObject({ code: "database_busy", retryable: true });
      expect(error.message).toContain("application's own handle");
      expect(error.message).toContain("150 ms");
    }
    // busyTimeout is how long a call waits, not how long each of several waits for the one before it.
    expect(waited).toBeGreaterThanOrEqual(140);
    expect(waited).toBeLessThan(450);
    expect(ticks).toBeGreaterThan(20);
    // Readers never waited.
    expect(await notes.findOne({ entityId: "a" })).toBeNull();
    database.exec("ROLLBACK");
    await notes.create({ entityId: "a", body: { text: "" } });
    expect(await readAll(store)).toHaveLength(1);
  });

  test("of which one holds the write lock for a moment: the others wait, and are stored", async () => {
    const { notes, store, database } = await openNotes();
    database.exec("BEGIN IMMEDIATE");
    const waiting = Promise.all(["a", "b"].map((id) => notes.create({ entityId: id, body: { text: "" } })));
    await new Promise((resolve) => setImmediate(resolve));
    database.exec("COMMIT");
    await waiting;
    expect(await readAll(store)).toHaveLength(2);
  });

  test("store.transaction says so too, and runs nothing", async () => {
    const { store, database } = await openNotes({ busyTimeout: 20 });
    database.exec("BEGIN IMMEDIATE");
    let ran = false;
    const work = store.transaction(async () => {
      ran = true;
    });
    expect(await rejection(work)).toMatchObject({ code: "database_busy" });
    expect(ran).toBe(false);
    database.exec("ROLLBACK");
  });
});

describe("a store in memory", () => {
  test("tells the application that its own open transaction is in the way, and does not touch it", async () => {
    const { database, store } = await openStore({ file: ":memory:", busyTimeout: 20 });
    database.exec("CREATE TABLE quota (id INTEGER PRIMARY KEY) STRICT");
    database.exec("BEGIN; INSERT INTO quota VALUES (1)");
    for (const call of [() => store.append([commitOf("t", 0, ["a"])]), () => readAll(store), () => store.status()]) {
      const error = await rejection(call());
      expect(error).toMatchObject({ code: "database_busy", message: expect.stringContaining("own handle") });
    }
    expect(database.inTransaction).toBe(true);
    // Joined, it is welcome.
    await store.append([commitOf("t", 0, ["a"])], { transaction: database });
    database.exec("ROLLBACK");
    expect(database.prepare("SELECT count(*) FROM quota").pluck().get()).toBe(0);
    expect(await storedIds(store, "t")).toEqual([]);
  });
});

describe("client after the end of its transaction", () => {
  test("reaches nobody else's transaction", async () => {
    const { store, database } = await openNotes();
    database.exec("CREATE TABLE quota (id INTEGER PRIMARY KEY) STRICT");
    let late: Database.Database | undefined;
    const never = deferred();
    const timedOut = store.transaction(
      async ({ client }) => {
        late = client;
        await never.promise;
      },
      { timeout: 20 },
    );
    expect(await rejection(timedOut)).toMatchObject({ code: "transaction_timeout" });
    await store.transaction(async ({ client }) => {
      client.exec("INSERT INTO quota VALUES (1)");
      expect(() => late?.exec("INSERT INTO quota VALUES (2)")).toThrow();
      expect(() => late?.exec("ROLLBACK")).toThrow();
    });
    expect(database.prepare("SELECT id FROM quota").pluck().all()).toEqual([1]);
  });

  test("with an iterator still open holds neither the lock nor the entities' events for good", async () => {
    const { notes, store, database } = await openNotes({ busyTimeout: 200 });
    database.exec("CREATE TABLE quota (id INTEGER PRIMARY KEY) STRICT; INSERT INTO quota VALUES (1), (2), (3)");
    const note = create("one", "n");
    let iterator: Iterator<unknown> | undefined;
    const work = store.transaction(async ({ client }) => {
      await notes.commit(note);
      iterator = client.prepare("SELECT id FROM quota").iterate();
      iterator.next();
      throw aborted;
    });
    expect(await rejection(work)).toBe(aborted);
    expect(texts(note)).toEqual(["one"]);
    iterator?.return?.();
    await notes.commit(note);
    expect(await told(store, "n")).toEqual(["one"]);
    expect(texts(note)).toEqual([]);
  });
});

test("an entity of one store is not committed to another", async () => {
  const [one, other] = [await openNotes(), await openNotes()];
  const { entity } = await one.notes.create({ entityId: "n", body: { text: "one" } });
  await other.notes.create({ entityId: "n", body: { text: "other" } });
  for (const note of [entity, await one.notes.findOneOrThrow({ entityId: "n" })]) {
    note.edit("two");
    expect(await rejection(other.notes.commit(note))).toMatchObject({ code: "wrong_entity" });
  }
  expect(await told(other.store, "n")).toEqual(["other"]);
  expect(await one.notes.commit(entity)).toMatchObject({ version: 2 });
});

describe("two stores on one file", () => {
  test("see each other's commits at once, and keep each other's expected versions", async () => {
    const { store, database } = await openStore();
    const other = createSqliteStore(database);
    await write(store, commitOf("t", 0, ["a"]));
    expect(await storedIds(other, "t")).toEqual(["a"]);
    expect(await other.append([commitOf("t", 0, ["b"])])).toEqual([{ status: "conflict", actualVersion: 1 }]);
    await write(other, commitOf("t", 1, ["b"]));
    expect(await storedIds(store, "t")).toEqual(["a", "b"]);
    await other.close();
    expect(await storedIds(store, "t")).toEqual(["a", "b"]);
  });

  test("the one called inside a transaction of the other fails in time, it does not wait for itself", async () => {
    const { store, database } = await openStore();
    const other = createSqliteStore(database, { busyTimeout: 30 });
    await store.transaction(async () => {
      await write(store, commitOf("t", 0, ["a"]));
      expect(await rejection(other.append([commitOf("u", 0, ["b"])]))).toMatchObject({ code: "database_busy" });
    });
    expect(await storedIds(store, "t")).toEqual(["a"]);
    await other.close();
  });
});
