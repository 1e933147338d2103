import {
  type CommittableEntity,
  createRepository,
  defineReducer,
  defineSchema,
  Entity,
  mutation,
  UnsupportedError,
  ValidationError,
  withAttribution,
} from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z, zod } from "ventyd/zod";
import { describe, expect, onTestFinished, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { openDatabase, openStore, rejection } from "../support/temp-database.ts";
import { Note, who } from "./note.ts";

const schema = defineSchema("payment", {
  schema: zod({
    event: { requested: z.object({ amount: z.number() }), received: z.object({}) },
    state: z.object({ amount: z.number(), isReceived: z.boolean() }),
  }),
  initialEventName: "payment:requested",
});

class Payment extends Entity(
  schema,
  defineReducer(schema, {
    "payment:requested": (_, { body }) => ({ amount: body.amount, isReceived: false }),
    "payment:received": (state) => ({ ...state, isReceived: true }),
  }),
) {
  receive = mutation(this, (dispatch) => dispatch("payment:received", {}));
}

class Memo extends Entity(Note.schema, (state) => state ?? { text: "", tags: [], isPublished: false }) {}

/** Notes and payments over one store, and a new entity of each. */
async function openBoth() {
  const opened = await openStore();
  const notes = createRepository(Note, { adapter: opened.store });
  const payments = createRepository(Payment, { adapter: opened.store });
  const note = Note.create({ entityId: "n", body: { text: "one" } });
  const payment = Payment.create({ entityId: "p", body: { amount: 5 } });
  const count = async () => (await readAll(opened.store)).length;
  return { ...opened, notes, payments, note, payment, count };
}

describe("store.commit", () => {
  test("stores entities of several classes together; results come in the order of the entities", async () => {
    const { store, note, payment } = await openBoth();
    note.edit("two");
    const [ofPayment, ofNote] = await store.commit([payment, note], who);
    const events = await readAll(store);
    expect(events.map(({ eventName }) => eventName)).toEqual(["payment:requested", "note:created", "note:edited"]);
    expect(ofPayment).toEqual({ version: 1, position: events[0]?.position, events: [events[0]], duplicate: false });
    expect(ofNote).toEqual({ version: 2, position: events[2]?.position, events: events.slice(1), duplicate: false });
    expect(events.every(({ metadata }) => metadata.actor === "alice" && metadata.reason === "because")).toBe(true);
    expect([note, payment].map(({ uncommittedEvents }) => uncommittedEvents.length)).toEqual([0, 0]);
  });

  test("stores all of it or nothing: one that is stale keeps all others out, and all keep their events", async () => {
    const { store, notes, note, payment, count } = await openBoth();
    await notes.create({ entityId: "n", body: { text: "taken" } });
    const error = await rejection(store.commit([payment, note]));
    expect(error).toMatchObject({ code: "entity_exists", entityName: "note" });
    expect(await count()).toBe(1);
    expect([note, payment].map(({ uncommittedEvents }) => uncommittedEvents.length)).toEqual([1, 1]);
    await store.commit([payment]);
    expect(await count()).toBe(2);
  });

  test("can be repeated", async () => {
    const { store, note, payment, count } = await openBoth();
    await store.commit([note, payment]);
    expect(await store.commit([note, payment])).toMatchObject([
      { version: 1, events: [], duplicate: false },
      { version: 1, events: [], duplicate: false },
    ]);
    expect(await count()).toBe(2);
  });

  test("of nothing answers nothing; entities without events answer where they are", async () => {
    const { store, payments, note, payment, count } = await openBoth();
    expect(await store.commit([])).toEqual([]);
    await payments.commit(payment);
    expect(await store.commit([payment, note])).toMatchObject([
      { version: 1, events: [], position: undefined },
      { version: 1, events: [{ entityId: "n" }] },
    ]);
    expect(await count()).toBe(2);
  });

  test("gives every entity the idempotency key", async () => {
    const { store, note, payment, count } = await openBoth();
    await store.commit([note, payment], { idempotencyKey: "k" });
    const again = [
      Note.create({ entityId: "n", body: { text: "1" } }),
      Payment.create({ entityId: "p", body: { amount: 1 } }),
    ];
    expect(await store.commit(again, { idempotencyKey: "k" })).toMatchObject([
      { duplicate: true },
      { duplicate: true },
    ]);
    expect(await count()).toBe(2);
  });

  test("takes what surrounds it and what it is given for all of them", async () => {
    const { store, note, payment } = await openBoth();
    await withAttribution({ actor: "ann", correlationId: "request" }, () =>
      store.commit([note, payment], { reason: "why", metadata: { ip: "::1" } }),
    );
    const metadata = { actor: "ann", correlationId: "request", reason: "why", ip: "::1" };
    expect((await readAll(store)).map((event) => event.metadata)).toEqual([metadata, metadata]);
  });

  describe("inside store.transaction", () => {
    test("belongs to it", async () => {
      const { store, note, payment, count } = await openBoth();
      const commit = (fails: boolean) =>
        store.transaction(async () => {
          expect(await store.commit([note, payment])).toMatchObject([{ version: 1 }, { version: 1 }]);
          if (fails) throw new Error("aborted");
        });
      await rejection(commit(true));
      expect(await count()).toBe(0);
      await commit(false);
      expect(await count()).toBe(2);
      expect(note.uncommittedEvents).toEqual([]);
    });

    test("can be told to belong to it, or to one of the application", async () => {
      const { store, note, payment, database, count } = await openBoth();
      await store.transaction((transaction) => store.commit([note], { transaction }));
      database.exec("BEGIN IMMEDIATE");
      await store.commit([payment], { transaction: database });
      database.exec("ROLLBACK");
      expect(await count()).toBe(1);
    });
  });
});

describe("each entity is committed under the rules of its own repository:", () => {
  test("where the policy of one is not met, nothing is written", async () => {
    const { store, note, payment, count } = await openBoth();
    createRepository(Payment, { adapter: store, attribution: "required" });
    const error = await rejection(store.commit([note, payment], { actor: "ann" }));
    expect(error).toMatchObject({ code: "attribution_missing", entityName: "payment", missing: ["reason"] });
    expect(await count()).toBe(0);
    expect(note.uncommittedEvents).toHaveLength(1);
    await store.commit([note, payment], who);
  });

  test("the one that it was loaded by, though others were made later", async () => {
    const { store } = await openBoth();
    const strict = createRepository(Payment, { adapter: store, attribution: "actor" });
    const { entity } = await strict.create({ entityId: "p", body: { amount: 1 } }, who);
    createRepository(Payment, { adapter: store });
    for (const payment of [entity, await strict.findOneOrThrow({ entityId: "p" })]) {
      payment.receive();
      expect(await rejection(store.commit([payment]))).toMatchObject({ code: "attribution_missing" });
    }
  });

  test("the one that was made last, where it is new", async () => {
    const { store, payment } = await openBoth();
    createRepository(Payment, { adapter: store, attribution: "actor" });
    createRepository(Payment, { adapter: store, attribution: "optional" });
    expect(await store.commit([payment])).toMatchObject([{ version: 1 }]);
  });

  test("plugins and snapshots of each", async () => {
    const { store, note, payment, database } = await openBoth();
    const heard: unknown[] = [];
    const plugins = [
      { onCommitted: (args: { entityName: string; state: unknown }) => void heard.push([args.entityName, args.state]) },
    ];
    createRepository(Note, { adapter: store, plugins });
    createRepository(Payment, { adapter: store, plugins, snapshot: { frequency: 1 } });
    await store.commit([note, payment]);
    expect(heard).toEqual([
      ["note", { text: "one", tags: [], isPublished: false }],
      ["payment", { amount: 5, isReceived: false }],
    ]);
    expect(database.prepare("SELECT entity_name FROM ventyd_snapshots").pluck().all()).toEqual(["payment"]);
  });
});

describe("store.commit refuses, and writes nothing:", () => {
  test("an entity of a class that no repository over the store has", async () => {
    const { store, note, count } = await openBoth();
    const memo = Memo.create({ body: { text: "one" } });
    const error = await rejection(store.commit([note, memo]));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({ code: "unsupported" });
    expect(await count()).toBe(0);
  });

  test("anything at all, where no repository has been made", async () => {
    const { file, note } = await openBoth();
    const store = createSqliteStore(openDatabase(file));
    onTestFinished(() => store.close());
    expect(await rejection(store.commit([note]))).toBeInstanceOf(UnsupportedError);
  });

  test("an entity of another store", async () => {
    const { store, notes, payment, count } = await openBoth();
    const other = await openBoth();
    const { entity } = await other.notes.create({ entityId: "n", body: { text: "one" } });
    entity.edit("two");
    for (const committing of [store.commit([payment, entity]), notes.commit([entity])]) {
      const error = await rejection(committing);
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ code: "wrong_entity" });
    }
    expect(await count()).toBe(0);
  });

  test("an entity twice, as one instance or as two", async () => {
    const { store, notes, note, payment, count } = await openBoth();
    expect(await rejection(store.commit([note, payment, note]))).toMatchObject({ code: "duplicate_entity" });
    expect(await count()).toBe(0);
    await notes.commit(note);
    const pair = [
      await notes.findOneOrThrow({ entityId: "n" }),
      await notes.findOneOrThrow({ entityId: "n" }),
    ] as const;
    for (const each of pair) each.edit("two");
    expect(await rejection(store.commit(pair))).toMatchObject({ code: "duplicate_entity" });
    expect(await count()).toBe(1);
  });

  test("but not two entities of one id and two classes", async () => {
    const { store, count } = await openBoth();
    await store.commit([
      Note.create({ entityId: "x", body: { text: "" } }),
      Payment.create({ entityId: "x", body: { amount: 1 } }),
    ]);
    expect(await count()).toBe(2);
  });

  test("a readonly entity", async () => {
    const { store, notes, note, payment } = await openBoth();
    await notes.commit(note);
    const then = (await notes.findOneOrThrow({ entityId: "n", version: 1 })) as unknown as Note;
    expect(await rejection(store.commit([payment, then]))).toMatchObject({ code: "readonly_entity" });
    expect(payment.uncommittedEvents).toHaveLength(1);
  });

  test("an entity whose asynchronous mutation is pending", async () => {
    const { store, note, payment, count } = await openBoth();
    const { promise, resolve } = Promise.withResolvers<void>();
    const editing = note.editSlowly("two", promise);
    expect(await rejection(store.commit([payment, note]))).toMatchObject({ code: "entity_busy", entityId: "n" });
    expect(await count()).toBe(0);
    resolve();
    await editing;
    await store.commit([payment, note]);
  });

  const noEntities: unknown[] = [
    { entityName: "note", entityId: "n" },
    { entityName: "note", entityId: "n", uncommittedEvents: [{}], version: 1 },
    null,
    undefined,
    "note",
  ];
  for (const nothing of noEntities) {
    test(`what is no entity: ${JSON.stringify(nothing)}`, async () => {
      const { store, payment, count } = await openBoth();
      const error = await rejection(store.commit([payment, nothing as CommittableEntity]));
      expect(error).toMatchObject({ code: expect.stringMatching(/^(unsupported|wrong_entity)$/) });
      expect(await count()).toBe(0);
    });
  }
});
