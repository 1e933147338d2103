import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { describe, expect, test, vi } from "vitest";
import { commitOf, ids, noon, readAll, storedIds, take, thing, write } from "../../src/testing/contract/events.ts";
import { Note } from "../repository/note.ts";
import { deferred, rejection } from "../support/promises.ts";

describe("createMemoryStore", () => {
  test("needs nothing: no options, no migration", async () => {
    const store = createMemoryStore();
    const notes = createRepository(Note, { adapter: store });
    await notes.create({ entityId: "n", body: { text: "hello" } });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("hello");
  });

  test.for([
    { maxBodyBytes: 0 },
    { maxBodyBytes: 1.5 },
    { maxBodyBytes: 16 * 1024 * 1024 + 1 },
    { attribution: "all" as never },
  ])("refuses %j", (options) => {
    expect(() => createMemoryStore(options)).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });

  test("says that nothing survives, and why", async () => {
    expect(await createMemoryStore().status()).toEqual({
      frontier: 0,
      schemaVersion: 0,
      durability: { survives: "none", because: "the store is in memory" },
      openTransaction: undefined,
    });
  });

  test("keeps each store's contents to itself", async () => {
    const [one, two] = [createMemoryStore(), createMemoryStore()];
    await write(one, commitOf("t", 0, ["a"]));
    expect(await readAll(two)).toEqual([]);
    await write(two, commitOf("t", 0, ["a"]));
  });
});

describe("what is stored", () => {
  test("is a text: it does not change with what was handed in", async () => {
    const store = createMemoryStore();
    const body = { list: [1] };
    const metadata = { actor: "alice", custom: { a: 1 } };
    const state = { list: [1] };
    const [release, begun] = [deferred(), deferred()];
    const blocking = store.transaction(async () => {
      begun.resolve();
      await release.promise;
    });
    await begun.promise;
    // These wait for their turn, and are changed meanwhile.
    const append = store.append([commitOf("t", 0, [{ body, metadata }])]);
    const save = store.saveSnapshot({ ...thing, version: 1, state });
    body.list.push(2);
    metadata.custom.a = 2;
    state.list.push(2);
    release.resolve();
    await Promise.all([blocking, append, save]);
    body.list.push(3);
    expect(await store.loadHistory(thing)).toMatchObject([{ body: { list: [1] }, metadata: { custom: { a: 1 } } }]);
    expect(await store.getSnapshot(thing)).toEqual({ version: 1, state: { list: [1] } });
  });

  test("is read anew each time: no two answers share anything", async () => {
    const store = createMemoryStore();
    const event = { body: { list: [1] }, metadata: { actor: "alice", custom: { a: [1] } } };
    await write(store, commitOf("t", 0, [event], { idempotencyKey: "k" }));
    await store.saveSnapshot({ ...thing, version: 1, state: { list: [1] } });
    const answers: Record<string, () => Promise<unknown>> = {
      load: () => store.load(thing),
      loadHistory: () => store.loadHistory(thing),
      read: () => readAll(store),
      findByIdempotencyKey: () => store.findByIdempotencyKey({ ...thing, idempotencyKey: "k" }),
      getSnapshot: () => store.getSnapshot(thing),
      entities: () => store.entities({ entityName: "thing" }),
      getEventsByEntityId: () => store.getEventsByEntityId(thing),
    };
    const objectsIn = (value: unknown): object[] =>
      typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
    const seen = new Set<object>();
    for (const [name, answer] of Object.entries(answers)) {
      const expected = structuredClone(await answer());
      for (let time = 0; time < 2; time++) {
        const value = await answer();
        expect(value, name).toEqual(expected);
        for (const object of objectsIn(value)) {
          expect(seen.has(object), name).toBe(false);
          seen.add(object);
          for (const key of Object.keys(object)) delete (object as Record<string, unknown>)[key];
        }
      }
    }
  });

  test("is what JSON makes of it, as it would be on a disk", async () => {
    const store = createMemoryStore();
    const body = { at: new Date(0), nothing: undefined, list: [undefined], zero: -0, some: new Map([[1, 2]]) };
    await write(store, commitOf("t", 0, [{ body: body as never }]));
    const [event] = await store.load(thing);
    expect(event?.body).toStrictEqual({ at: "1970-01-01T00:00:00.000Z", list: [null], zero: 0, some: {} });
    await store.saveSnapshot({ ...thing, version: 1, state: body });
    expect((await store.getSnapshot(thing))?.state).toStrictEqual(event?.body);
  });
});

