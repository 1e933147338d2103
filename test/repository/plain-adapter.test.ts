import {
  type Adapter,
  AttributionError,
  type BaseEventType,
  ConcurrencyError,
  createRepository,
  defineReducer,
  defineSchema,
  Entity,
  mutation,
  UnsupportedError,
  withAttribution,
} from "ventyd";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { openStore, rejection } from "../support/temp-database.ts";
import { Note, who } from "./note.ts";

type Commit = Parameters<Adapter["commitEvents"]>[0];

/** The smallest adapter, as a user might write it: it keeps what it is given, and gives out what it keeps. */
function inMemory({ storesMetadata, checked = false }: { storesMetadata?: boolean; checked?: boolean } = {}) {
  const streams = new Map<string, BaseEventType[]>();
  const commits: Commit[] = [];
  const streamOf = (entityName: string, entityId: string): BaseEventType[] => {
    const key = JSON.stringify([entityName, entityId]);
    if (!streams.has(key)) streams.set(key, []);
    return streams.get(key) as BaseEventType[];
  };
  const adapter: Adapter = {
    async getEventsByEntityId({ entityName, entityId }) {
      return streamOf(entityName, entityId);
    },
    async commitEvents(args) {
      const { entityName, entityId, events, expectedVersion = 0 } = args;
      const stream = streamOf(entityName, entityId);
      if (checked && stream.length !== expectedVersion) {
        throw new ConcurrencyError({ entityName, entityId, expectedVersion, actualVersion: stream.length });
      }
      commits.push(args);
      stream.push(...events);
    },
    ...(storesMetadata !== undefined && { storesMetadata }),
  };
  return { adapter, commits, streamOf };
}

function notesOver(options?: Parameters<typeof inMemory>[0]) {
  const memory = inMemory(options);
  return { ...memory, notes: createRepository(Note, { adapter: memory.adapter }) };
}

const event = (overrides: Partial<BaseEventType> & { text?: string }): BaseEventType => {
  const { text = "one", ...rest } = overrides;
  return {
    eventId: `e-${text}`,
    eventName: "note:edited",
    eventCreatedAt: "2024-01-01T00:00:00.000Z",
    entityName: "note",
    entityId: "n",
    body: { text },
    ...rest,
  };
};

