import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ConcurrencyError, createRepository, EntityErasedError, EntityExistsError } from "ventyd";
import { describe, expect, test } from "vitest";
import { deferred, openStore, rejection } from "../support/temp-database.ts";
import { Note, openNotes, told, who } from "./note.ts";

const n = { entityName: "note", entityId: "n" };
const officer = { actor: "officer", reason: "asked by the person" };

/** Two notes; the one called "n" has four events, a rollback among them, and is then erased. */
async function openErased(options: { snapshots?: boolean } = {}) {
  const opened = await openNotes();
  const { store } = opened;
  const notes = createRepository(Note, { adapter: store, ...(options.snapshots && { snapshot: { frequency: 1 } }) });
  await notes.create({ entityId: "other", body: { text: "other" } }, who);
  await notes.create({ entityId: "n", body: { text: "one" } }, { ...who, metadata: { ip: "::1" } });
  await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), { actor: "bob" });
  await notes.rollback({ entityId: "n", toVersion: 1 }, who);
  await notes.mutate({ entityId: "n" }, (note) => note.publish());
  const stale = await notes.findOneOrThrow({ entityId: "n" });
  const preview = await notes.preview({ entityId: "n" }, (note) => note.edit("previewed"));
  const answer = await store.erase(n, officer);
  return { ...opened, notes, stale, preview, answer };
}

describe("an erased entity", () => {
  for (const snapshots of [false, true]) {
    test(`is EntityErasedError in every verb that needs a state${snapshots ? ", with snapshots too" : ""}`, async () => {
      const { notes, answer, preview } = await openErased({ snapshots });
      const later = "9999-01-01T00:00:00Z";
      const entityId = "n";
      let ran = false;
      const work = () => {
        ran = true;
      };
      const verbs = [
        () => notes.findOne({ entityId }),
        () => notes.findOne({ entityId, version: 1 }),
        () => notes.findOne({ entityId, version: 4 }),
        () => notes.findOne({ entityId, at: later }),
        () => notes.findOne({ entityId, knownAt: later }),
        () => notes.findOne({ entityId, position: answer.position as number }),
        () => notes.findOne({ entityId, position: (answer.position as number) - 1 }),
        () => notes.findOneOrThrow({ entityId }),
        () => notes.findMany({ entityIds: ["other", entityId] }),
        () => notes.mutate({ entityId }, work),
        () => notes.preview({ entityId }, work),
        () => notes.commit(preview),
        () => notes.previewRollback({ entityId, toVersion: 1 }),
        () => notes.rollback({ entityId, toVersion: 1 }, who),
        () => notes.rollback({ entityId, toVersion: 4 }, who),
        () => notes.diff({ entityId, from: 1, to: 2 }),
        () => notes.diff({ entityId, from: 0, to: 5 }),
      ];
      for (const verb of verbs) {
        const error = await rejection(verb());
        expect(error, String(verb)).toBeInstanceOf(EntityErasedError);
        expect(error, String(verb)).toMatchObject({ code: "entity_erased", ...n });
      }
      expect(ran).toBe(false);
    });
  }

  test("has a history of who, when and why; what it was is gone", async () => {
    const { notes } = await openErased();
    const history = await notes.history({ entityId: "n" });
    expect(history.map(({ event: { version, eventName, metadata } }) => [version, eventName, metadata])).toEqual([
      [1, "note:created", who],
      [2, "note:edited", { actor: "bob" }],
      [3, "note:$rolled_back", who],
      [4, "note:published", {}],
      [5, "note:$erased", officer],
    ]);
    for (const entry of history) {
      expect(entry).toMatchObject({ before: null, after: null, changes: [], event: { body: null } });
      expect(entry.event.eventCreatedAt).toMatch(/Z$/);
    }
  });

  test("has pages of its history", async () => {
    const { notes } = await openErased();
    const page = await notes.history({ entityId: "n", after: 1, before: 5, limit: 2, order: "desc" });
    expect(page.map(({ event, after }) => [event.version, after])).toEqual([
      [4, null],
      [3, null],
    ]);
  });

  test("keeps its id: nobody can be created under it", async () => {
    const { notes, store } = await openErased();
    const error = await rejection(notes.create({ entityId: "n", body: { text: "new" } }));
    expect(error).toBeInstanceOf(EntityExistsError);
    expect(error).toMatchObject({ actualVersion: 5 });
    expect(await store.load(n)).toHaveLength(5);
  });

  test("cannot be changed by whoever loaded it before, and their next load says why", async () => {
    const { notes, stale } = await openErased();
    stale.edit("late");
    const error = await rejection(notes.commit(stale));
    expect(error).toBeInstanceOf(ConcurrencyError);
    expect(error).toMatchObject({ expectedVersion: 4, actualVersion: 5 });
    expect(stale.uncommittedEvents).toHaveLength(1);
  });

  test("is found out by a mutation that runs while it is erased", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    let ran = 0;
    const mutating = notes.mutate({ entityId: "n" }, async (note) => {
      if (++ran === 1) await store.erase(n, officer);
      note.edit("two");
    });
    expect(await rejection(mutating)).toBeInstanceOf(EntityErasedError);
    expect(ran).toBe(1);
  });

  test("leaves all others as they were", async () => {
    const { notes, store } = await openErased({ snapshots: true });
    expect((await notes.findOneOrThrow({ entityId: "other" })).state.text).toBe("other");
    expect(await notes.mutate({ entityId: "other" }, (note) => note.edit("changed"))).toMatchObject({ version: 2 });
    expect(await told(store, "other")).toEqual(["other", "changed"]);
    expect((await notes.history({ entityId: "other" })).map(({ after }) => after)).toMatchObject([
      { text: "other" },
      { text: "changed" },
    ]);
  });

  test("inside a transaction is erased with it, or not at all", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const erase = (fails: boolean) =>
      store.transaction(async () => {
        await store.erase(n, officer);
        expect(await rejection(notes.findOne({ entityId: "n" }))).toBeInstanceOf(EntityErasedError);
        if (fails) throw new Error("aborted");
      });
    await rejection(erase(true));
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({
      version: 1,
      state: { text: "one" },
    });
    await erase(false);
    expect(await rejection(notes.findOne({ entityId: "n" }))).toBeInstanceOf(EntityErasedError);
  });
});

