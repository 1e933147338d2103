import {
  type Adapter,
  createRepository,
  defineReducer,
  defineSchema,
  Entity,
  type EventStore,
  IdempotencyMismatchError,
  UnsupportedError,
} from "ventyd";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { readAll, upTo } from "../contract/events.ts";
import { deferred, rejection } from "../support/temp-database.ts";
import { Note, openNotes, told, who, withAppend } from "./note.ts";

const key = { idempotencyKey: "k" };

/** A note that is stored with one event. */
async function openNote() {
  const opened = await openNotes();
  await opened.notes.create({ entityId: "n", body: { text: "one" } });
  return opened;
}

/** A store that does `first` before its first call of `method` goes on. */
function doingFirst<TStore extends EventStore>(store: TStore, method: keyof EventStore, first: () => Promise<unknown>) {
  let isDone = false;
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function") return value;
      if (name !== method) return value.bind(target);
      return async (...args: unknown[]) => {
        if (!isDone) {
          isDone = true;
          await first();
        }
        return value.apply(target, args);
      };
    },
  });
}

describe("mutate with an idempotency key that was used before", () => {
  test("does not run, and answers with what the first call stored", async () => {
    const { notes, store } = await openNote();
    const work = (note: Note) => {
      note.edit("two");
      note.tag("red");
      return "result";
    };
    const first = await notes.mutate({ entityId: "n" }, work, { ...who, ...key });
    expect(first).toMatchObject({ result: "result", version: 3, duplicate: false });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("three"));

    let ran = 0;
    const again = await notes.mutate({ entityId: "n" }, () => ++ran, key);
    const { entity, ...answer } = again;
    const { version, position, events } = first;
    expect(ran).toBe(0);
    expect(answer).toEqual({ result: undefined, duplicate: true, version, position, events });
    expect(entity).toBeInstanceOf(Note);
    expect(entity).toMatchObject({ version: 4, state: { text: "three", tags: ["red"] } });
    expect(await told(store, "n")).toEqual(["one", "two", "red", "three"]);
  });

  test("gives an entity that can be changed and committed", async () => {
    const { notes, store } = await openNote();
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
    const { entity } = await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
    entity.edit("three");
    await notes.commit(entity);
    expect(await told(store, "n")).toEqual(["one", "two", "three"]);
  });

  test("answers the same whatever version it expects and whatever it would do", async () => {
    const { notes, store } = await openNote();
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
    const answer = await notes.mutate({ entityId: "n", expectedVersion: 1 }, (note) => note.publish(), key);
    expect(answer).toMatchObject({ duplicate: true, version: 2, events: [{ eventName: "note:edited" }] });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("in another entity runs: the key belongs to its entity", async () => {
    const { notes, store } = await openNote();
    await notes.create({ entityId: "m", body: { text: "other" } });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
    const answer = await notes.mutate({ entityId: "m" }, (note) => note.edit("two"), key);
    expect(answer).toMatchObject({ duplicate: false, version: 2 });
    expect(await told(store, "m")).toEqual(["other", "two"]);
  });

  test("by a mutation that dispatched nothing runs again, for nothing was kept", async () => {
    const { notes, store } = await openNote();
    const idle = await notes.mutate({ entityId: "n" }, () => "idle", key);
    expect(idle).toMatchObject({ result: "idle", events: [], duplicate: false, position: undefined });
    const active = await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
    expect(active).toMatchObject({ version: 2, duplicate: false });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("by a mutation that failed runs again", async () => {
    const { notes } = await openNote();
    const failing = notes.mutate(
      { entityId: "n" },
      (note) => {
        note.edit("two");
        throw new Error("no");
      },
      key,
    );
    expect((await rejection(failing)).message).toBe("no");
    expect(await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key)).toMatchObject({ duplicate: false });
  });

  test("inside a transaction finds what that transaction has stored, and what was aborted is forgotten", async () => {
    const { notes, store } = await openNote();
    const twice = async () => {
      await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
      return notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
    };
    const aborted = store.transaction(async () => {
      expect(await twice()).toMatchObject({ duplicate: true, version: 2 });
      throw new Error("aborted");
    });
    await rejection(aborted);
    expect(await store.transaction(twice)).toMatchObject({ duplicate: true, version: 2, entity: { version: 2 } });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });
});

describe("of two racing calls with one key", () => {
  test("one writes, and the other answers like a hit, though it may not retry", async () => {
    const { notes, store } = await openNote();
    const both = deferred();
    let running = 0;
    const call = (text: string) =>
      notes.mutate(
        { entityId: "n" },
        async (note) => {
          note.edit(text);
          if (++running === 2) both.resolve();
          await both.promise;
          return text;
        },
        { ...key, retries: 0 },
      );
    const answers = await Promise.all([call("a"), call("b")]);
    const winner = answers.find(({ duplicate }) => !duplicate);
    const loser = answers.find(({ duplicate }) => duplicate);
    expect(loser).toMatchObject({ version: 2, position: winner?.position, events: winner?.events });
    expect(winner?.result).toBe(winner?.entity.state.text);
    expect(loser?.result).toBeUndefined();
    expect(loser?.entity).toMatchObject({ version: 2, state: winner?.entity.state, uncommittedEvents: [] });
    expect(await told(store, "n")).toEqual(["one", winner?.result]);
  });

  test("the one that would have dispatched something else answers like a hit too", async () => {
    const { notes, store } = await openNote();
    const answer = await notes.mutate(
      { entityId: "n" },
      async (note) => {
        await notes.mutate({ entityId: "n" }, (other) => other.tag("red"), key);
        note.edit("two");
      },
      key,
    );
    expect(answer).toMatchObject({ duplicate: true, version: 2, entity: { state: { tags: ["red"], text: "one" } } });
    expect(await told(store, "n")).toEqual(["one", "red"]);
  });

  for (const method of ["load", "findByIdempotencyKey"] as const) {
    test(`the one that came first is seen wherever it comes between: before ${method}`, async () => {
      const { notes, store } = await openNote();
      const publish = (note: Note) => {
        if (note.state.isPublished) throw new Error("it is published already");
        note.publish();
      };
      const overtaken = doingFirst(store, method, () => notes.mutate({ entityId: "n" }, publish, key));
      const answer = await createRepository(Note, { adapter: overtaken }).mutate({ entityId: "n" }, publish, key);
      expect(answer).toMatchObject({
        duplicate: true,
        version: 2,
        entity: { version: 2, state: { isPublished: true } },
      });
      expect(await readAll(store)).toHaveLength(2);
    });
  }

  test("of twenty one writes", async () => {
    const { notes, store } = await openNote();
    const answers = await Promise.all(
      upTo(20).map((n) => notes.mutate({ entityId: "n" }, (note) => note.edit(`${n}`), { ...key, retries: 0 })),
    );
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(answers.map(({ entity }) => entity.state.text)).size).toBe(1);
    expect(await told(store, "n")).toHaveLength(2);
  });

  test("with another writer in between one still writes once", async () => {
    const { notes, store } = await openNote();
    const calls = upTo(3).map((n) => notes.mutate({ entityId: "n" }, (note) => note.tag(`other ${n}`)));
    const racing = upTo(2).map(() => notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key));
    await Promise.all([...calls, ...racing]);
    const texts = await told(store, "n");
    expect(texts.toSorted()).toEqual(["one", "other 1", "other 2", "other 3", "two"]);
  });
});