describe("over an adapter of two methods", () => {
  test("entities are created, changed, committed and found", async () => {
    const { notes } = notesOver();
    const created = await notes.create({ entityId: "n", body: { text: "one" } });
    expect(created).toMatchObject({ version: 1, duplicate: false, events: [{ version: 1, body: { text: "one" } }] });
    const changed = await notes.mutate({ entityId: "n" }, (note) => {
      note.edit("two");
      return "result";
    });
    expect(changed).toMatchObject({ result: "result", version: 2, events: [{ version: 2 }] });
    const note = await notes.findOneOrThrow({ entityId: "n" });
    note.tag("red");
    expect(await notes.commit(note)).toMatchObject({ version: 3 });
    expect(note.uncommittedEvents).toEqual([]);
    expect((await notes.findOne({ entityId: "n" }))?.state).toEqual({ text: "two", tags: ["red"], isPublished: false });
    expect(await notes.findOne({ entityId: "none" })).toBeNull();
    expect((await notes.findMany({ entityIds: ["none", "n"] })).map((found) => found?.version)).toEqual([undefined, 3]);
    expect(await rejection(notes.mutate({ entityId: "none" }, () => {}))).toMatchObject({ code: "entity_not_found" });
  });

  test("a commit hands over name, id, events, state and the version they were based on", async () => {
    const { notes, commits } = notesOver();
    const note = Note.create({ entityId: "n", body: { text: "one" } });
    note.edit("two");
    await notes.commit(note);
    note.edit("three");
    await notes.commit(note);
    expect(commits).toEqual([
      {
        entityName: "note",
        entityId: "n",
        expectedVersion: 0,
        state: { text: "two", tags: [], isPublished: false },
        events: [
          expect.objectContaining({ eventName: "note:created", version: 1, body: { text: "one" } }),
          expect.objectContaining({ eventName: "note:edited", version: 2, body: { text: "two" } }),
        ],
      },
      {
        entityName: "note",
        entityId: "n",
        expectedVersion: 2,
        state: { text: "three", tags: [], isPublished: false },
        events: [expect.objectContaining({ eventName: "note:edited", version: 3 })],
      },
    ]);
    // An adapter that did not ask for metadata gets the seven keys, as ever.
    expect(Object.keys(commits[0]?.events[0] as object).toSorted()).toEqual(
      ["eventId", "eventName", "eventCreatedAt", "entityName", "entityId", "version", "body"].toSorted(),
    );
  });

  test("D5: a commit of nothing does not call it", async () => {
    const { notes, commits } = notesOver();
    const { entity } = await notes.create({ entityId: "n", body: { text: "one" } });
    expect(await notes.commit(entity)).toMatchObject({ version: 1, events: [] });
    expect(commits).toHaveLength(1);
  });

  test("its methods are called as methods, and those replaced later are used", async () => {
    class Stored implements Adapter {
      readonly events: BaseEventType[] = [];
      async getEventsByEntityId(): Promise<never[]> {
        return this.events as never[];
      }
      async commitEvents({ events }: { events: BaseEventType[] }): Promise<void> {
        this.events.push(...events);
      }
    }
    const adapter = new Stored();
    const notes = createRepository(Note, { adapter });
    const { entity } = await notes.create({ entityId: "n", body: { text: "one" } });
    expect(adapter.events).toHaveLength(1);

    adapter.commitEvents = () => Promise.reject(new Error("replaced"));
    entity.edit("two");
    expect((await rejection(notes.commit(entity))).message).toBe("replaced");
    adapter.getEventsByEntityId = async () => [];
    expect(await notes.findOne({ entityId: "n" })).toBeNull();
  });

  test("A1: a commit that fails keeps the queue for the retry", async () => {
    const { adapter, notes, streamOf } = notesOver();
    const { commitEvents } = adapter;
    const note = Note.create({ entityId: "n", body: { text: "one" } });
    adapter.commitEvents = () => Promise.reject(new Error("disk full"));
    expect((await rejection(notes.commit(note))).message).toBe("disk full");
    expect(note.uncommittedEvents).toHaveLength(1);
    note.edit("two");
    adapter.commitEvents = commitEvents;
    expect(await notes.commit(note)).toMatchObject({ version: 2, events: [{ version: 1 }, { version: 2 }] });
    expect(streamOf("note", "n").map(({ version }) => version)).toEqual([1, 2]);
  });

  test("mutate repeats when the adapter throws ConcurrencyError", async () => {
    const { notes } = notesOver({ checked: true });
    await notes.create({ entityId: "n", body: { text: "one" } });
    let ran = 0;
    const { version } = await notes.mutate({ entityId: "n" }, async (note) => {
      if (++ran === 1) await notes.mutate({ entityId: "n" }, (other) => other.tag("theirs"));
      note.tag("mine");
    });
    expect({ ran, version }).toEqual({ ran: 2, version: 3 });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.tags).toEqual(["theirs", "mine"]);
  });

  test("several entities at once are not supported, for they would not be atomic; one of several is", async () => {
    const { notes, commits } = notesOver();
    const repository = notes as unknown as { commit(entities: readonly Note[]): Promise<readonly object[]> };
    const [a, b] = ["a", "b"].map((entityId) => Note.create({ entityId, body: { text: entityId } })) as [Note, Note];
    const error = await rejection(repository.commit([a, b]));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({ code: "unsupported" });
    expect(commits).toEqual([]);
    expect([a, b].map(({ uncommittedEvents }) => uncommittedEvents.length)).toEqual([1, 1]);
    await notes.commit(a);
    expect(await repository.commit([a, b])).toMatchObject([{ events: [] }, { events: [{ entityId: "b" }] }]);
    expect(await repository.commit([])).toEqual([]);
  });

  test("a transaction is not supported", async () => {
    const { notes } = notesOver();
    const options = { transaction: {} } as object;
    const error = await rejection(notes.create({ entityId: "n", body: { text: "" } }, options));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(await notes.findOne({ entityId: "n" })).toBeNull();
  });

  describe("time travel", () => {
    async function openTravelled() {
      const opened = notesOver();
      const note = Note.create({ entityId: "n", body: { text: "v1" }, eventCreatedAt: "2024-01-01T09:00:00+09:00" });
      note.editAt("v2", "2024-01-01T10:30:00+09:00"); // 01:30 UTC
      note.editAt("v3", "2023-12-31T21:00:00-05:00"); // 02:00 UTC, the least of the three as a text
      await opened.notes.commit(note);
      return opened.notes;
    }

    test("finds versions and instants, compared as such", async () => {
      const notes = await openTravelled();
      const text = async (point: object) =>
        (await notes.findOne({ entityId: "n", ...point } as { entityId: "n"; version: 1 }))?.state.text ?? null;
      expect(await text({ version: 1 })).toBe("v1");
      expect(await text({ version: 3 })).toBe("v3");
      expect(await text({ version: 4 })).toBeNull();
      expect(await text({ at: "2023-12-31T23:59:59Z" })).toBeNull();
      expect(await text({ at: "2024-01-01T01:45:00Z" })).toBe("v2");
      expect(await text({ at: new Date() })).toBe("v3");
      expect(await rejection(notes.findOne({ entityId: "n", version: 1, at: new Date() } as never))).toMatchObject({
        name: "ValidationError",
      });
    });

    test("gives readonly entities", async () => {
      const notes = await openTravelled();
      const note = await notes.findOneOrThrow({ entityId: "n", version: 3 });
      expect(() => (note as unknown as Note).edit("v4")).toThrow("Entity is readonly");
    });

    test("tells history and differences, with empty metadata where none is kept", async () => {
      const notes = await openTravelled();
      const history = await notes.history({ entityId: "n", after: 1, order: "desc" });
      expect(history).toMatchObject([
        { event: { version: 3, metadata: {} }, before: { text: "v2" }, after: { text: "v3" }, effective: true },
        { event: { version: 2, metadata: {} }, before: { text: "v1" }, after: { text: "v2" }, effective: true },
      ]);
      expect(history[0]?.changes).toEqual([{ op: "replace", path: "/text", value: "v3", previous: "v2" }]);
      expect(await notes.diff({ entityId: "n", from: 3, to: 1 })).toMatchObject([{ value: "v1", previous: "v3" }]);
      expect(await notes.history({ entityId: "none" })).toEqual([]);
    });

    test("a preview of a rollback works, related events are not known", async () => {
      const notes = await openTravelled();
      expect(await notes.previewRollback({ entityId: "n", toVersion: 1 })).toMatchObject({
        version: 3,
        toVersion: 1,
        before: { text: "v3" },
        after: { text: "v1" },
        undone: [{ version: 2 }, { version: 3 }],
        related: [],
      });
    });
  });
});