describe("the snapshots of an erased entity", () => {
  test("are gone", async () => {
    const { database } = await openErased({ snapshots: true });
    const ids = database.prepare("SELECT DISTINCT entity_id FROM ventyd_snapshots").pluck().all();
    expect(ids).toEqual(["other"]);
  });

  test("do not come back by a commit that was still keeping one", async () => {
    const { store, database } = await openNotes();
    const [saving, erased] = [deferred(), deferred()];
    const slow = new Proxy(store, {
      get(target, key) {
        const value = Reflect.get(target, key, target) as unknown;
        if (key === "saveSnapshot") {
          return async (args: Parameters<typeof target.saveSnapshot>[0]) => {
            saving.resolve();
            await erased.promise;
            return target.saveSnapshot(args);
          };
        }
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const notes = createRepository(Note, { adapter: slow, snapshot: { frequency: 1 }, onWarning: () => {} });
    const creating = notes.create({ entityId: "n", body: { text: "personal" } });
    await saving.promise;
    await store.erase(n, officer);
    erased.resolve();
    await creating;
    expect(database.prepare("SELECT count(*) FROM ventyd_snapshots").pluck().get()).toBe(0);
    expect(await rejection(notes.findOne({ entityId: "n" }))).toBeInstanceOf(EntityErasedError);
  });
});

describe("the bytes of what was erased", () => {
  const secret = "Mrs. Marker of 17 Hidden Lane";
  /** How many of the files of a database hold the secret. */
  const traces = (file: string) =>
    readdirSync(path.dirname(file)).filter((name) =>
      readFileSync(path.join(path.dirname(file), name)).includes(secret),
    );

  for (const journal of ["WAL", "DELETE"] as const) {
    for (const [size, text] of [
      ["short", secret],
      ["large", `${secret} ${"x".repeat(20_000)} ${secret}`],
    ] as const) {
      test(`are gone from the file, ${size} ones, in journal mode ${journal}`, async () => {
        const { store, database, file } = await openStore({ journal });
        const notes = createRepository(Note, { adapter: store, snapshot: { frequency: 1 }, onWarning: () => {} });
        await notes.create({ entityId: "n", body: { text: "one" } }, { metadata: { name: text } });
        for (const _ of [1, 2, 3])
          await notes.mutate({ entityId: "n" }, (note) => note.tag(text), { metadata: { name: text } });
        await notes.create({ entityId: "other", body: { text: "other" } });
        expect(traces(file)).not.toEqual([]);
        expect(database.prepare("SELECT count(*) FROM ventyd_snapshots WHERE entity_id = 'n'").pluck().get()).toBe(2);
        await store.erase(n, officer);
        if (journal === "WAL") database.pragma("wal_checkpoint(TRUNCATE)");
        expect(traces(file)).toEqual([]);
        expect((await notes.findOneOrThrow({ entityId: "other" })).state.text).toBe("other");
      });
    }

    for (const isJoined of [false, true]) {
      const where = isJoined ? " inside a transaction of the application" : "";
      test(`are gone too where an import${where} says that it was erased, in journal mode ${journal}`, async () => {
        const [source, target] = [await openStore(), await openStore({ journal })];
        const text = `${secret} ${"x".repeat(20_000)} ${secret}`;
        const notes = createRepository(Note, { adapter: source.store });
        await notes.create({ entityId: "n", body: { text: "one" } });
        for (const _ of [1, 2, 3]) await notes.mutate({ entityId: "n" }, (note) => note.tag(text));
        await target.store.import(source.store.read());
        expect(traces(target.file)).not.toEqual([]);
        await source.store.erase(n, officer);
        if (isJoined) target.database.exec("BEGIN IMMEDIATE");
        await target.store.import(source.store.read(), isJoined ? { transaction: target.database } : {});
        if (isJoined) target.database.exec("COMMIT");
        expect(target.database.prepare("SELECT count(*) FROM ventyd_log").pluck().get()).toBe(5);
        if (journal === "WAL") target.database.pragma("wal_checkpoint(TRUNCATE)");
        expect(traces(target.file)).toEqual([]);
      });
    }
  }
});
