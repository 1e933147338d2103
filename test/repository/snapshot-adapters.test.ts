import {
  type Adapter,
  type BaseEventType,
  ConcurrencyError,
  createRepository,
  Entity,
  mutation,
  type VentydError,
} from "ventyd";
import { describe, expect, test } from "vitest";
import { rejection } from "../support/temp-database.ts";
import { Note, who } from "./note.ts";

type Asked = { entityName: string; entityId: string; afterVersion?: number };
type State = { text: string; tags: string[]; isPublished: boolean };

/** An adapter of two methods that has snapshots too, in arrays; it knows `afterVersion` or passes over it. */
function withSnapshots({ knowsAfterVersion = true }: { knowsAfterVersion?: boolean } = {}) {
  const events: BaseEventType[] = [];
  const asked = { events: [] as Asked[], snapshots: [] as object[], saved: [] as object[] };
  const memory: { snapshot: { state: State; version: number } | null } = { snapshot: null };
  const adapter: Adapter = {
    async getEventsByEntityId(args) {
      asked.events.push(args);
      const after = knowsAfterVersion ? (args.afterVersion ?? 0) : 0;
      return events.filter(({ version }) => (version ?? 0) > after) as never[];
    },
    async commitEvents({ events: given, expectedVersion = 0, entityName, entityId }) {
      if (expectedVersion !== events.length) {
        throw new ConcurrencyError({ entityName, entityId, expectedVersion, actualVersion: events.length });
      }
      events.push(...given);
    },
    async getSnapshot(args) {
      asked.snapshots.push(args);
      return memory.snapshot as never;
    },
    async saveSnapshot(args) {
      asked.saved.push(args);
      memory.snapshot = { state: args.state as State, version: args.version };
    },
    storesMetadata: true,
  };
  return { adapter, events, asked, memory };
}

const state = (text: string, ...tags: string[]): State => ({ text, tags, isPublished: false });

/** A note of three events, committed one by one, with a snapshot at each second version. */
async function openNote(options?: Parameters<typeof withSnapshots>[0]) {
  const opened = withSnapshots(options);
  const notes = createRepository(Note, { adapter: opened.adapter, snapshot: { frequency: 2 } });
  await notes.create({ entityId: "n", body: { text: "1" } });
  await notes.mutate({ entityId: "n" }, (note) => note.edit("2"));
  await notes.mutate({ entityId: "n" }, (note) => note.edit("3"));
  for (const list of Object.values(opened.asked)) list.length = 0;
  return { ...opened, notes };
}