describe("who and why over an adapter of two methods", () => {
  test("that keeps no metadata: what is said with the call is refused, never dropped", async () => {
    const { notes, commits, adapter } = notesOver();
    const attempts = [
      () => notes.create({ entityId: "n", body: { text: "" } }, { actor: "alice" }),
      () => notes.create({ entityId: "n", body: { text: "" } }, { metadata: { ip: "::1" } }),
      () => notes.create({ entityId: "n", body: { text: "" }, actor: "alice" }),
      () => createRepository(Note, { adapter, attribution: "actor" }).create({ body: { text: "" } }),
      () => createRepository(Note, { adapter, attribution: "required" }).create({ body: { text: "" } }, who),
      () => createRepository(Note, { adapter, attribution: ["note:edited"] }).create({ body: { text: "" } }),
    ];
    for (const attempt of attempts) {
      const error = await rejection(attempt());
      expect(error, String(attempt)).toBeInstanceOf(UnsupportedError);
      expect(error).toMatchObject({ code: "unsupported", message: expect.stringContaining("storesMetadata") });
    }
    expect(commits).toEqual([]);
  });

  test("that keeps no metadata: blank says nothing, and what surrounds a call speaks for more than it", async () => {
    const { notes } = notesOver();
    await notes.create({ entityId: "n", body: { text: "" } }, { actor: " ", reason: undefined });
    await withAttribution(who, () => notes.mutate({ entityId: "n" }, (note) => note.edit("two")));
    expect((await notes.findOneOrThrow({ entityId: "n" })).version).toBe(2);
  });

  test("that keeps no metadata: a rollback is refused whatever is said", async () => {
    const { notes, commits } = notesOver();
    await notes.create({ entityId: "n", body: { text: "one" } });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    for (const attribution of [who, {}]) {
      const error = await rejection(notes.rollback({ entityId: "n", toVersion: 1 }, attribution));
      expect(error).toBeInstanceOf(UnsupportedError);
    }
    expect(commits).toHaveLength(2);
  });

  test("that keeps metadata gets it with each event and gives it back", async () => {
    const { notes, commits } = notesOver({ storesMetadata: true });
    await notes.create({ entityId: "n", body: { text: "one" } }, { ...who, metadata: { ip: "::1" } });
    expect(commits[0]?.events).toMatchObject([{ metadata: { ...who, ip: "::1" } }]);
    expect(await notes.history({ entityId: "n" })).toMatchObject([{ event: { metadata: { ...who, ip: "::1" } } }]);
  });

  test("that keeps metadata has policies, and rollbacks", async () => {
    const { notes, adapter } = notesOver({ storesMetadata: true });
    const strict = createRepository(Note, { adapter, attribution: "required" });
    expect(await rejection(strict.create({ entityId: "n", body: { text: "" } }))).toBeInstanceOf(AttributionError);
    await strict.create({ entityId: "n", body: { text: "one" } }, who);
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    expect(await rejection(notes.rollback({ entityId: "n", toVersion: 1 }, {}))).toBeInstanceOf(AttributionError);
    expect(await notes.rollback({ entityId: "n", toVersion: 1 }, who)).toMatchObject({
      version: 3,
      events: [{ eventName: "note:$rolled_back", metadata: who }],
    });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("one");
    expect((await notes.history({ entityId: "n" })).map(({ effective }) => effective)).toEqual([true, false, true]);
  });
});

