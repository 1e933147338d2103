import type Database from "better-sqlite3";
import {
  type Adapter,
  type CommitResult,
  type CommittedEvent,
  createRepository,
  defineSchema,
  Entity,
  type EventStore,
  type Json,
  type MutationPreview,
  type Plugin,
  type ReadonlyEntity,
  type StoredEvent,
} from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { createSqliteStore, type SqliteStore } from "ventyd/sqlite";
import { z, zod } from "ventyd/zod";
import { describe, expectTypeOf, test } from "vitest";
import { Note, type noteSchema } from "./note.ts";

type State = { text: string; tags: string[]; isPublished: boolean };

declare const store: SqliteStore<Database.Database>;
declare const adapter: Adapter;
declare const database: Database.Database;
declare const inMemory: boolean;

const notes = createRepository(Note, { adapter: store });
const plain = createRepository(Note, { adapter });

const bodies = { event: { created: z.object({ amount: z.number() }) }, state: z.object({ amount: z.number() }) };
const paymentSchema = defineSchema("payment", { schema: zod(bodies), initialEventName: "payment:created" });
class Payment extends Entity(paymentSchema, (state) => state) {}
declare const note: Note;
declare const payment: Payment;
declare const preview: MutationPreview;

describe("an idempotency key", () => {
  test("is an option of every verb that writes over a store", () => {
    const key = { idempotencyKey: "k" };
    notes.create({ body: { text: "" } }, key);
    notes.mutate({ entityId: "n" }, () => {}, key);
    notes.commit(note, key);
    notes.commit([note], key);
    notes.commit(preview, key);
    notes.rollback({ entityId: "n", toVersion: 1 }, { actor: "a", reason: "b", ...key });
    store.commit([note], key);
    // @ts-expect-error a key is a text
    notes.commit(note, { idempotencyKey: 5 });
  });

  test("is no option over an adapter of two methods", () => {
    // @ts-expect-error there is no such option
    plain.create({ body: { text: "" } }, { idempotencyKey: "k" });
    // @ts-expect-error there is no such option
    plain.mutate({ entityId: "n" }, () => {}, { idempotencyKey: "k" });
    // @ts-expect-error there is no such option
    plain.commit(note, { idempotencyKey: "k" });
    // @ts-expect-error there is no such option
    plain.rollback({ entityId: "n", toVersion: 1 }, { actor: "a", reason: "b", idempotencyKey: "k" });
  });

  test("makes the result of mutate one that may be missing", () => {
    const work = async () => 5;
    expectTypeOf(notes.mutate({ entityId: "n" }, work))
      .resolves.toHaveProperty("result")
      .toEqualTypeOf<number>();
    const options = { actor: "a", retries: 1 };
    expectTypeOf(notes.mutate({ entityId: "n" }, work, options))
      .resolves.toHaveProperty("result")
      .toEqualTypeOf<number>();
    expectTypeOf(notes.mutate({ entityId: "n" }, work, { ...options, idempotencyKey: "k" }))
      .resolves.toHaveProperty("result")
      .toEqualTypeOf<number | undefined>();
    const maybe = {} as { idempotencyKey?: string };
    expectTypeOf(notes.mutate({ entityId: "n" }, work, maybe))
      .resolves.toHaveProperty("result")
      .toEqualTypeOf<number | undefined>();
    expectTypeOf(plain.mutate({ entityId: "n" }, work))
      .resolves.toHaveProperty("result")
      .toEqualTypeOf<number>();
  });
});

describe("a point of the past", () => {
  test("is one of version, at, knownAt and position over a store, and gives what is readonly", async () => {
    for (const found of [
      await notes.findOneOrThrow({ entityId: "n", version: 1 }),
      await notes.findOneOrThrow({ entityId: "n", at: new Date() }),
      await notes.findOneOrThrow({ entityId: "n", knownAt: "2026-01-01T00:00:00Z" }),
      await notes.findOneOrThrow({ entityId: "n", knownAt: new Date() }),
      await notes.findOneOrThrow({ entityId: "n", position: 5 }),
    ]) {
      expectTypeOf(found.state).toEqualTypeOf<State>();
      // @ts-expect-error it can only be looked at
      found.edit("x");
      // @ts-expect-error it can only be looked at
      notes.commit(found);
      // @ts-expect-error it can only be looked at
      store.commit([found]);
    }
    const now = await notes.findOneOrThrow({ entityId: "n" });
    expectTypeOf(now).toEqualTypeOf<Note>();
    // @ts-expect-error two points at once
    notes.findOne({ entityId: "n", version: 1, knownAt: new Date() });
    // @ts-expect-error two points at once
    notes.findOne({ entityId: "n", at: new Date(), position: 1 });
    // @ts-expect-error a position is a number
    notes.findOne({ entityId: "n", position: "1" });
  });

  test("is a version or an instant over an adapter of two methods", () => {
    plain.findOne({ entityId: "n", version: 1 });
    plain.findOne({ entityId: "n", at: new Date() });
    // @ts-expect-error there is no such option
    plain.findOne({ entityId: "n", knownAt: new Date() });
    // @ts-expect-error there is no such option
    plain.findOne({ entityId: "n", position: 1 });
    // @ts-expect-error there is no such option
    plain.findOne({ entityId: "n", transaction: {} });
  });
});

