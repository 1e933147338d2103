import { createRepository, defineSchema, Entity, type Plugin, type VentydError } from "ventyd";
import { z, zod } from "ventyd/zod";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { deferred, rejection } from "../support/temp-database.ts";
import { Note, type noteSchema, openNotes, told, who, withAppend, withSaveSnapshot } from "./note.ts";

type NotePlugin = Plugin<typeof noteSchema>;
type Told = Parameters<NonNullable<NotePlugin["onCommitted"]>>[0];
type Options = Omit<Parameters<typeof createRepository<Note, typeof noteSchema, never>>[1], "adapter">;

/** Notes with a plugin that takes down what it is told, and the warnings. */
async function openTold(options: Options = {}) {
  const opened = await openNotes();
  const heard: Told[] = [];
  const warnings: VentydError[] = [];
  const listening: NotePlugin = { onCommitted: (args) => void heard.push(args) };
  const notes = createRepository(Note, {
    adapter: opened.store,
    plugins: [listening],
    onWarning: (warning) => void warnings.push(warning),
    ...options,
  });
  return { ...opened, notes, heard, warnings, listening };
}

const failing: NotePlugin = {
  onCommitted() {
    throw new Error("the plugin broke");
  },
};
const rejecting: NotePlugin = { onCommitted: () => Promise.reject(new Error("the plugin broke later")) };

