import { createRepository, defineReducer, defineSchema, Entity, ReadonlyEntityError } from "ventyd";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { deferred, rawRows, rejection } from "../support/temp-database.ts";
import { Note, openNotes, told, who, withAppend } from "./note.ts";

const otherSchema = defineSchema("other", {
  schema: zod({ event: { created: z.object({}) }, state: z.object({}) }),
  initialEventName: "other:created",
});
const Other = Entity(
  otherSchema,
  defineReducer(otherSchema, () => ({})),
);

const create = (text: string, entityId: string) => Note.create({ entityId, body: { text } });
const texts = (note: Note) => note.uncommittedEvents.map(({ body }) => Object.values(body as object).join());

describe("commit", () => {
  test("stores what was dispatched, and answers with the events as they are stored", async () => {
    const { notes, store } = await openNotes();
    const note = create("one", "n");
    note.edit("two");
    const result = await notes.commit(note, who);
    const stored = await readAll(store);
    expect(result).toEqual({ version: 2, position: stored[1]?.position, events: stored, duplicate: false });
    expect(stored.map(({ metadata }) => metadata)).toEqual([who, who]);
    expect(note.uncommittedEvents).toEqual([]);
    expect(note.version).toBe(2);
  });

  test("D5: of an empty queue asks neither the store nor for an attribution", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const unreachable = withAppend(store, () => Promise.reject(new Error("asked")));
    const strict = createRepository(Note, { adapter: unreachable, attribution: "required" });
    const entity = await strict.findOneOrThrow({ entityId: "n" });
    expect(await strict.commit(entity)).toEqual({ version: 1, position: undefined, events: [], duplicate: false });
  });

  test("A4: of a stale entity is refused with the stored version; it keeps its events", async () => {
    const { notes, store } = await openNotes();
    const { entity: first } = await notes.create({ entityId: "n", body: { text: "one" } });
    const second = await notes.findOneOrThrow({ entityId: "n" });
    first.edit("first");
    second.edit("second");
    await notes.commit(first);
    for (const _ of ["once", "and again"]) {
      expect(await rejection(notes.commit(second))).toMatchObject({
        name: "ConcurrencyError",
        code: "concurrency_conflict",
        retryable: true,
        expectedVersion: 1,
        actualVersion: 2,
      });
      expect(texts(second)).toEqual(["second"]);
    }
    expect(await told(store, "n")).toEqual(["one", "first"]);
  });

  test("A1: that fails keeps the queue, and the retry stores it once, together with what came after", async () => {
    const { store } = await openNotes();
    let failing = true;
    const failure = new Error("disk full");
    const flaky = withAppend(store, (append) => (failing ? Promise.reject(failure) : append()));
    const notes = createRepository(Note, { adapter: flaky });
    const note = create("one", "n");
    expect(await rejection(notes.commit(note))).toBe(failure);
    expect(texts(note)).toEqual(["one"]);
    note.edit("two");
    failing = false;
    expect(await notes.commit(note)).toMatchObject({ version: 2, events: [{ version: 1 }, { version: 2 }] });
    expect(await told(store, "n")).toEqual(["one", "two"]);
    expect(note.uncommittedEvents).toEqual([]);
  });

  describe("whose answer was lost", () => {
    async function openLossy() {
      const opened = await openNotes();
      let losing = true;
      const lossy = withAppend(opened.store, async (append) => {
        const rows = await append();
        if (losing) throw new Error("connection reset");
        return rows;
      });
      const recover = () => {
        losing = false;
      };
      return { ...opened, notes: createRepository(Note, { adapter: lossy }), recover };
    }

    test("is settled by the same commit again: a duplicate, stored once", async () => {
      const { notes, store, recover } = await openLossy();
      const note = create("one", "n");
      await rejection(notes.commit(note, who));
      expect(texts(note)).toEqual(["one"]);
      recover();
      const stored = await readAll(store);
      // Who and why are those of the commit that was stored.
      expect(await notes.commit(note, { actor: "mallory" })).toEqual({
        version: 1,
        position: stored[0]?.position,
        events: stored,
        duplicate: true,
      });
      expect(stored).toHaveLength(1);
      expect(stored[0]?.metadata).toEqual(who);
      expect(note.uncommittedEvents).toEqual([]);
    });

    test("and was followed by another dispatch writes the rest, and answers all", async () => {
      const { notes, store, recover } = await openLossy();
      const note = create("one", "n");
      await rejection(notes.commit(note));
      note.edit("two");
      note.edit("three");
      recover();
      const result = await notes.commit(note);
      expect(result).toMatchObject({ version: 3, duplicate: false });
      expect(result.events).toEqual(await readAll(store));
      expect(await told(store, "n")).toEqual(["one", "two", "three"]);
      expect(note.uncommittedEvents).toEqual([]);
      note.edit("four");
      expect(await notes.commit(note)).toMatchObject({ version: 4 });
    });

    test("twice, with a dispatch in between, loses and doubles nothing", async () => {
      const { notes, store, recover } = await openLossy();
      const note = create("one", "n");
      await rejection(notes.commit(note));
      note.edit("two");
      await rejection(notes.commit(note));
      note.edit("three");
      recover();
      expect(await notes.commit(note)).toMatchObject({ version: 3 });
      expect(await told(store, "n")).toEqual(["one", "two", "three"]);
    });

    test("is settled after others went on", async () => {
      const { notes, store, recover } = await openLossy();
      const note = create("one", "n");
      await rejection(notes.commit(note));
      recover();
      await notes.mutate({ entityId: "n" }, (other) => other.edit("theirs"));
      const result = await notes.commit(note);
      expect(result).toMatchObject({ version: 1, duplicate: true, events: [{ version: 1 }] });
      expect(await told(store, "n")).toEqual(["one", "theirs"]);
    });

    test("of several entities is settled for all of them", async () => {
      const { notes, store, recover } = await openLossy();
      const [a, b] = [create("a", "a"), create("b", "b")];
      await rejection(notes.commit([a, b]));
      recover();
      expect(await notes.commit([a, b])).toMatchObject([{ duplicate: true }, { duplicate: true }]);
      expect(await readAll(store)).toHaveLength(2);
    });
  });

  test("refuses an event id that was used before, and keeps the events", async () => {
    const { notes, store } = await openNotes();
    await notes.commit(Note.create({ entityId: "a", eventId: "used", body: { text: "a" } }));
    const note = Note.create({ entityId: "b", eventId: "used", body: { text: "b" } });
    expect(await rejection(notes.commit(note))).toMatchObject({ code: "corrupt_retry", retryable: false });
    expect(texts(note)).toEqual(["b"]);
    expect(await told(store, "b")).toEqual([]);
  });

  test("D8: refuses two events with one id", async () => {
    const { notes, store } = await openNotes();
    const note = Note.create({ entityId: "a", eventId: "twice", body: { text: "a" } });
    const other = Note.create({ entityId: "b", eventId: "twice", body: { text: "b" } });
    expect(await rejection(notes.commit([note, other]))).toMatchObject({ name: "ValidationError" });
    expect(await readAll(store)).toEqual([]);
  });

  test("refuses a body that is too large, and keeps the events", async () => {
    const { notes, store } = await openNotes({ maxBodyBytes: 20 });
    const note = create("x".repeat(10), "n");
    expect(await rejection(notes.commit(note))).toMatchObject({ code: "body_too_large" });
    expect(note.uncommittedEvents).toHaveLength(1);
    expect(await readAll(store)).toEqual([]);
    expect(await notes.commit(create("x".repeat(9), "m"))).toMatchObject({ version: 1 });
  });

  test("D3: refuses what is no entity of its own class", async () => {
    const { notes, store } = await openNotes();
    class AnotherNote extends Entity(Note.schema, () => ({ text: "", tags: [], isPublished: false })) {}
    const strangers = [
      Other.create({ entityId: "o", body: {} }),
      AnotherNote.create({ entityId: "n", body: { text: "" } }),
      {},
      null,
      undefined,
      "note",
    ];
    for (const stranger of strangers) {
      const error = await rejection(notes.commit(stranger as never));
      expect(error, String(stranger)).toMatchObject({ name: "ValidationError", code: "wrong_entity" });
    }
    expect(await rejection(notes.commit([create("one", "n"), strangers[0] as never]))).toMatchObject({
      code: "wrong_entity",
    });
    expect(await readAll(store)).toEqual([]);
  });

  test("takes an instance of a class derived from its own", async () => {
    const { notes } = await openNotes();
    class Longer extends Note {}
    expect(await notes.commit(Longer.create({ entityId: "n", body: { text: "one" } }))).toMatchObject({ version: 1 });
  });

  test("D4: refuses a readonly entity", async () => {
    const { notes, database } = await openNotes();
    const { entity } = await notes.create({ entityId: "n", body: { text: "one" } });
    entity.edit("two");
    await notes.commit(entity);
    const before = rawRows(database);
    const readonly = [
      await notes.findOneOrThrow({ entityId: "n", version: 1 }),
      await notes.findOneOrThrow({ entityId: "n", at: new Date() }),
      Note.load({ entityId: "n", state: entity.state, version: 2 }),
    ];
    for (const note of readonly) {
      expect(await rejection(notes.commit(note as never))).toBeInstanceOf(ReadonlyEntityError);
    }
    expect(rawRows(database)).toEqual(before);
  });

  test("is refused while an asynchronous mutation is pending, and stores it whole afterwards", async () => {
    const { notes, store } = await openNotes();
    const note = create("one", "n");
    const { promise, resolve } = deferred();
    const pending = note.editSlowly("two", promise);
    expect(await rejection(notes.commit(note))).toMatchObject({ code: "entity_busy" });
    expect(await told(store, "n")).toEqual([]);
    resolve();
    await pending;
    await notes.commit(note);
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("hands out nothing through which a stored or queued event could be changed", async () => {
    const { notes, store } = await openNotes();
    const note = create("one", "n");
    let events: readonly { body: unknown }[] = [];
    await store
      .transaction(async () => {
        ({ events } = await notes.commit(note));
        (events[0]?.body as { text: string }).text = "forged";
        throw new Error("aborted");
      })
      .catch(() => {});
    await notes.commit(note);
    expect(await told(store, "n")).toEqual(["one"]);
  });
});

describe("commits of one entity at once", () => {
  /** A repository whose appends wait for `open`. */
  async function openGated() {
    const opened = await openNotes();
    const gate = deferred();
    let waiting = 0;
    const gated = withAppend(opened.store, async (append) => {
      waiting++;
      await gate.promise;
      return append();
    });
    return { ...opened, notes: createRepository(Note, { adapter: gated }), open: gate.resolve, waiting: () => waiting };
  }

  test("run one after another, each with what was dispatched before it", async () => {
    const { notes, store, open, waiting } = await openGated();
    const note = create("one", "n");
    const first = notes.commit(note);
    note.edit("two");
    const second = notes.commit(note);
    note.edit("three");
    expect(waiting()).toBe(1);
    open();
    expect((await first).events).toMatchObject([{ body: { text: "one" } }]);
    expect((await second).events).toMatchObject([{ body: { text: "two" } }, { body: { text: "three" } }]);
    expect(await told(store, "n")).toEqual(["one", "two", "three"]);
  });

  test("what is dispatched during a commit stays queued", async () => {
    const { notes, open } = await openGated();
    const note = create("one", "n");
    const commit = notes.commit(note);
    note.edit("two");
    open();
    expect(await commit).toMatchObject({ version: 1, events: [{ version: 1 }] });
    expect(texts(note)).toEqual(["two"]);
    expect(note.version).toBe(2);
    expect(await notes.commit(note)).toMatchObject({ version: 2, events: [{ version: 2 }] });
  });

  test("D6: a second one ends only when the first has", async () => {
    const { notes, store, open } = await openGated();
    const note = create("one", "n");
    const ends: string[] = [];
    const first = notes.commit(note).then(() => ends.push("first"));
    const second = notes.commit(note).then(() => ends.push("second"));
    open();
    await Promise.all([first, second]);
    expect(ends).toEqual(["first", "second"]);
    expect(await told(store, "n")).toEqual(["one"]);
  });

  test("a first one that fails leaves its events to the second", async () => {
    const { store } = await openNotes();
    let calls = 0;
    const flaky = withAppend(store, (append) => (++calls === 1 ? Promise.reject(new Error("no")) : append()));
    const notes = createRepository(Note, { adapter: flaky });
    const note = create("one", "n");
    const first = rejection(notes.commit(note));
    note.edit("two");
    const second = notes.commit(note);
    expect((await first).message).toBe("no");
    expect(await second).toMatchObject({ version: 2, events: [{ version: 1 }, { version: 2 }] });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("of the same two entities in either order do not wait for each other for ever", async () => {
    const { notes, store, open } = await openGated();
    const [a, b] = [create("a", "a"), create("b", "b")];
    const commits = [notes.commit([a, b]), notes.commit([b, a]), notes.commit(a), notes.commit(b)];
    open();
    await Promise.all(commits);
    expect(await readAll(store)).toHaveLength(2);
  });

  test("a mutation that begins during a commit and fails after it takes back its own events, no more and no less", async () => {
    const { notes, store, open } = await openGated();
    const note = create("one", "n");
    const commit = notes.commit(note);
    const { promise, reject } = deferred();
    const mutation = rejection(note.editSlowly("never", promise));
    open();
    await commit;
    reject(new Error("changed my mind"));
    expect((await mutation).message).toBe("changed my mind");
    expect(texts(note)).toEqual([]);
    expect({ version: note.version, text: note.state.text }).toEqual({ version: 1, text: "one" });
    note.edit("two");
    expect(await notes.commit(note)).toMatchObject({ version: 2 });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });
});

describe("commit of several entities", () => {
  test("is one transaction; results come in the order asked", async () => {
    const { notes, store } = await openNotes();
    const [a, b] = [create("a", "a"), create("b", "b")];
    b.edit("b2");
    const results = await notes.commit([b, a], who);
    expect(results).toMatchObject([
      { version: 2, events: [{ entityId: "b" }, { entityId: "b" }] },
      { version: 1, events: [{ entityId: "a" }] },
    ]);
    expect(results.flatMap(({ events }) => events)).toEqual(await readAll(store));
    expect(results.map(({ position }) => position)).toEqual(results.map(({ events }) => events.at(-1)?.position));
  });

  test("of none is answered with none", async () => {
    const { notes } = await openNotes();
    expect(await notes.commit([])).toEqual([]);
  });

  test("of one is answered with a list of one", async () => {
    const { notes } = await openNotes();
    expect(await notes.commit([create("a", "a")])).toMatchObject([{ version: 1 }]);
  });

  test("stores none of them when one is refused, and all keep their events", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "b", body: { text: "theirs" } });
    const all = ["a", "b", "c"].map((id) => create(id, id));
    expect(await rejection(notes.commit(all))).toMatchObject({ code: "entity_exists", entityId: "b" });
    expect(all.map(texts)).toEqual([["a"], ["b"], ["c"]]);
    expect(await readAll(store)).toHaveLength(1);
    await notes.commit(all.filter(({ entityId }) => entityId !== "b"));
    expect(await readAll(store)).toHaveLength(3);
  });

  test("answers an entity with an empty queue, and does not check its version", async () => {
    const { notes } = await openNotes();
    await notes.create({ entityId: "a", body: { text: "a" } });
    const stale = await notes.findOneOrThrow({ entityId: "a" });
    await notes.mutate({ entityId: "a" }, (note) => note.edit("a2"));
    expect(await notes.commit([stale, create("b", "b")])).toMatchObject([
      { version: 1, position: undefined, events: [], duplicate: false },
      { version: 1, events: [{ entityId: "b" }] },
    ]);
  });

  test("refuses the same entity twice, or two of one id", async () => {
    const { notes, store } = await openNotes();
    const note = create("a", "a");
    for (const twice of [
      [note, note],
      [note, create("other", "a")],
    ]) {
      expect(await rejection(notes.commit(twice))).toMatchObject({ name: "ValidationError", code: "duplicate_entity" });
    }
    expect(await readAll(store)).toEqual([]);
    expect(texts(note)).toEqual(["a"]);
  });

  test("is refused whole while one of them is busy", async () => {
    const { notes, store } = await openNotes();
    const [a, b] = [create("a", "a"), create("b", "b")];
    const { promise, resolve } = deferred();
    const pending = b.editSlowly("b2", promise);
    expect(await rejection(notes.commit([a, b]))).toMatchObject({ code: "entity_busy", entityId: "b" });
    expect(await readAll(store)).toEqual([]);
    resolve();
    await pending;
    await notes.commit([a, b]);
    expect(await readAll(store)).toHaveLength(3);
  });
});
