import type Database from "better-sqlite3";
import {
  createRepository,
  defineReducer,
  defineSchema,
  Entity,
  type EventStore,
  mutation,
  type VentydError,
} from "ventyd";
import { z, zod } from "ventyd/zod";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { upTo } from "../../src/testing/contract/events.ts";
import { deferred, openMemoryStore, openStore, rejection } from "../support/temp-database.ts";
import { Note, openNotes, told, who, withAppend } from "./note.ts";

/** The snapshots of the note "n" that the file holds, oldest first. */
function kept(database: Database.Database): { version: number; text: string }[] {
  const rows = database.prepare("SELECT version, state FROM ventyd_snapshots WHERE entity_id = 'n' ORDER BY version");
  return (rows.all() as { version: number; state: string }[]).map(({ version, state }) => ({
    version,
    text: (JSON.parse(state) as { text: string }).text,
  }));
}

const versions = (database: Database.Database) => kept(database).map(({ version }) => version);

/** Notes with snapshots, and the warnings. */
async function openSnapshots(frequency: number) {
  const opened = await openNotes();
  const warnings: VentydError[] = [];
  const onWarning = (warning: VentydError) => void warnings.push(warning);
  const over = (adapter: EventStore) => createRepository(Note, { adapter, snapshot: { frequency }, onWarning });
  return { ...opened, warnings, onWarning, over, notes: over(opened.store) };
}

/** Commits an edit for each text, one by one. */
async function edit(
  notes: { mutate: Awaited<ReturnType<typeof openSnapshots>>["notes"]["mutate"] },
  ...texts: string[]
) {
  for (const text of texts) await notes.mutate({ entityId: "n" }, (note) => note.edit(text));
}