describe("an adapter that gives out its own arrays", () => {
  const schema = defineSchema("order", {
    schema: zod({
      event: {
        created: z.object({ items: z.array(z.object({ sku: z.string(), quantity: z.number() })) }),
        added: z.object({ sku: z.string(), quantity: z.number() }),
      },
      state: z.object({ items: z.array(z.object({ sku: z.string(), quantity: z.number() })) }),
    }),
    initialEventName: "order:created",
  });
  /** Writes into the state before it, which is made of the body of the first event. */
  const impure = defineReducer(schema, (state, event) => {
    if (event.eventName === "order:created") return event.body;
    if (event.eventName !== "order:added") return state;
    const item = state.items.find(({ sku }) => sku === event.body.sku);
    if (item === undefined) state.items.push(event.body);
    else item.quantity += event.body.quantity;
    return state;
  });
  class Order extends Entity(schema, impure, { checks: "off" }) {
    add = mutation(this, (dispatch, sku: string, quantity: number) => dispatch("order:added", { sku, quantity }));
  }

  test("D1, D2: is not written into by an impure reducer: four loads give the same state", async () => {
    const { adapter, streamOf } = inMemory();
    const orders = createRepository(Order, { adapter });
    const order = Order.create({ entityId: "o", body: { items: [{ sku: "a", quantity: 2 }] } });
    order.add("a", 1);
    order.add("b", 5);
    await orders.commit(order);
    order.add("b", 1);
    await orders.commit(order);
    const stored = structuredClone(streamOf("order", "o"));
    expect(stored.map(({ body }) => body)).toEqual([
      { items: [{ sku: "a", quantity: 2 }] },
      { sku: "a", quantity: 1 },
      { sku: "b", quantity: 5 },
      { sku: "b", quantity: 1 },
    ]);
    for (let load = 1; load <= 4; load++) {
      const loaded = await orders.findOneOrThrow({ entityId: "o" });
      expect(loaded.state.items).toEqual([
        { sku: "a", quantity: 3 },
        { sku: "b", quantity: 6 },
      ]);
    }
    const [, second] = await orders.history({ entityId: "o" });
    expect(second).toMatchObject({
      before: { items: [{ sku: "a", quantity: 2 }] },
      after: { items: [{ sku: "a", quantity: 3 }] },
    });
    expect(streamOf("order", "o")).toEqual(stored);
  });

  test("G6: is not written into through what a repository gives out or was given", async () => {
    const { adapter, streamOf, commits } = inMemory({ storesMetadata: true });
    const orders = createRepository(Order, { adapter });
    const { events, entity } = await orders.create({
      entityId: "o",
      body: { items: [{ sku: "a", quantity: 2 }] },
    });
    const stored = structuredClone(streamOf("order", "o"));
    const state = structuredClone(commits[0]?.state);

    const [entry] = await orders.history({ entityId: "o" });
    for (const event of [events[0], entry?.event] as { body: unknown; metadata: unknown }[]) {
      (event.body as { items: unknown[] }).items.push("forged");
      (event.metadata as { actor: string }).actor = "forged";
    }
    entity.state.items.push({ sku: "forged", quantity: 1 });
    expect(streamOf("order", "o")).toEqual(stored);
    expect(commits[0]?.state).toEqual(state);
  });
});