describe("a plugin is told", () => {
  test("of every commit that is durable: which entity, the events as stored, and the state", async () => {
    const { notes, heard, store } = await openTold();
    const { entity } = await notes.create({ entityId: "n", body: { text: "one" } }, who);
    entity.edit("two");
    entity.tag("red");
    await notes.commit(entity);
    const [created, ...rest] = await readAll(store);
    expect(heard).toEqual([
      { entityName: "note", entityId: "n", events: [created], state: { text: "one", tags: [], isPublished: false } },
      { entityName: "note", entityId: "n", events: rest, state: { text: "two", tags: ["red"], isPublished: false } },
    ]);
    for (const args of heard)
      expect(Object.keys(args).toSorted()).toEqual(["entityId", "entityName", "events", "state"]);
  });

  test("when the events can be read already, and before the commit resolves", async () => {
    const { store } = await openNotes();
    const seen: (number | undefined)[] = [];
    const until = deferred();
    const reading: NotePlugin = {
      async onCommitted({ entityId }) {
        seen.push((await createRepository(Note, { adapter: store }).findOne({ entityId }))?.version);
        await until.promise;
        seen.push(-1);
      },
    };
    const creating = createRepository(Note, { adapter: store, plugins: [reading] }).create({ body: { text: "one" } });
    creating.then(() => seen.push(-2));
    await vi.waitFor(() => expect(seen).toEqual([1]));
    until.resolve();
    await creating;
    expect(seen).toEqual([1, -1, -2]);
  });

  test("by every verb: create, mutate, commit of several, of a preview, and rollback", async () => {
    const { notes, heard } = await openTold();
    await notes.create({ entityId: "n", body: { text: "one" } });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    await notes.commit(["a", "b"].map((entityId) => Note.create({ entityId, body: { text: entityId } })));
    await notes.commit(await notes.preview({ entityId: "n" }, (note) => note.edit("three")));
    await notes.rollback({ entityId: "n", toVersion: 1 }, who);
    expect(heard.map(({ entityId, events, state }) => [entityId, events.length, state.text])).toEqual([
      ["n", 1, "one"],
      ["n", 1, "two"],
      ["a", 1, "a"],
      ["b", 1, "b"],
      ["n", 1, "three"],
      ["n", 1, "one"],
    ]);
  });

  test("not of a commit of nothing, nor of one that was refused", async () => {
    const { notes, heard } = await openTold();
    const { entity } = await notes.create({ entityId: "n", body: { text: "one" } });
    await notes.commit(entity);
    await notes.mutate({ entityId: "n" }, () => {});
    await rejection(notes.create({ entityId: "n", body: { text: "one" } }));
    expect(heard).toHaveLength(1);
  });

  test("A6: the state of the commit, whatever is dispatched while it is written", async () => {
    const { store } = await openTold();
    const heard: Told[] = [];
    const written = deferred();
    const slow = withAppend(store, async (append) => {
      const rows = await append();
      await written.promise;
      return rows;
    });
    const notes = createRepository(Note, {
      adapter: slow,
      plugins: [{ onCommitted: (args) => void heard.push(args) }],
    });
    const note = Note.create({ body: { text: "one" } });
    const committing = notes.commit(note);
    note.edit("two");
    written.resolve();
    await committing;
    expect(heard).toMatchObject([{ events: [{ body: { text: "one" } }], state: { text: "one" } }]);
    expect(note.uncommittedEvents).toHaveLength(1);
  });

  test("A10: in copies of its own: what it does to them nobody else sees", async () => {
    const { store, listening, heard } = await openTold();
    const writing: NotePlugin = {
      onCommitted({ events, state }) {
        state.tags.push("written by a plugin");
        state.text = "written by a plugin";
        for (const event of events) Object.assign(event, { body: { text: "written by a plugin" }, eventName: "x" });
        events.length = 0;
      },
    };
    const notes = createRepository(Note, { adapter: store, plugins: [writing, listening, writing] });
    const { entity, events } = await notes.create({ entityId: "n", body: { text: "one" } });
    const clean = { text: "one", tags: [], isPublished: false };
    expect(heard).toMatchObject([{ events: [{ eventName: "note:created", body: { text: "one" } }], state: clean }]);
    expect(events).toMatchObject([{ eventName: "note:created", body: { text: "one" } }]);
    expect(entity.state).toEqual(clean);
    expect((await notes.findOneOrThrow({ entityId: "n" })).state).toEqual(clean);
  });

  test("A10: in copies down to the dates in a state", async () => {
    const { store } = await openTold();
    const schema = defineSchema("visit", {
      schema: zod({ event: { made: z.object({}) }, state: z.object({ at: z.date(), visits: z.array(z.date()) }) }),
      initialEventName: "visit:made",
    });
    const Visit = Entity(schema, () => ({ at: new Date(5), visits: [new Date(5)] }));
    const years: number[] = [];
    const writing: Plugin<typeof schema> = {
      onCommitted({ state }) {
        years.push(state.at.getUTCFullYear());
        for (const date of [state.at, ...state.visits]) date.setUTCFullYear(1999);
      },
    };
    const visits = createRepository(Visit, { adapter: store, plugins: [writing, writing] });
    const { entity } = await visits.create({ body: {} });
    expect(years).toEqual([1970, 1970]);
    expect(entity.state).toEqual({ at: new Date(5), visits: [new Date(5)] });
  });

  test("together with the others, not one after the other", async () => {
    const { store } = await openTold();
    const [first, second] = [deferred(), deferred()];
    const meet = (mine: typeof first, other: typeof first) => () => {
      mine.resolve();
      return other.promise;
    };
    // Each waits for the other: in a row they would wait for ever.
    const plugins: NotePlugin[] = [{ onCommitted: meet(first, second) }, { onCommitted: meet(second, first) }];
    await createRepository(Note, { adapter: store, plugins }).create({ body: { text: "one" } });
  });

  test("of an entity's commits in their order, also while a snapshot of the one before is being saved", async () => {
    const { store, listening, heard } = await openTold();
    const [saving, saved] = [deferred(), deferred()];
    const slow = withSaveSnapshot(store, async (save) => {
      saving.resolve();
      await saved.promise;
      await save();
    });
    const notes = createRepository(Note, { adapter: slow, plugins: [listening], snapshot: { frequency: 2 } });
    await notes.create({ entityId: "n", body: { text: "one" } });
    const second = notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    await saving.promise;
    await notes.mutate({ entityId: "n" }, (note) => note.edit("three"));
    expect(heard.map(({ state }) => state.text)).toEqual(["one", "two", "three"]);
    saved.resolve();
    await second;
  });

  test("of the commits of a transaction in their order, also where some of them are due for a snapshot", async () => {
    const { store, listening, heard } = await openTold();
    const notes = createRepository(Note, { adapter: store, plugins: [listening], snapshot: { frequency: 2 } });
    await store.transaction(async () => {
      await notes.create({ entityId: "n", body: { text: "1" } });
      for (const text of ["2", "3", "4", "5"]) await notes.mutate({ entityId: "n" }, (note) => note.edit(text));
    });
    expect(heard.map(({ state }) => state.text)).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("or not, when it does not ask to be", async () => {
    const { notes, warnings } = await openTold({ plugins: [{}] });
    await notes.create({ body: { text: "one" } });
    expect(warnings).toEqual([]);
  });
});

describe("a plugin that fails", () => {
  test("by throwing or by rejecting does not fail the commit; onPluginError hears of each, and the others run", async () => {
    const { store, listening, heard, warnings } = await openTold();
    const errors: unknown[][] = [];
    const notes = createRepository(Note, {
      adapter: store,
      plugins: [failing, rejecting, listening],
      onPluginError: (...args) => void errors.push(args),
      onWarning: (warning) => void warnings.push(warning),
    });
    const { entity } = await notes.create({ entityId: "n", body: { text: "one" } });
    expect(entity.uncommittedEvents).toEqual([]);
    expect(heard).toHaveLength(1);
    expect(errors.toSorted((a, b) => String(a[0]).length - String(b[0]).length)).toEqual([
      [new Error("the plugin broke"), failing],
      [new Error("the plugin broke later"), rejecting],
    ]);
    expect(warnings).toEqual([]);
  });

  test("is a warning where nobody asked for its errors", async () => {
    const { notes, warnings } = await openTold({ plugins: [failing, rejecting] });
    await notes.create({ entityId: "n", body: { text: "one" } });
    expect(warnings).toHaveLength(2);
    for (const warning of warnings) {
      expect(warning).toMatchObject({ name: "VentydError", code: "plugin_failed" });
      expect(warning.cause).toMatchObject({ message: expect.stringContaining("the plugin broke") });
    }
  });

  test("A9: and whose onPluginError throws is a warning", async () => {
    const { notes, warnings, store } = await openTold({
      plugins: [failing],
      onPluginError: () => {
        throw new Error("so did the handler");
      },
    });
    await notes.create({ entityId: "n", body: { text: "one" } });
    expect(warnings).toMatchObject([{ code: "plugin_failed" }]);
    expect(await told(store, "n")).toEqual(["one"]);
  });

  test("does not fail the commit though onWarning throws too", async () => {
    const { notes, store } = await openTold({
      plugins: [failing],
      onWarning: () => {
        throw new Error("this one as well");
      },
    });
    const printed = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => printed.mockRestore());
    await notes.create({ entityId: "n", body: { text: "one" } });
    expect(await told(store, "n")).toEqual(["one"]);
  });

  test("and whose handlers reject, as asynchronous functions may, ends at the process: nothing is left unhandled", async () => {
    const printed = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => printed.mockRestore());
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", onUnhandled);
    onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
    const heard: VentydError[] = [];
    const { store } = await openTold();
    const failsLater = () => Promise.reject(new Error("the handler broke later"));
    const options = { adapter: store, plugins: [failing], onPluginError: failsLater };
    const silent = createRepository(Note, { ...options, onWarning: (warning) => void heard.push(warning) });
    await silent.create({ entityId: "n", body: { text: "one" } });
    expect(heard).toMatchObject([{ code: "plugin_failed", cause: { message: "the handler broke later" } }]);
    expect(printed).not.toHaveBeenCalled();
    const loud = createRepository(Note, { ...options, onWarning: failsLater });
    await loud.create({ entityId: "m", body: { text: "one" } });
    await vi.waitFor(() => expect(printed.mock.calls).toMatchObject([[{ code: "plugin_failed" }]]));
    // Node tells of rejections that nobody took before it goes on with timers and the like.
    await new Promise(setImmediate);
    expect(unhandled).toEqual([]);
  });

  test("is told the process by default", async () => {
    const { store } = await openTold();
    const printed = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => printed.mockRestore());
    await createRepository(Note, { adapter: store, plugins: [failing] }).create({ body: { text: "one" } });
    expect(printed.mock.calls.map(([warning]) => warning)).toMatchObject([{ code: "plugin_failed" }]);
  });

  test("F6: to settle is not waited for longer than ten seconds", async () => {
    const started = deferred();
    const hanging: NotePlugin = {
      onCommitted() {
        started.resolve();
        return new Promise(() => {});
      },
    };
    const { notes, warnings, store } = await openTold({ plugins: [hanging] });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    let isCommitted = false;
    const creating = notes.create({ entityId: "n", body: { text: "one" } }).then(() => {
      isCommitted = true;
    });
    await started.promise;
    await vi.advanceTimersByTimeAsync(9_999);
    expect(isCommitted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await creating;
    expect(warnings).toMatchObject([{ code: "plugin_slow" }]);
    expect(await told(store, "n")).toEqual(["one"]);
  });

  test("leaves no timer behind when it has settled", async () => {
    const { notes } = await openTold();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    await notes.create({ body: { text: "one" } });
    expect(vi.getTimerCount()).toBe(0);
  });
});