describe("create with an idempotency key", () => {
  test("twice creates once; the second answers with what is stored now", async () => {
    const { notes, store } = await openNotes();
    const first = await notes.create({ entityId: "n", body: { text: "one" } }, key);
    expect(first.duplicate).toBe(false);
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    const second = await notes.create({ entityId: "n", body: { text: "another" } }, key);
    const { events, position } = first;
    expect(second).toMatchObject({ duplicate: true, version: 1, events, position });
    expect(second.entity).toMatchObject({ version: 2, state: { text: "two" }, uncommittedEvents: [] });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("of two that race creates once", async () => {
    const { notes, store } = await openNotes();
    const answers = await Promise.all(["a", "b"].map((text) => notes.create({ entityId: "n", body: { text } }, key)));
    expect(answers.map(({ duplicate }) => duplicate).toSorted()).toEqual([false, true]);
    expect(answers[0]?.entity.state).toEqual(answers[1]?.entity.state);
    expect(await told(store, "n")).toEqual([answers[0]?.entity.state.text]);
  });

  test("of an id that is taken by somebody else is refused", async () => {
    const { notes } = await openNote();
    expect(await rejection(notes.create({ entityId: "n", body: { text: "x" } }, key))).toMatchObject({
      code: "entity_exists",
    });
  });

  test("of another initial event under the same key is a mismatch", async () => {
    const { store } = await openNotes();
    const schema = defineSchema("order", {
      schema: zod({ event: { placed: z.object({}), imported: z.object({}) }, state: z.object({}) }),
      initialEventName: ["order:placed", "order:imported"],
    });
    const Order = Entity(
      schema,
      defineReducer(schema, () => ({})),
    );
    const orders = createRepository(Order, { adapter: store });
    await orders.create({ entityId: "o", body: {} }, key);
    const other = orders.create({ entityId: "o", eventName: "order:imported", body: {} }, key);
    expect(await rejection(other)).toBeInstanceOf(IdempotencyMismatchError);
  });
});

describe("commit with an idempotency key", () => {
  test("that stands for events of other names is a mismatch, and keeps the queue", async () => {
    const { notes, store } = await openNote();
    const note = await notes.findOneOrThrow({ entityId: "n" });
    note.edit("two");
    await notes.commit(note, key);
    note.tag("red");
    const error = await rejection(notes.commit(note, key));
    expect(error).toBeInstanceOf(IdempotencyMismatchError);
    expect(error).toMatchObject({ code: "idempotency_mismatch", entityName: "note", entityId: "n", ...key });
    expect(note.uncommittedEvents).toHaveLength(1);
    expect(await notes.commit(note, { idempotencyKey: "other" })).toMatchObject({ duplicate: false, version: 3 });
    expect(await told(store, "n")).toEqual(["one", "two", "red"]);
  });

  test("of the same names by another instance is answered with the first, and clears the queue", async () => {
    const { notes, store } = await openNote();
    const first = await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
    const note = await notes.findOneOrThrow({ entityId: "n" });
    note.edit("other");
    const { events, position } = first;
    expect(await notes.commit(note, key)).toEqual({ duplicate: true, version: 2, events, position });
    expect(note.uncommittedEvents).toEqual([]);
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("the entity of which was not what is stored cannot be committed over it afterwards", async () => {
    const { notes, store } = await openNote();
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), key);
    const note = await notes.findOneOrThrow({ entityId: "n", version: 1 });
    expect(note.version).toBe(1);
    const stale = await notes.findOneOrThrow({ entityId: "n" });
    stale.edit("never stored");
    await notes.commit(stale, key);
    stale.tag("based on what never was");
    expect(await rejection(notes.commit(stale))).toMatchObject({ code: "concurrency_conflict" });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("whose answer was lost, made again, is a duplicate and clears the queue", async () => {
    const { store } = await openNote();
    let isLost = true;
    const lossy = withAppend(store, async (append) => {
      const rows = await append();
      if (isLost) throw new Error("connection reset");
      return rows;
    });
    const notes = createRepository(Note, { adapter: lossy });
    const note = await notes.findOneOrThrow({ entityId: "n" });
    note.edit("two");
    expect((await rejection(notes.commit(note, key))).message).toBe("connection reset");
    expect(note.uncommittedEvents).toHaveLength(1);
    isLost = false;
    expect(await notes.commit(note, key)).toMatchObject({ duplicate: true, version: 2 });
    expect(note.uncommittedEvents).toEqual([]);
    note.tag("red");
    await notes.commit(note);
    expect(await told(store, "n")).toEqual(["one", "two", "red"]);
  });

  test("of several entities gives each the key, so that all of it can be sent again", async () => {
    const { notes, store } = await openNotes();
    const made = () => ["a", "b"].map((entityId) => Note.create({ entityId, body: { text: entityId } }));
    await notes.commit(made(), key);
    for (const entityId of ["a", "b"]) {
      const found = await store.findByIdempotencyKey({ entityName: "note", entityId, ...key });
      expect(found).toMatchObject([{ entityId, version: 1 }]);
    }
    const again = await notes.commit(made(), key);
    expect(again.map(({ duplicate }) => duplicate)).toEqual([true, true]);
    expect(await readAll(store)).toHaveLength(2);
  });

  test("stands on the first of its events, and finds all of them", async () => {
    const { notes, store } = await openNote();
    const { events } = await notes.mutate(
      { entityId: "n" },
      (note) => {
        note.edit("two");
        note.tag("red");
      },
      key,
    );
    expect(await store.findByIdempotencyKey({ entityName: "note", entityId: "n", ...key })).toEqual(events);
    expect(events.every(({ metadata }) => !("idempotencyKey" in metadata))).toBe(true);
  });
});

describe("rollback with an idempotency key", () => {
  async function openEdited() {
    const opened = await openNote();
    await opened.notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    return opened;
  }

  test("twice rolls back once", async () => {
    const { notes } = await openEdited();
    const target = { entityId: "n", toVersion: 1 };
    const first = await notes.rollback(target, { ...who, ...key });
    expect(await notes.rollback(target, { ...who, ...key })).toEqual({ ...first, duplicate: true });
    expect(await notes.findOneOrThrow({ entityId: "n" })).toMatchObject({ version: 3, state: { text: "one" } });
  });

  test("of two that race rolls back once, and tells plugins once", async () => {
    const { store } = await openEdited();
    const told: string[] = [];
    const plugin = {
      onCommitted: ({ events }: { events: { eventId: string }[] }) => void told.push(`${events[0]?.eventId}`),
    };
    const notes = createRepository(Note, { adapter: store, plugins: [plugin] });
    const target = { entityId: "n", toVersion: 1 };
    const answers = await Promise.all(upTo(2).map(() => notes.rollback(target, { ...who, ...key })));
    expect(answers.map(({ duplicate }) => duplicate).toSorted()).toEqual([false, true]);
    expect(answers[0]?.events).toEqual(answers[1]?.events);
    expect(await readAll(store)).toHaveLength(3);
    expect(told).toEqual([answers[0]?.events[0]?.eventId]);
  });
});

test("over an adapter of two methods an idempotency key is unsupported, in every verb, and nothing is written", async () => {
  const stored: unknown[] = [];
  const adapter: Adapter = {
    getEventsByEntityId: async () => stored as never[],
    commitEvents: async ({ events }) => void stored.push(...events),
    storesMetadata: true,
  };
  const notes = createRepository(Note, { adapter });
  await notes.create({ entityId: "n", body: { text: "one" } });
  await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
  const note = await notes.findOneOrThrow({ entityId: "n" });
  note.edit("three");
  let ran = false;
  const work = () => {
    ran = true;
  };
  const attempts = [
    notes.create({ entityId: "m", body: { text: "one" } }, key as object),
    notes.mutate({ entityId: "n" }, work, key as object),
    notes.commit(note, key as object),
    notes.rollback({ entityId: "n", toVersion: 1 }, { ...who, ...(key as object) }),
  ];
  for (const attempt of attempts) expect(await rejection(attempt)).toBeInstanceOf(UnsupportedError);
  expect(ran).toBe(false);
  expect(stored).toHaveLength(2);
  expect(note.uncommittedEvents).toHaveLength(1);
});