describe("streams that other code has written", () => {
  function notesOf(...events: BaseEventType[]) {
    const { adapter, streamOf } = inMemory();
    streamOf("note", "n").push(...events);
    return createRepository(Note, { adapter });
  }
  const texts = async (notes: ReturnType<typeof notesOf>) => {
    const note = await notes.findOneOrThrow({ entityId: "n" });
    return { text: note.state.text, tags: note.state.tags, version: note.version };
  };
  const created = (overrides: Partial<BaseEventType>) =>
    event({ eventName: "note:created", text: "first", ...overrides });
  const tagged = (tag: string, overrides: Partial<BaseEventType> = {}) =>
    event({ eventId: tag, eventName: "note:tagged", body: { tag }, ...overrides });

  test("in any order are folded by version", async () => {
    const notes = notesOf(
      tagged("c", { version: 3 }),
      created({ version: 1 }),
      tagged("j", { version: 10 }),
      tagged("b", { version: 2 }),
    );
    expect(await texts(notes)).toEqual({ text: "first", tags: ["b", "c", "j"], version: 10 });
  });

  test("C3: without versions are folded by time, compared as instants, ties as the adapter gave them", async () => {
    const notes = notesOf(
      tagged("last", { eventCreatedAt: "2024-01-01T00:00:02.500Z" }),
      tagged("tie 1", { eventCreatedAt: "2024-01-01T00:00:02Z" }),
      tagged("tie 2", { eventCreatedAt: "2024-01-01T09:00:02+09:00" }),
      created({ eventCreatedAt: "2024-01-01T09:00:00+09:00" }),
    );
    expect(await texts(notes)).toEqual({ text: "first", tags: ["tie 1", "tie 2", "last"], version: 0 });
  });

  test("A4: with a version that stands twice still load, and every event counts", async () => {
    const notes = notesOf(
      created({ version: 1 }),
      tagged("a", { version: 2 }),
      tagged("b", { version: 2 }),
      tagged("c", { version: 3 }),
    );
    expect(await texts(notes)).toEqual({ text: "first", tags: ["a", "b", "c"], version: 3 });
    expect(await notes.history({ entityId: "n" })).toHaveLength(4);
    expect((await notes.findOneOrThrow({ entityId: "n", version: 2 })).state.tags).toEqual(["a", "b"]);
    expect(await rejection(notes.previewRollback({ entityId: "n", toVersion: 1 }))).toMatchObject({
      code: "legacy_stream",
    });
  });

  test("without versions can be found at an instant and told, but not rolled back", async () => {
    const notes = notesOf(
      created({ eventCreatedAt: "2024-01-01T00:00:00Z" }),
      tagged("a", { eventCreatedAt: "2024-01-02T00:00:00Z" }),
    );
    const at = { entityId: "n", at: "2024-01-01T12:00:00Z" } as const;
    expect((await notes.findOneOrThrow(at)).state).toMatchObject({ text: "first", tags: [] });
    expect((await notes.history({ entityId: "n" })).map(({ after }) => after)).toMatchObject([
      { text: "first", tags: [] },
      { text: "first", tags: ["a"] },
    ]);
    expect((await notes.history({ entityId: "n", after: 1 })).map(({ after }) => after)).toMatchObject([
      { tags: ["a"] },
    ]);
    expect(await notes.findOne({ entityId: "n", version: 1 })).toBeNull();
    expect(await rejection(notes.diff({ entityId: "n", from: 0, to: 1 }))).toMatchObject({ code: "invalid_version" });
    expect(await rejection(notes.previewRollback({ entityId: "n", toVersion: 1 }))).toMatchObject({
      code: "legacy_stream",
    });
  });

  test("with times that nobody can read load as ever; only at says what is wrong", async () => {
    const notes = notesOf(
      created({ version: 1, eventCreatedAt: "some day" }),
      tagged("a", { version: 2, eventCreatedAt: "2024-01-01" }),
    );
    expect(await texts(notes)).toEqual({ text: "first", tags: ["a"], version: 2 });
    expect(await rejection(notes.findOne({ entityId: "n", at: new Date() }))).toMatchObject({
      code: "invalid_instant",
    });
    expect(await notes.mutate({ entityId: "n" }, (note) => note.tag("b"))).toMatchObject({ version: 3 });
  });

  test("with times that nobody can read can be rolled back to a version", async () => {
    const { adapter, streamOf } = inMemory({ storesMetadata: true });
    streamOf("note", "n").push(
      created({ version: 1, eventCreatedAt: "some day" }),
      tagged("a", { version: 2, eventCreatedAt: "another day" }),
    );
    const notes = createRepository(Note, { adapter });
    expect(await notes.rollback({ entityId: "n", toVersion: 1 }, who)).toMatchObject({ version: 3 });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.tags).toEqual([]);
  });

  test("that do not start with an initial event load", async () => {
    const notes = notesOf(event({ version: 7, text: "in the middle" }));
    expect(await texts(notes)).toMatchObject({ text: "in the middle", version: 7 });
  });

  test("B11: of one id under two names stay apart", async () => {
    const { adapter, streamOf } = inMemory();
    streamOf("memo", "n").push(created({ entityName: "memo", version: 1 }));
    const notes = createRepository(Note, { adapter });
    expect(await notes.findOne({ entityId: "n" })).toBeNull();
    await notes.create({ entityId: "n", body: { text: "note" } });
    expect(streamOf("memo", "n")).toHaveLength(1);
  });

  test("F3: with an event that is not declared are refused, and the event is named", async () => {
    const notes = notesOf(created({ version: 1 }), event({ version: 2, eventName: "note:renamed" }));
    expect(await rejection(notes.findOne({ entityId: "n" }))).toMatchObject({
      code: "event_not_declared",
      message: expect.stringContaining('"note:renamed"'),
    });
  });
});

describe("a store used through its two methods only", () => {
  test("is an adapter: who, why, time travel and rollback come through", async () => {
    const { store } = await openStore();
    const adapter: Adapter = {
      getEventsByEntityId: (args) => store.getEventsByEntityId(args) as Promise<never[]>,
      commitEvents: (args) => store.commitEvents(args),
      storesMetadata: store.storesMetadata === true,
    };
    const notes = createRepository(Note, { adapter, attribution: "required" });
    await notes.create({ entityId: "n", body: { text: "one" } }, who);
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), who);
    await notes.rollback({ entityId: "n", toVersion: 1 }, who);
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("one");
    expect((await notes.history({ entityId: "n" })).map(({ event: { metadata } }) => metadata)).toEqual([
      who,
      who,
      who,
    ]);
    const exists = await rejection(notes.create({ entityId: "n", body: { text: "" } }, who));
    expect(exists).toMatchObject({ code: "entity_exists" });
    // The very same events, seen by a repository over the store itself.
    const direct = createRepository(Note, { adapter: store });
    expect((await direct.history({ entityId: "n" })).map(({ event: { eventName } }) => eventName)).toEqual([
      "note:created",
      "note:edited",
      "note:$rolled_back",
    ]);
  });
});