describe("a snapshot is saved", () => {
  test("when a commit comes to a multiple of the frequency, and not otherwise", async () => {
    const { notes, database } = await openSnapshots(3);
    await notes.create({ entityId: "n", body: { text: "1" } });
    await edit(notes, "2");
    expect(kept(database)).toEqual([]);
    await edit(notes, "3", "4", "5");
    expect(kept(database)).toEqual([{ version: 3, text: "3" }]);
    await edit(notes, "6");
    expect(kept(database)).toEqual([
      { version: 3, text: "3" },
      { version: 6, text: "6" },
    ]);
  });

  test("A7: when a commit crosses a multiple: three events per commit, frequency 100, 15 in 1,502 events", async () => {
    const { store } = await openMemoryStore();
    const saving = vi.spyOn(store, "saveSnapshot");
    const notes = createRepository(Note, { adapter: store, snapshot: { frequency: 100 } });
    const note = Note.create({ entityId: "n", body: { text: "1" } });
    note.tag("x");
    await notes.commit(note);
    for (const n of upTo(500)) {
      for (const part of ["a", "b", "c"]) note.edit(`${n} ${part}`);
      await notes.commit(note);
    }
    expect(note.version).toBe(1_502);
    expect(saving.mock.calls).toHaveLength(15);
    expect(saving.mock.calls.every(([{ version }]) => version % 100 < 3)).toBe(true);
  });

  test("once by a commit that crosses several multiples", async () => {
    const { notes, database } = await openSnapshots(2);
    const note = Note.create({ entityId: "n", body: { text: "1" } });
    for (const n of upTo(8)) note.edit(`${n + 1}`);
    await notes.commit(note);
    expect(kept(database)).toEqual([{ version: 9, text: "9" }]);
  });

  test("with every commit at frequency 1; the two newest are kept", async () => {
    const { notes, database } = await openSnapshots(1);
    await notes.create({ entityId: "n", body: { text: "1" } });
    expect(versions(database)).toEqual([1]);
    await edit(notes, "2", "3", "4");
    expect(versions(database)).toEqual([3, 4]);
  });

  test("never, where no frequency is given", async () => {
    const { notes, database } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "1" } });
    await notes.rollback({ entityId: "n", toVersion: 1 }, who).catch(() => {});
    await notes.mutate({ entityId: "n" }, (note) => note.edit("2"));
    await notes.rollback({ entityId: "n", toVersion: 1 }, who);
    expect(kept(database)).toEqual([]);
  });

  test("for each entity of a commit of several", async () => {
    const { notes, database } = await openSnapshots(1);
    await notes.commit(["n", "m"].map((entityId) => Note.create({ entityId, body: { text: entityId } })));
    expect(database.prepare("SELECT entity_id FROM ventyd_snapshots ORDER BY 1").pluck().all()).toEqual(["m", "n"]);
  });

  test("by a rollback, whatever version that comes to", async () => {
    const { notes, database } = await openSnapshots(100);
    await notes.create({ entityId: "n", body: { text: "1" } });
    await edit(notes, "2");
    await notes.rollback({ entityId: "n", toVersion: 1 }, who);
    expect(kept(database)).toEqual([{ version: 3, text: "1" }]);
  });

  test("by the commit of a preview", async () => {
    const { notes, database } = await openSnapshots(2);
    await notes.create({ entityId: "n", body: { text: "1" } });
    await notes.commit(await notes.preview({ entityId: "n" }, (note) => note.edit("2")));
    expect(kept(database)).toEqual([{ version: 2, text: "2" }]);
  });

  test("A6: of what was committed, and of nothing that was dispatched while it was written", async () => {
    const { store, over, database } = await openSnapshots(1);
    const written = deferred();
    const slow = withAppend(store, async (append) => {
      const rows = await append();
      await written.promise;
      return rows;
    });
    const notes = over(slow);
    const note = Note.create({ entityId: "n", body: { text: "committed" } });
    const committing = notes.commit(note);
    note.edit("only dispatched");
    written.resolve();
    await committing;
    expect(kept(database)).toEqual([{ version: 1, text: "committed" }]);
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("committed");
  });

  test("A6: also where the reducer writes into the state that it is given", async () => {
    const { store, database } = await openSnapshots(1);
    class Writing extends Entity(
      Note.schema,
      (state, event) => Object.assign(state ?? { tags: [], isPublished: false }, event.body) as typeof state,
      { checks: "off" },
    ) {
      edit = mutation(this, (dispatch, text: string) => dispatch("note:edited", { text }));
    }
    const written = deferred();
    const heard: string[] = [];
    const slow = withAppend(store, async (append) => {
      const rows = await append();
      await written.promise;
      return rows;
    });
    const notes = createRepository(Writing, {
      adapter: slow,
      snapshot: { frequency: 1 },
      plugins: [{ onCommitted: ({ state }) => void heard.push(state.text) }],
    });
    const note = Writing.create({ entityId: "n", body: { text: "committed" } });
    const committing = notes.commit(note);
    note.edit("only dispatched");
    written.resolve();
    await committing;
    expect(kept(database)).toEqual([{ version: 1, text: "committed" }]);
    expect(heard).toEqual(["committed"]);
  });

  test("at a frequency that is a whole number of at least 1; anything else is no option", async () => {
    const { store } = await openNotes();
    for (const frequency of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5" as never]) {
      const make = () => createRepository(Note, { adapter: store, snapshot: { frequency } });
      expect(make, String(frequency)).toThrow(expect.objectContaining({ code: "invalid_option" }));
    }
  });
});

describe("inside a transaction a snapshot is saved", () => {
  test("after that has committed", async () => {
    const { notes, store, database } = await openSnapshots(1);
    await store.transaction(async () => {
      await notes.create({ entityId: "n", body: { text: "1" } });
      await edit(notes, "2");
      expect(kept(database)).toEqual([]);
    });
    expect(versions(database)).toEqual([1, 2]);
  });

  test("not when that is aborted, nor of a rollback in it", async () => {
    const { notes, store, database } = await openSnapshots(1);
    await notes.create({ entityId: "n", body: { text: "1" } });
    await edit(notes, "2");
    const aborted = store.transaction(async () => {
      await edit(notes, "3");
      await notes.rollback({ entityId: "n", toVersion: 1 }, who);
      throw new Error("aborted");
    });
    await rejection(aborted);
    expect(versions(database)).toEqual([1, 2]);
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({
      version: 2,
      state: { text: "2" },
    });
  });

  test("not when it is the application's own: whether it takes effect, nobody tells us", async () => {
    const { notes, database } = await openSnapshots(1);
    database.exec("BEGIN IMMEDIATE");
    await notes.create({ entityId: "n", body: { text: "1" } }, { transaction: database });
    database.exec("COMMIT");
    expect(kept(database)).toEqual([]);
  });

  test("and a load in the transaction sees what that has stored behind the snapshot", async () => {
    const { notes, store } = await openSnapshots(1);
    await notes.create({ entityId: "n", body: { text: "1" } });
    await store.transaction(async () => {
      await edit(notes, "2", "3");
      expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({
        version: 3,
        state: { text: "3" },
      });
    });
  });
});

