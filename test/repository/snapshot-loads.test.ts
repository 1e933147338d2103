import type Database from "better-sqlite3";
import fc from "fast-check";
import { createRepository, type EventStore } from "ventyd";
import { describe, expect, test } from "vitest";
import { upTo } from "../../src/testing/contract/events.ts";
import { openMemoryStore, rejection } from "../support/temp-database.ts";
import { Note, openNotes, who } from "./note.ts";

/** Notes with a snapshot at version 3 and two events behind it, and a look at which events a load asks for. */
async function openSnapshot() {
  const opened = await openNotes();
  const loads: (number | undefined)[] = [];
  const watched = new Proxy(opened.store, {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown;
      if (key === "load") {
        return (...args: Parameters<EventStore["load"]>) => {
          loads.push(args[0].afterVersion);
          return target.load(...(args as Parameters<typeof target.load>));
        };
      }
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const notes = createRepository(Note, { adapter: watched, snapshot: { frequency: 3 } });
  await notes.create({ entityId: "n", body: { text: "1" } });
  for (const n of [2, 3, 4, 5]) await notes.mutate({ entityId: "n" }, (note) => note.edit(`${n}`));
  loads.length = 0;
  const find = async () => (await notes.findOneOrThrow({ entityId: "n" })).toJSON();
  const full = async () => (await opened.notes.findOneOrThrow({ entityId: "n" })).toJSON();
  return { ...opened, notes, loads, find, full };
}

/** What one column of the only snapshot is set to. */
function tamper(database: Database.Database, column: "state" | "version" | "event_id", value: unknown): void {
  const { changes } = database.prepare(`UPDATE ventyd_snapshots SET ${column} = ?`).run(value);
  expect(changes).toBe(1);
}

describe("a load with a snapshot", () => {
  test("reads the events behind it alone, and gives what all of them give", async () => {
    const { find, full, loads, database } = await openSnapshot();
    expect(await find()).toEqual(await full());
    // The event that it stands on is looked at, that it is still there.
    expect(loads).toEqual([2]);
    tamper(database, "state", JSON.stringify({ text: "?", tags: ["from the snapshot"], isPublished: false }));
    expect(await find()).toMatchObject({ state: { tags: ["from the snapshot"] } });
  });

  test("gives an entity that can be changed and committed", async () => {
    const { notes, full } = await openSnapshot();
    const note = await notes.findOneOrThrow({ entityId: "n" });
    note.tag("red");
    await notes.commit(note);
    expect(await full()).toMatchObject({ version: 6, state: { text: "5", tags: ["red"] } });
  });

  test("of an entity without events behind it knows whom the next commit stands on", async () => {
    const { notes, full } = await openSnapshot();
    await notes.mutate({ entityId: "n" }, (note) => note.edit("6"));
    const [first, second] = await Promise.all([
      notes.findOneOrThrow({ entityId: "n" }),
      notes.findOneOrThrow({ entityId: "n" }),
    ]);
    first.tag("red");
    second.tag("green");
    await notes.commit(first);
    expect(await rejection(notes.commit(second))).toMatchObject({ code: "concurrency_conflict", actualVersion: 7 });
    expect(await full()).toMatchObject({ version: 7, state: { tags: ["red"] } });
  });

  test("at an earlier version takes none from later on", async () => {
    const { notes } = await openSnapshot();
    for (const version of upTo(5)) {
      const note = await notes.findOneOrThrow({ entityId: "n", version });
      expect(note.toJSON()).toMatchObject({ version, state: { text: `${version}` } });
    }
    expect(await notes.findOne({ entityId: "n", version: 6 })).toBeNull();
  });

  test("by a repository that makes none reads all events", async () => {
    const { store, database } = await openSnapshot();
    tamper(database, "state", JSON.stringify({ text: "?", tags: ["from the snapshot"], isPublished: false }));
    expect((await createRepository(Note, { adapter: store }).findOneOrThrow({ entityId: "n" })).state.tags).toEqual([]);
  });

  test("does not write into what is kept, nor share it with another load", async () => {
    const { notes } = await openSnapshot();
    await notes.mutate({ entityId: "n" }, (note) => note.edit("6"));
    const note = await notes.findOneOrThrow({ entityId: "n" });
    (note.state.tags as string[]).push("written");
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.tags).toEqual([]);
  });

  test("A5: stale writers lose nothing, and leave no snapshot of what was never stored", async () => {
    const { notes, find, full } = await openSnapshot();
    const stale = await notes.findOneOrThrow({ entityId: "n" });
    stale.edit("never stored");
    await Promise.all(upTo(6).map((n) => notes.mutate({ entityId: "n" }, (note) => note.tag(`${n}`), { retries: 50 })));
    expect(await rejection(notes.commit(stale))).toMatchObject({ code: "concurrency_conflict" });
    const found = await find();
    expect(found).toEqual(await full());
    expect(found.state?.tags.toSorted()).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  test("goes below a snapshot where a rollback leads there", async () => {
    const { store } = await openNotes();
    const plain = createRepository(Note, { adapter: store });
    const notes = createRepository(Note, { adapter: store, snapshot: { frequency: 5 } });
    await notes.create({ entityId: "n", body: { text: "1" } });
    for (const n of [2, 3, 4, 5, 6]) await notes.mutate({ entityId: "n" }, (note) => note.edit(`${n}`));
    // By a repository that makes no snapshot: the one at 5 is the newest.
    await plain.rollback({ entityId: "n", toVersion: 2 }, who);
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({
      version: 7,
      state: { text: "2" },
    });
    for (const tag of ["a", "b", "c", "d"]) await notes.mutate({ entityId: "n" }, (note) => note.tag(tag));
    const expected = { version: 11, state: { text: "2", tags: ["a", "b", "c", "d"] } };
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject(expected);
    await notes.rollback({ entityId: "n", toVersion: 4 }, who);
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({
      version: 12,
      state: { text: "4" },
    });
    await plain.rollback({ entityId: "n", toVersion: 10 }, who);
    const found = (await notes.findOneOrThrow({ entityId: "n" })).toJSON();
    expect(found).toMatchObject({ version: 13, state: { text: "2", tags: ["a", "b", "c"] } });
  });
});

describe("a snapshot is ignored", () => {
  test("C9: when its state does not fit the schema", async () => {
    const { find, full, database } = await openSnapshot();
    for (const state of ['{"text":5}', "null", '"garbage"', "[]", "{}"]) {
      tamper(database, "state", state);
      expect(await find(), state).toEqual(await full());
    }
  });

  test("C9: when it is of a version that the log does not have", async () => {
    const { find, full, notes, database } = await openSnapshot();
    tamper(database, "version", 99);
    expect(await find()).toEqual(await full());
    await notes.mutate({ entityId: "n" }, (note) => note.edit("6"));
    expect(await find()).toMatchObject({ version: 6, state: { text: "6" } });
  });

  test("when it stands on an event that the log does not have", async () => {
    const { find, full, database } = await openSnapshot();
    for (const eventId of ["another event", null]) {
      tamper(database, "event_id", eventId);
      tamper(database, "state", JSON.stringify({ text: "?", tags: ["wrong"], isPublished: false }));
      expect(await find(), String(eventId)).toEqual(await full());
    }
  });

  test("when it stands at another version than its event", async () => {
    const { find, full, database } = await openSnapshot();
    tamper(database, "version", 4);
    tamper(database, "state", JSON.stringify({ text: "?", tags: ["wrong"], isPublished: false }));
    expect(await find()).toEqual(await full());
  });
});

test("a load is the same with snapshots and without, whatever was committed and rolled back, in whatever portions", async () => {
  const commit = fc.record({ edits: fc.integer({ min: 1, max: 4 }), withSnapshots: fc.boolean() });
  const rollback = fc.record({
    back: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    withSnapshots: fc.boolean(),
  });
  const steps = fc.array(fc.oneof({ weight: 3, arbitrary: commit }, { weight: 2, arbitrary: rollback }), {
    maxLength: 15,
  });
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 6 }), async (taken, frequency) => {
      const { store } = await openMemoryStore();
      const plain = createRepository(Note, { adapter: store });
      const snapshotting = createRepository(Note, { adapter: store, snapshot: { frequency } });
      await snapshotting.create({ entityId: "n", body: { text: "0" } });
      let version = 1;
      for (const step of taken) {
        const notes = step.withSnapshots ? snapshotting : plain;
        if ("edits" in step) {
          const work = (note: Note) => {
            for (const n of upTo(step.edits)) note.tag(`${version}.${n}`);
          };
          version = (await notes.mutate({ entityId: "n" }, work)).version;
        } else if (version > 1) {
          const toVersion = 1 + Math.floor(step.back * (version - 1));
          version = (await notes.rollback({ entityId: "n", toVersion }, who)).version;
        }
        const found = await snapshotting.findOneOrThrow({ entityId: "n" });
        expect(found.toJSON()).toEqual((await plain.findOneOrThrow({ entityId: "n" })).toJSON());
        expect(found.version).toBe(version);
      }
      for (const at of upTo(version)) {
        const asked = { entityId: "n", version: at };
        const expected = (await plain.findOneOrThrow(asked)).toJSON();
        expect((await snapshotting.findOneOrThrow(asked)).toJSON()).toEqual(expected);
      }
    }),
    { numRuns: 40 },
  );
});