describe("writers", () => {
  test("have their turn in the order of their calls, however the calls reach the store", async () => {
    const store = createMemoryStore();
    const [begun, release] = [deferred(), deferred()];
    const done: string[] = [];
    const append = (id: string) => write(store, commitOf("t", "any", [id])).then(() => done.push(id));
    const first = store.transaction(async () => {
      begun.resolve();
      await release.promise;
    });
    await begun.promise;
    const waiting = [
      append("a"),
      store.transaction(() => write(store, commitOf("t", "any", ["b"]))).then(() => done.push("b")),
      append("c"),
    ];
    release.resolve();
    await Promise.all([first, ...waiting, append("d")]);
    expect(await storedIds(store, "t")).toEqual(["a", "b", "c", "d"]);
    expect(done).toEqual(["a", "b", "c", "d"]);
  });

  test("are not kept out by a transaction that was open for too long", async () => {
    vi.useFakeTimers();
    try {
      const store = createMemoryStore();
      const work = rejection(store.transaction(() => new Promise<never>(() => {}), { timeout: 100 }));
      const waiting = write(store, commitOf("t", 0, ["a"]));
      await vi.advanceTimersByTimeAsync(99);
      expect(await readAll(store)).toEqual([]);
      expect((await store.status()).openTransaction).toEqual({ ageMs: 99 });
      await vi.advanceTimersByTimeAsync(1);
      expect(await work).toMatchObject({ code: "transaction_timeout" });
      expect(await waiting).toHaveLength(1);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("find the lock free after what waited for the end of a transaction has written", async () => {
    const store = createMemoryStore();
    const notes = createRepository(Note, { adapter: store, snapshot: { frequency: 1 } });
    await store.transaction(() => notes.create({ entityId: "n", body: { text: "one" } }));
    expect(await write(store, commitOf("t", 0, ["a"]))).toHaveLength(1);
    expect((await store.status()).openTransaction).toBeUndefined();
  });
});

describe("a subscription", () => {
  test("is woken by what is stored, and keeps no timer running", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "setInterval"] });
    try {
      const store = createMemoryStore();
      const events = store.subscribe();
      const next = events.next();
      await store.status();
      expect(vi.getTimerCount()).toBe(0);
      await write(store, commitOf("t", 0, ["a"]));
      expect((await next).value).toMatchObject({ eventId: "a" });
    } finally {
      vi.useRealTimers();
    }
  });

  test("is woken at the end of a transaction, by each kind of write and by nothing that was taken back", async () => {
    const store = createMemoryStore();
    const events = store.subscribe();
    const attempt = store.transaction(async () => {
      await write(store, commitOf("t", 0, ["never"]));
      throw new Error("aborted");
    });
    await rejection(attempt);
    const next = take(events, 4);
    await store.transaction(() => write(store, commitOf("t", 0, ["a"])));
    await write(store, commitOf("t", 1, ["b"]));
    await store.import([
      { ...thing, eventId: "c", eventName: "thing:happened", eventCreatedAt: noon, body: {}, version: 3 },
    ]);
    await store.erase(thing, { actor: "alice", reason: "because" });
    expect(ids(await next).slice(0, 3)).toEqual(["a", "b", "c"]);
    expect((await next)[3]).toMatchObject({ eventName: "thing:$erased", version: 4 });
  });
});

describe("entities", () => {
  test("created in any order, some of them between two pages, stand in the order of their UTF-8 bytes", async () => {
    const store = createMemoryStore();
    const texts = ["b", "\u{1f600}", "\uff5e", "a", "\u00e9", "\u{1f601}", "\uffff", "aa"];
    const listed: string[] = [];
    const page = async () => {
      const after = listed.at(-1);
      const found = await store.entities({ entityName: "thing", limit: 2, ...(after !== undefined && { after }) });
      listed.push(...found.map(({ entityId }) => entityId));
    };
    for (const id of texts) await write(store, commitOf(id, 0, [{}]));
    await page();
    // One before what has been listed, one behind.
    await write(store, commitOf("A", 0, [{}]));
    await write(store, commitOf("\ue000", 0, [{}]));
    for (let n = 0; n < 5; n++) await page();
    expect(listed).toEqual(["a", "aa", "b", "\u00e9", "\ue000", "\uff5e", "\uffff", "\u{1f600}", "\u{1f601}"]);
  });
});