describe("a snapshot that cannot be saved", () => {
  test("A8: does not fail the commit; it is a warning with its cause, and plugins still run", async () => {
    const { store, warnings, onWarning } = await openSnapshots(1);
    vi.spyOn(store, "saveSnapshot").mockRejectedValue(new Error("disk full"));
    const heard: string[] = [];
    const plugins = [{ onCommitted: ({ entityId }: { entityId: string }) => void heard.push(entityId) }];
    const notes = createRepository(Note, { adapter: store, snapshot: { frequency: 1 }, onWarning, plugins });
    const { entity } = await notes.create({ entityId: "n", body: { text: "1" } });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("2"));
    await notes.rollback({ entityId: "n", toVersion: 1 }, who);
    expect(entity.uncommittedEvents).toEqual([]);
    expect(warnings.map(({ code, cause }) => [code, (cause as Error).message])).toEqual(
      Array(3).fill(["snapshot_failed", "disk full"]),
    );
    expect(heard).toEqual(["n", "n", "n"]);
    expect(await told(store, "n")).toHaveLength(3);
  });

  test("is told the process by default", async () => {
    const { store } = await openNotes();
    vi.spyOn(store, "saveSnapshot").mockRejectedValue(new Error("disk full"));
    const printed = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => printed.mockRestore());
    await createRepository(Note, { adapter: store, snapshot: { frequency: 1 } }).create({ body: { text: "1" } });
    expect(printed.mock.calls.map(([warning]) => warning)).toMatchObject([{ code: "snapshot_failed" }]);
  });

  const unfaithful = {
    "a date that its schema does not read from a text": z.object({ at: z.date() }),
    "a key that its schema strips": z.object({}),
    "a value that its schema changes each time": z.object({ at: z.any().transform(String) }),
    "a default that no event has set": z.object({ at: z.any(), count: z.number().default(0) }),
  };
  for (const [what, state] of Object.entries(unfaithful)) {
    test(`is one that would not come back as it is: ${what}`, async () => {
      const { store, database } = await openStore();
      const warnings: VentydError[] = [];
      const onWarning = (warning: VentydError) => void warnings.push(warning);
      const schema = defineSchema("visit", {
        schema: zod({ event: { made: z.object({}), moved: z.object({}) }, state: state as z.ZodType<{ at: unknown }> }),
        initialEventName: "visit:made",
      });
      const reducer = defineReducer(schema, () => ({ at: new Date(0) }));
      class Visit extends Entity(schema, reducer, { checks: "off" }) {
        move = mutation(this, (dispatch) => dispatch("visit:moved", {}));
      }
      const visits = createRepository(Visit, { adapter: store, snapshot: { frequency: 1 }, onWarning });
      await visits.create({ entityId: "v", body: {} });
      expect(warnings).toMatchObject([{ code: "snapshot_unfaithful" }]);
      expect(database.prepare("SELECT count(*) FROM ventyd_snapshots").pluck().get()).toBe(0);
      expect((await visits.mutate({ entityId: "v" }, (visit) => visit.move())).entity.state).toEqual({
        at: new Date(0),
      });
    });
  }

  test("but a date that its schema reads from a text comes back as a date", async () => {
    const { store, database } = await openStore();
    const schema = defineSchema("visit", {
      schema: zod({ event: { made: z.object({}) }, state: z.object({ at: z.coerce.date() }) }),
      initialEventName: "visit:made",
    });
    const Visit = Entity(schema, () => ({ at: new Date(5) }));
    const visits = createRepository(Visit, { adapter: store, snapshot: { frequency: 1 } });
    await visits.create({ entityId: "v", body: {} });
    expect(database.prepare("SELECT count(*) FROM ventyd_snapshots").pluck().get()).toBe(1);
    expect((await visits.findOneOrThrow({ entityId: "v" })).state).toEqual({ at: new Date(5) });
  });
});