describe("a query in a variable", () => {
  test("that holds a point of the past gives what is readonly, though its type is wider than the point", async () => {
    const query = { entityId: "n", version: 1 };
    expectTypeOf(await notes.findOne(query)).toEqualTypeOf<ReadonlyEntity<Note> | null>();
    expectTypeOf(await notes.findOneOrThrow(query)).toEqualTypeOf<ReadonlyEntity<Note>>();
    expectTypeOf(await notes.findOne({ ...query, transaction: database })).toEqualTypeOf<ReadonlyEntity<Note> | null>();
    expectTypeOf(await plain.findOne(query)).toEqualTypeOf<ReadonlyEntity<Note> | null>();
    const position = { entityId: "n", position: 1 };
    expectTypeOf(await notes.findOneOrThrow(position)).toEqualTypeOf<ReadonlyEntity<Note>>();
    const found = await notes.findOneOrThrow(query);
    // @ts-expect-error it can only be looked at
    found.edit("x");
  });

  test("that holds none gives what can be changed", async () => {
    const query = { entityId: "n" };
    expectTypeOf(await notes.findOne(query)).toEqualTypeOf<Note | null>();
    expectTypeOf(await notes.findOneOrThrow({ ...query, transaction: database })).toEqualTypeOf<Note>();
    expectTypeOf(await plain.findOneOrThrow(query)).toEqualTypeOf<Note>();
  });
});

test("a repository over a store that is chosen at run time has every verb", async () => {
  const chosen = createRepository(Note, { adapter: inMemory ? createMemoryStore() : createSqliteStore(database) });
  expectTypeOf(await chosen.findOne({ entityId: "n" })).toEqualTypeOf<Note | null>();
  expectTypeOf(await chosen.findOneOrThrow({ entityId: "n", position: 1 })).toEqualTypeOf<ReadonlyEntity<Note>>();
  expectTypeOf(chosen.commit(note)).resolves.toEqualTypeOf<CommitResult>();
  expectTypeOf(chosen.commit([note])).resolves.toEqualTypeOf<readonly [CommitResult]>();
  chosen.create({ body: { text: "" } }, { idempotencyKey: "k" });
  chosen.mutate({ entityId: "n" }, (it) => it.edit("x"));
  chosen.rollback({ entityId: "n", toVersion: 1 }, { actor: "a", reason: "b" });
  // @ts-expect-error a body has a text
  chosen.create({ body: {} });
});

describe("a commit", () => {
  test("of several entities gives a result for each", () => {
    const two = notes.commit([note, note]);
    expectTypeOf(two).resolves.toEqualTypeOf<readonly [CommitResult, CommitResult]>();
    expectTypeOf(notes.commit(note)).resolves.toEqualTypeOf<CommitResult>();
    expectTypeOf(notes.commit(preview)).resolves.toEqualTypeOf<CommitResult>();
    // @ts-expect-error another class
    notes.commit(payment);
    // @ts-expect-error another class among them
    notes.commit([note, payment]);
  });

  test("of the store takes entities of any classes, and gives a tuple", () => {
    const both = store.commit([note, payment], { actor: "a" });
    expectTypeOf(both).resolves.toEqualTypeOf<readonly [CommitResult, CommitResult]>();
    expectTypeOf(store.commit([])).resolves.toEqualTypeOf<readonly []>();
    expectTypeOf(store.commit([] as Note[])).resolves.toEqualTypeOf<readonly CommitResult[]>();
    store.commit([note], { transaction: database });
    // @ts-expect-error no entity
    store.commit([{ entityName: "note", entityId: "n" }]);
    // @ts-expect-error not a list
    store.commit(note);
  });

  test("knows positions over a store alone", async () => {
    const { position, events } = await notes.commit(note);
    expectTypeOf(position).toEqualTypeOf<number | undefined>();
    expectTypeOf(events).toEqualTypeOf<readonly StoredEvent[]>();
    const result = await plain.commit(note);
    expectTypeOf(result.events).toEqualTypeOf<readonly CommittedEvent[]>();
    // @ts-expect-error there are none
    result.position;
  });

  test("over an adapter of two methods is of one entity", () => {
    plain.commit(preview);
    // @ts-expect-error there would be no transaction
    plain.commit([note]);
  });
});

describe("a preview", () => {
  test("is plain JSON, and is what commit takes", async () => {
    const made = await notes.preview({ entityId: "n" }, (it) => {
      expectTypeOf(it).toEqualTypeOf<Note>();
    });
    expectTypeOf(made).toEqualTypeOf<MutationPreview>();
    expectTypeOf(made.before).toEqualTypeOf<Json>();
    expectTypeOf(made.events[0]?.body).toEqualTypeOf<Json | undefined>();
    notes.preview({ entityId: "n", transaction: database }, async () => {});
    // @ts-expect-error there are no transactions
    plain.preview({ entityId: "n", transaction: database }, () => {});
  });
});