describe("an adapter of two methods that has snapshots", () => {
  for (const snapshot of [undefined, { frequency: 100 }]) {
    test(`is asked for them by every load, exactly by name and id (snapshot: ${JSON.stringify(snapshot)})`, async () => {
      const { adapter, asked } = await openNote();
      const notes = createRepository(Note, { adapter, ...(snapshot && { snapshot }) });
      expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("3");
      expect(asked.snapshots).toEqual([{ entityName: "note", entityId: "n" }]);
      expect(asked.events).toEqual([{ entityName: "note", entityId: "n", afterVersion: 2 }]);
      await notes.mutate({ entityId: "n" }, () => {});
      await notes.findMany({ entityIds: ["n"] });
      expect(asked.snapshots).toHaveLength(3);
    });
  }

  test("is given name, id, state and version to keep, and nothing else", async () => {
    const { notes, asked } = await openNote();
    await notes.mutate({ entityId: "n" }, (note) => note.edit("4"));
    expect(asked.saved).toStrictEqual([{ entityName: "note", entityId: "n", state: state("4"), version: 4 }]);
  });

  test("is given none unless a frequency says so", async () => {
    const { adapter, asked } = await openNote();
    const notes = createRepository(Note, { adapter });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("4"));
    await notes.rollback({ entityId: "n", toVersion: 1 }, who);
    expect(asked.saved).toEqual([]);
  });

  test("C7b: may pass over afterVersion: events that the snapshot stands for are not applied again", async () => {
    const { adapter } = withSnapshots({ knowsAfterVersion: false });
    // It takes no event for the first: whatever is applied twice is counted twice.
    class Counter extends Entity(Note.schema, (state) => ({
      text: "",
      tags: [...(state?.tags ?? []), "an event"],
      isPublished: false,
    })) {
      count = mutation(this, (dispatch) => dispatch("note:published", {}));
    }
    const counters = createRepository(Counter, { adapter, snapshot: { frequency: 2 } });
    await counters.create({ entityId: "n", body: { text: "" } });
    for (const version of [2, 3, 4, 5]) {
      await counters.mutate({ entityId: "n" }, (counter) => counter.count());
      const counter = await counters.findOneOrThrow({ entityId: "n" });
      expect(counter.version).toBe(version);
      expect(counter.state.tags).toHaveLength(version);
    }
  });

  test("a snapshot without events is an entity, that can be changed", async () => {
    const { adapter, memory, events } = withSnapshots();
    memory.snapshot = { state: state("from elsewhere"), version: 7 };
    const notes = createRepository(Note, { adapter });
    const note = await notes.findOneOrThrow({ entityId: "n" });
    expect(note.toJSON()).toMatchObject({ version: 7, state: { text: "from elsewhere" } });
    note.edit("8");
    expect(note.uncommittedEvents[0]?.version).toBe(8);
    expect(events).toEqual([]);
  });

  test("C9: a snapshot whose state does not fit the schema is ignored", async () => {
    const { notes, memory } = await openNote();
    for (const garbage of [null, "garbage", { text: 5 }, {}]) {
      memory.snapshot = { state: garbage as never, version: 99 };
      expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({ version: 3, state: state("3") });
    }
  });

  test("for the past all events are read", async () => {
    const { notes, asked } = await openNote();
    expect((await notes.findOneOrThrow({ entityId: "n", version: 1 })).state.text).toBe("1");
    expect((await notes.findOneOrThrow({ entityId: "n", version: 3 })).state.text).toBe("3");
    expect((await notes.findOneOrThrow({ entityId: "n", at: new Date() })).state.text).toBe("3");
    expect(await notes.history({ entityId: "n" })).toHaveLength(3);
    expect(asked.events.every(({ afterVersion }) => afterVersion === undefined)).toBe(true);
  });

  test("goes back below its snapshot for a rollback, and keeps one of that", async () => {
    const { notes, adapter, asked, memory } = await openNote();
    const quiet = createRepository(Note, { adapter });
    await quiet.rollback({ entityId: "n", toVersion: 1 }, who);
    expect(memory.snapshot?.version).toBe(2);
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({ version: 4, state: state("1") });
    await notes.rollback({ entityId: "n", toVersion: 3 }, who);
    expect(asked.saved).toStrictEqual([{ entityName: "note", entityId: "n", state: state("3"), version: 5 }]);
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({ version: 5, state: state("3") });
  });

  test("is neither shown nor given anything that an entity still writes into", async () => {
    const { notes, memory } = await openNote();
    memory.snapshot = { state: state("3", "kept"), version: 3 };
    const note = await notes.findOneOrThrow({ entityId: "n" });
    (note.state.tags as string[]).push("written");
    expect(memory.snapshot.state.tags).toEqual(["kept"]);
    memory.snapshot = null;
    const { entity } = await notes.mutate({ entityId: "n" }, (found) => found.tag("4"));
    (memory.snapshot as { state: State } | null)?.state.tags.push("written");
    expect(entity.state.tags).toEqual(["4"]);
  });

  test("A5: a stale writer is refused, and what it would have written is in no snapshot", async () => {
    const { notes, memory } = await openNote();
    const [first, second] = [
      await notes.findOneOrThrow({ entityId: "n" }),
      await notes.findOneOrThrow({ entityId: "n" }),
    ];
    first.edit("first");
    second.edit("second");
    await notes.commit(first);
    expect(await rejection(notes.commit(second))).toBeInstanceOf(ConcurrencyError);
    expect(memory.snapshot).toEqual({ state: state("first"), version: 4 });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("first");
  });

  test("A8: that fails to keep one does not fail the commit", async () => {
    const { adapter, events } = withSnapshots();
    adapter.saveSnapshot = () => Promise.reject(new Error("no room"));
    const warnings: VentydError[] = [];
    const onWarning = (warning: VentydError) => void warnings.push(warning);
    const notes = createRepository(Note, { adapter, snapshot: { frequency: 1 }, onWarning });
    await notes.create({ entityId: "n", body: { text: "1" } });
    expect(events).toHaveLength(1);
    expect(warnings).toMatchObject([{ code: "snapshot_failed", cause: { message: "no room" } }]);
  });

  for (const missing of ["getSnapshot", "saveSnapshot"] as const) {
    test(`may lack ${missing}`, async () => {
      const { adapter } = withSnapshots();
      delete adapter[missing];
      const notes = createRepository(Note, { adapter, snapshot: { frequency: 1 } });
      await notes.create({ entityId: "n", body: { text: "1" } });
      await notes.mutate({ entityId: "n" }, (note) => note.edit("2"));
      expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({ version: 2, state: state("2") });
    });
  }
});