describe("the metadata of a commit", () => {
  const over = <TMetadata extends z.ZodType>(metadata: TMetadata) => {
    const schema = defineSchema("memo", { schema: zod(bodiesOf), initialEventName: "memo:created", metadata });
    return createRepository(
      Entity(schema, (state) => state),
      { adapter: store as EventStore },
    );
  };
  const bodiesOf = { event: { created: z.object({}) }, state: z.object({}) };
  const required = over(
    z.object({ ticket: z.string(), channel: z.string().optional(), size: z.coerce.number().default(1) }),
  );
  const optional = over(z.object({ channel: z.string().optional() }));

  test("must be given where its schema requires a key", () => {
    const metadata = { ticket: "T-1" };
    required.create({ body: {} }, { metadata });
    required.create({ body: {} }, { actor: "a", metadata: { ticket: "T-1", channel: "web", size: "5" } });
    required.mutate({ entityId: "m" }, () => {}, { metadata });
    required.rollback({ entityId: "m", toVersion: 1 }, { actor: "a", reason: "b", metadata });
    required.commit(preview, { metadata });
    // @ts-expect-error the ticket is missing
    required.create({ body: {} }, { metadata: { channel: "web" } });
    // @ts-expect-error the ticket is a text
    required.create({ body: {} }, { metadata: { ticket: 5 } });
    // @ts-expect-error the metadata is missing
    required.create({ body: {} }, { actor: "a" });
    // @ts-expect-error the metadata is missing
    required.mutate({ entityId: "m" }, () => {}, { actor: "a" });
    // @ts-expect-error the metadata is missing
    required.commit(preview, { actor: "a" });
    // @ts-expect-error the metadata is missing
    required.rollback({ entityId: "m", toVersion: 1 }, { actor: "a", reason: "b" });
    // @ts-expect-error there is no such key
    required.create({ body: {} }, { metadata: { ticket: "T-1", colour: "red" } });
  });

  test("need not be given where it does not", () => {
    optional.create({ body: {} });
    optional.create({ body: {} }, { actor: "a" });
    optional.create({ body: {} }, { metadata: { channel: "web" } });
    // @ts-expect-error the channel is a text
    optional.create({ body: {} }, { metadata: { channel: 5 } });
  });

  test("is anything where there is no schema", () => {
    notes.create({ body: { text: "" } });
    notes.create({ body: { text: "" } }, { metadata: { any: ["thing"] } });
    notes.rollback({ entityId: "n", toVersion: 1 }, { actor: "a", reason: "b" });
  });
});

describe("the options of a repository", () => {
  test("know the schema: its events in policies, its state in plugins", () => {
    createRepository(Note, {
      adapter: store,
      attribution: ["note:published"],
      snapshot: { frequency: 100 },
      loadValidation: "write",
      onUnknownEvent: "skip",
      migrate: (event) => (event.eventName === "note:old" ? null : [event, { ...event, body: {} }]),
      plugins: [
        {
          onCommitted({ entityName, entityId, events, state }) {
            expectTypeOf(entityName).toEqualTypeOf<"note">();
            expectTypeOf(entityId).toEqualTypeOf<string>();
            expectTypeOf(state).toEqualTypeOf<State>();
            expectTypeOf(events[0]?.eventName).toEqualTypeOf<
              "note:created" | "note:edited" | "note:tagged" | "note:published" | `${string}$rolled_back` | undefined
            >();
            expectTypeOf(events[0]?.metadata.actor).toEqualTypeOf<string | undefined>();
          },
        },
        {},
      ],
      onPluginError: (error, plugin) => {
        expectTypeOf(error).toEqualTypeOf<unknown>();
        expectTypeOf(plugin).toEqualTypeOf<Plugin<typeof noteSchema>>();
      },
      onWarning: ({ code }) => void code,
    });
    // @ts-expect-error there is no such event
    createRepository(Note, { adapter: store, attribution: ["note:deleted"] });
    // @ts-expect-error there is no such choice
    createRepository(Note, { adapter: store, loadValidation: "never" });
    // @ts-expect-error there is no such choice
    createRepository(Note, { adapter: store, onUnknownEvent: "ignore" });
    // @ts-expect-error migrate answers at once
    createRepository(Note, { adapter: store, migrate: async (event) => event });
    // @ts-expect-error a frequency is a number
    createRepository(Note, { adapter: store, snapshot: {} });
  });

  test("take a plugin that was written for any schema", () => {
    const anywhere: Plugin = { onCommitted: ({ entityName }) => void entityName.length };
    createRepository(Note, { adapter: store, plugins: [anywhere] });
  });
});

test("an erasure says who and why by name, and what it came to", () => {
  const erasing = store.erase(
    { entityName: "note", entityId: "n" },
    { actor: "a", reason: "b", transaction: database },
  );
  expectTypeOf(erasing).resolves.toEqualTypeOf<CommitResult>();
  // @ts-expect-error the name of the entity is missing
  store.erase({ entityId: "n" }, { actor: "a", reason: "b" });
});
