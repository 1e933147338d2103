import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  AttributionError,
  type BaseEventType,
  ConcurrencyError,
  createRepository,
  EntityExistsError,
  UnsupportedError,
  ValidationError,
} from "ventyd";
import { prismaAdapter } from "ventyd/adapter/prisma";
import { adapterContract } from "ventyd/testing";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Note, noteSchema } from "../repository/note.ts";
import { rejection } from "../support/promises.ts";
import { generateClient, openPrisma, type PrismaClient } from "./open-prisma.ts";

beforeAll(generateClient);

const who = { actor: "alice", reason: "because" };

async function open() {
  const opened = await openPrisma();
  onTestFinished(opened.close);
  return opened;
}

/** Notes over the tables as 1.20.4 asked for them. */
function notesOver(prisma: PrismaClient, options: { snapshotEvery?: number; event?: object; metadata?: boolean } = {}) {
  const { event = prisma.oldEvent, ...rest } = options;
  const adapter = prismaAdapter({
    prisma,
    schema: noteSchema,
    tables: { event, snapshot: prisma.oldSnapshot, view: prisma.oldView } as never,
    entityToViewRow: ({ entityName, entityId, state, version }) => ({
      entityName,
      entityId,
      text: state.text,
      version,
    }),
    ...rest,
  });
  return { adapter, notes: createRepository(Note, { adapter }) };
}

/** Posts as the reference has them: compound keys, metadata, everything. */
async function openPosts() {
  const opened = await open();
  const { openPosts, Post } = await import(path.join(import.meta.dirname, "client", "posts.ts"));
  return { ...opened, posts: openPosts(opened.prisma), Post };
}

describe("a life over Prisma's client", () => {
  test("is created, changed, told, kept in a view and rolled back, with who and why", async () => {
    const { prisma, posts } = await openPosts();
    const entityId = "p1";
    await posts.create({ entityId, body: { title: "Hello", slug: "hello" } }, { ...who, metadata: { ip: "::1" } });
    await posts.mutate({ entityId }, (post: { approve(): void }) => post.approve(), who);
    expect((await posts.findOne({ entityId })).toJSON()).toMatchObject({
      version: 2,
      state: { title: "Hello", status: "approved" },
    });
    expect(await prisma.postView.findMany()).toEqual([
      { entityName: "post", entityId, version: 2, title: "Hello", status: "approved", slug: "hello" },
    ]);
    expect(await posts.rollback({ entityId, toVersion: 1 }, who)).toMatchObject({ version: 3 });
    expect((await posts.findOne({ entityId })).state.status).toBe("draft");
    expect(await prisma.postView.findMany()).toMatchObject([{ version: 3, status: "draft" }]);
    const history = await posts.history({ entityId });
    expect(history.map(({ event }: { event: { metadata: object } }) => event.metadata)).toEqual([
      { ...who, ip: "::1" },
      who,
      who,
    ]);
    expect((await posts.findOne({ entityId, version: 2 })).state.status).toBe("approved");
    expect(await rejection(posts.create({ body: { title: "Hello" } }))).toBeInstanceOf(AttributionError);
  });

  test("begins its loads with a snapshot, and goes below it after a rollback", async () => {
    const { prisma } = await open();
    const asked: unknown[] = [];
    const event = {
      findMany: (args: { where: { version?: object } }) => {
        asked.push(args.where.version);
        return prisma.event.findMany(args);
      },
      findFirst: prisma.event.findFirst,
      createMany: prisma.event.createMany,
    };
    const { notes } = notesOver(prisma, { event, snapshotEvery: 3, metadata: true });
    await notes.create({ entityId: "n", body: { text: "one" } });
    for (const text of ["two", "three", "four"]) await notes.mutate({ entityId: "n" }, (note) => note.edit(text));
    asked.length = 0;
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({
      version: 4,
      state: { text: "four" },
    });
    expect(asked).toEqual([{ gt: 3 }]);
    await notes.rollback({ entityId: "n", toVersion: 2 }, who);
    asked.length = 0;
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({
      version: 5,
      state: { text: "two" },
    });
    expect(asked).toEqual([{ gt: 3 }, undefined]);
  });

  test("two writers: the later one is refused with the version that is stored, and its transaction leaves nothing", async () => {
    const { prisma } = await open();
    const { notes } = notesOver(prisma, { snapshotEvery: 2 });
    await notes.create({ entityId: "n", body: { text: "one" } });
    const [first, second] = [
      await notes.findOneOrThrow({ entityId: "n" }),
      await notes.findOneOrThrow({ entityId: "n" }),
    ];
    first.edit("first");
    second.edit("second");
    await notes.commit(first);
    const error = await rejection(notes.commit(second));
    expect(error).toBeInstanceOf(ConcurrencyError);
    expect(error).toMatchObject({ entityName: "note", entityId: "n", expectedVersion: 1, actualVersion: 2 });
    expect(second.uncommittedEvents).toHaveLength(1);
    expect(await prisma.oldView.findMany()).toMatchObject([{ text: "first", version: 2 }]);
    expect(await prisma.oldSnapshot.findMany()).toMatchObject([{ version: 2, state: { text: "first" } }]);
    const created = await rejection(notes.create({ entityId: "n", body: { text: "again" } }));
    expect(created).toBeInstanceOf(EntityExistsError);
  });

  describe("a commit whose answer was lost", () => {
    async function loseAnswer() {
      const { prisma } = await open();
      let loses = true;
      const { notes } = notesOver({
        oldEvent: prisma.oldEvent,
        oldSnapshot: prisma.oldSnapshot,
        oldView: prisma.oldView,
        async $transaction(commands: unknown[]) {
          await prisma.$transaction(commands);
          if (loses) throw new Error("connection lost");
        },
      });
      const note = Note.create({ entityId: "n", body: { text: "one" } });
      expect((await rejection(notes.commit(note))).message).toBe("connection lost");
      loses = false;
      return { prisma, notes, note };
    }

    test("is settled by committing again", async () => {
      const { prisma, notes, note } = await loseAnswer();
      expect(await notes.commit(note)).toMatchObject({ version: 1 });
      expect(note.uncommittedEvents).toEqual([]);
      expect(await prisma.oldEvent.count()).toBe(1);
    });

    test("and was followed by another dispatch writes the rest, and answers all", async () => {
      const { prisma, notes, note } = await loseAnswer();
      note.edit("two");
      note.edit("three");
      expect(await notes.commit(note)).toMatchObject({ version: 3, events: [{}, {}, {}] });
      expect(note.uncommittedEvents).toEqual([]);
      expect(await prisma.oldEvent.count()).toBe(3);
      expect((await notes.findOneOrThrow({ entityId: "n" })).state).toMatchObject({ text: "three" });
      expect(await prisma.oldView.findMany()).toMatchObject([{ text: "three", version: 3 }]);
    });

    test("and was followed by somebody else's is a conflict, for what was dispatched since", async () => {
      const { prisma, notes, note } = await loseAnswer();
      await notes.mutate({ entityId: "n" }, (other) => other.edit("theirs"));
      note.edit("mine");
      expect(await rejection(notes.commit(note))).toMatchObject({ code: "entity_exists", actualVersion: 2 });
      expect(await prisma.oldEvent.count()).toBe(2);
    });
  });

  test("a version that is not stored is nothing to stand on, unless a snapshot stands for it", async () => {
    const { prisma } = await open();
    const { notes } = notesOver(prisma, { snapshotEvery: 2 });
    const state = { text: "from elsewhere", tags: [], isPublished: false };
    await notes.create({ entityId: "n", body: { text: "one" } });
    const ahead = Note.load({ entityId: "n", state, version: 5, UNSAFE_mutable: true });
    ahead.edit("two");
    expect(await rejection(notes.commit(ahead))).toMatchObject({ expectedVersion: 5, actualVersion: 1 });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    await prisma.oldEvent.deleteMany();
    expect(await notes.mutate({ entityId: "n" }, (note) => note.edit("three"))).toMatchObject({ version: 3 });
    expect((await notes.findOneOrThrow({ entityId: "n" })).toJSON()).toMatchObject({
      version: 3,
      state: { text: "three" },
    });
  });

  test("without a column for it, who and why are refused and not dropped", async () => {
    const { prisma } = await open();
    const { notes, adapter } = notesOver(prisma);
    expect(adapter.storesMetadata).toBeUndefined();
    expect(await rejection(notes.create({ body: { text: "one" } }, who))).toBeInstanceOf(UnsupportedError);
    expect(await prisma.oldEvent.count()).toBe(0);
  });

  test("keeps a key __proto__ of a body, of metadata and of a snapshot's state", async () => {
    const { prisma } = await open();
    const adapter = prismaAdapter({
      prisma,
      tables: { event: prisma.event, snapshot: prisma.oldSnapshot, view: prisma.oldView } as never,
      entityToViewRow: ({ entityName, entityId, version }) => ({ entityName, entityId, version, text: "" }),
      metadata: true,
      snapshotEvery: 1,
    });
    const json = JSON.parse('{"__proto__":{"a":1},"list":[{"__proto__":2},{"$type":"DateTime","__proto__":3}]}');
    const event = {
      eventId: "e",
      eventCreatedAt: "2024-01-01T00:00:00.000Z",
      eventName: "thing:happened",
      entityId: "t",
      entityName: "thing",
      body: json,
      version: 1,
      metadata: { custom: json.list },
    };
    await adapter.commitEvents({ entityName: "thing", entityId: "t", events: [event], state: json.list });
    const [found] = await adapter.getEventsByEntityId({ entityName: "thing", entityId: "t" });
    expect(JSON.stringify(found)).toBe(JSON.stringify(event));
    const snapshot = await adapter.getSnapshot?.({ entityName: "thing", entityId: "t" });
    expect(JSON.stringify(snapshot?.state)).toBe(JSON.stringify(json.list));
  });
});

describe("mistakes of others, over Prisma's client", () => {
  const row = (version: number | null, overrides: object = {}) => ({
    eventId: `e${version}`,
    eventName: "note:tagged",
    entityName: "note",
    entityId: "n",
    eventCreatedAt: new Date("2024-01-01T00:00:00Z"),
    body: { tag: `${version}` },
    version,
    ...overrides,
  });
  const created = (version: number | null, overrides: object = {}) =>
    row(version, { eventName: "note:created", body: { text: "one" }, ...overrides });

  test("P1: events come in the order of their versions, in whatever order the database has them", async () => {
    const { prisma } = await open();
    // Without an index the database gives the rows as they were written.
    const { adapter } = notesOver(prisma, { event: prisma.unguardedEvent });
    await prisma.unguardedEvent.createMany({ data: [row(3), row(10), created(1), row(2)] });
    const events = await adapter.getEventsByEntityId({ entityName: "note", entityId: "n" });
    expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 10]);
  });

  test("P2: rows whose version is NULL load, and new events are numbered from 1", async () => {
    const { prisma } = await open();
    const { notes, adapter } = notesOver(prisma);
    await prisma.oldEvent.createMany({
      data: [row(null, { eventId: "b", eventCreatedAt: new Date("2024-01-02T00:00:00Z") }), created(null)],
    });
    const [first] = await adapter.getEventsByEntityId({ entityName: "note", entityId: "n" });
    expect(first).not.toHaveProperty("version");
    const note = await notes.findOneOrThrow({ entityId: "n" });
    expect(note.toJSON()).toMatchObject({ version: 0, state: { text: "one", tags: ["null"] } });
    expect(await notes.mutate({ entityId: "n" }, (found) => found.tag("x"))).toMatchObject({ version: 1 });
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.tags).toEqual(["null", "x"]);
  });

  test("P3: a batch of nothing writes nothing", async () => {
    const { prisma } = await open();
    const { adapter, notes } = notesOver(prisma);
    const { entity } = await notes.create({ entityId: "n", body: { text: "one" } });
    await adapter.commitEvents({
      entityName: "note",
      entityId: "n",
      events: [],
      state: {} as never,
      expectedVersion: 1,
    });
    expect(await notes.commit(entity)).toMatchObject({ events: [] });
    expect(await prisma.oldView.findMany()).toMatchObject([{ version: 1, text: "one" }]);
  });

  test("P5, A7: a commit that crosses a multiple of snapshotEvery keeps a snapshot", async () => {
    const { prisma } = await open();
    const { notes } = notesOver(prisma, { snapshotEvery: 10 });
    const note = Note.create({ entityId: "n", body: { text: "one" } });
    for (let version = 2; version <= 9; version++) note.tag(`${version}`);
    await notes.commit(note);
    expect(await prisma.oldSnapshot.count()).toBe(0);
    note.tag("10");
    note.tag("11");
    await notes.commit(note);
    expect(await prisma.oldSnapshot.findMany()).toMatchObject([{ version: 11, entityName: "note" }]);
    await prisma.oldEvent.deleteMany({ where: { version: { lte: 11 } } });
    expect((await notes.findOneOrThrow({ entityId: "n" })).version).toBe(11);
  });

  test("P5: snapshotEvery is a whole number of at least 1", async () => {
    const { prisma } = await open();
    for (const snapshotEvery of [0, -1, 2.5, Number.NaN]) {
      expect(() => notesOver(prisma, { snapshotEvery })).toThrow(ValidationError);
    }
  });

  test("P6: a stale writer is refused, and the view is not overwritten", async () => {
    const { prisma } = await open();
    const { notes } = notesOver(prisma);
    await notes.create({ entityId: "n", body: { text: "one" } });
    const writers = await Promise.all(Array.from({ length: 8 }, () => notes.findOneOrThrow({ entityId: "n" })));
    for (const [index, writer] of writers.entries()) writer.edit(`${index}`);
    const settled = await Promise.allSettled(writers.map((writer) => notes.commit(writer)));
    const refused = settled.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    expect(refused).toHaveLength(7);
    for (const error of refused) {
      expect(error).toBeInstanceOf(ConcurrencyError);
      expect(error).toMatchObject({ expectedVersion: 1, actualVersion: 2 });
    }
    const { state } = await notes.findOneOrThrow({ entityId: "n" });
    expect(await prisma.oldView.findMany()).toMatchObject([{ text: state.text, version: 2 }]);
  });

  test("P6: where the table lacks its unique index, one who comes late is refused all the same", async () => {
    const { prisma } = await open();
    const { notes } = notesOver(prisma, { event: prisma.unguardedEvent });
    await notes.create({ entityId: "n", body: { text: "one" } });
    const late = await notes.findOneOrThrow({ entityId: "n" });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    late.edit("late");
    expect(await rejection(notes.commit(late))).toMatchObject({ code: "concurrency_conflict", actualVersion: 2 });
    expect(await rejection(notes.create({ entityId: "n", body: { text: "" } }))).toMatchObject({
      code: "entity_exists",
    });
  });

  test("P6: a unique violation that is none of versions is thrown as Prisma throws it", async () => {
    const { prisma, posts } = await openPosts();
    await posts.create({ entityId: "p1", body: { title: "Hello", slug: "hello" } }, who);
    const taken = await rejection(posts.create({ entityId: "p2", body: { title: "Hello", slug: "hello" } }, who));
    expect(taken).toMatchObject({ name: "PrismaClientKnownRequestError", code: "P2002" });
    expect(taken).not.toBeInstanceOf(ConcurrencyError);
    expect(await posts.findOne({ entityId: "p2" })).toBeNull();

    const { notes } = notesOver(prisma);
    await notes.create({ entityId: "a", eventId: "same", body: { text: "one" } });
    const again = await rejection(notes.create({ entityId: "b", eventId: "same", body: { text: "two" } }));
    expect(again).toMatchObject({ code: "P2002" });
  });

  test("P6: one that a driver adapter reports in its own form is known as well", async () => {
    const { prisma } = await open();
    const violation = { name: "DriverAdapterError", cause: { kind: "UniqueConstraintViolation" } };
    const { notes } = notesOver({
      // Without the look at what is stored, as of two who write at once.
      oldEvent: {
        findMany: prisma.oldEvent.findMany,
        createMany: prisma.oldEvent.createMany,
      },
      oldSnapshot: prisma.oldSnapshot,
      oldView: prisma.oldView,
      $transaction: (commands: Promise<unknown>[]) =>
        prisma.$transaction(commands).catch(() => Promise.reject(violation)),
    });
    await notes.create({ entityId: "n", body: { text: "one" } });
    const late = await notes.findOneOrThrow({ entityId: "n" });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"));
    late.edit("late");
    expect(await rejection(notes.commit(late))).toMatchObject({ code: "concurrency_conflict", actualVersion: 2 });
  });

  test("P7: entities of two names with one id keep views and snapshots of their own, where the key is a compound one", async () => {
    const { prisma } = await open();
    const of = (entityName: string) => ({
      adapter: prismaAdapter({
        prisma,
        tables: { event: prisma.event, snapshot: prisma.snapshot, view: prisma.postView } as never,
        entityToViewRow: ({ entityId, version }) => ({ entityName, entityId, version, title: "", status: "" }),
        compoundKey: "entityName_entityId",
        snapshotEvery: 1,
      }),
      event: (version: number): BaseEventType => ({
        eventId: `${entityName}${version}`,
        eventCreatedAt: "2024-01-01T00:00:00.000Z",
        eventName: `${entityName}:happened`,
        entityName,
        entityId: "1",
        version,
        body: {},
      }),
    });
    for (const entityName of ["post", "author"]) {
      const { adapter, event } = of(entityName);
      for (const version of [1, 2]) {
        await adapter.commitEvents({ entityName, entityId: "1", events: [event(version)], state: { entityName } });
      }
    }
    for (const entityName of ["post", "author"]) {
      const snapshot = await of(entityName).adapter.getSnapshot?.({ entityName, entityId: "1" });
      expect(snapshot).toEqual({ state: { entityName }, version: 2 });
    }
    expect(await prisma.postView.count()).toBe(2);
  });

  test("P7: with a key over the id alone they share one row; a snapshot of the other is never read", async () => {
    const { prisma } = await open();
    const { adapter, notes } = notesOver(prisma, { snapshotEvery: 1 });
    await notes.create({ entityId: "1", body: { text: "a note" } });
    await prisma.oldSnapshot.update({ where: { entityId: "1" }, data: { entityName: "author", state: {} } });
    expect(await adapter.getSnapshot?.({ entityName: "note", entityId: "1" })).toBeNull();
    expect((await notes.findOneOrThrow({ entityId: "1" })).state.text).toBe("a note");
  });

  test("P8: a stored time that nobody can read keeps no entity from loading; only at says what is wrong", async () => {
    const { prisma, database } = await open();
    const { notes } = notesOver(prisma);
    await notes.create({ entityId: "n", body: { text: "one" } });
    database.exec(`UPDATE "OldEvent" SET "eventCreatedAt" = 'some day'`);
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("one");
    expect(await rejection(notes.findOne({ entityId: "n", at: new Date() }))).toMatchObject({
      code: "invalid_instant",
    });
    expect(await notes.mutate({ entityId: "n" }, (note) => note.edit("two"))).toMatchObject({ version: 2 });
  });

  test("P8: a time that nobody could read is refused before anything is written", async () => {
    const { prisma } = await open();
    const { adapter } = notesOver(prisma);
    const event = { ...created(1), eventCreatedAt: "some day" };
    const commit = adapter.commitEvents({
      entityName: "note",
      entityId: "n",
      events: [event as never],
      state: {} as never,
    });
    const error = await rejection(commit);
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ code: "invalid_instant", message: expect.stringContaining('"some day"') });
    expect([await prisma.oldEvent.count(), await prisma.oldView.count()]).toEqual([0, 0]);
  });
});

test("the types of the generated client fit, and rows and states are inferred from them", () => {
  const tsc = path.resolve("node_modules/typescript/bin/tsc");
  const project = path.join(import.meta.dirname, "client");
  const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", project], { encoding: "utf8" });
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
});

describe("over tables with metadata and compound keys", () => {
  adapterContract({ describe, test }, async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "ventyd-prisma-"));
    generateClient();
    const { prisma, close } = await openPrisma(path.join(folder, "test.db"));
    return {
      store: prismaAdapter({
        prisma,
        tables: { event: prisma.event, snapshot: prisma.snapshot, view: prisma.postView } as never,
        entityToViewRow: ({ entityName, entityId, version }) => ({
          entityName,
          entityId,
          version,
          title: "",
          status: "",
        }),
        compoundKey: "entityName_entityId",
        metadata: true,
        snapshotEvery: 2,
      }),
      async close() {
        await close();
        rmSync(folder, { recursive: true });
      },
    };
  });
});

describe("over tables as 1.20.4 asked for them", () => {
  adapterContract(
    { describe, test },
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), "ventyd-prisma-"));
      generateClient();
      const { prisma, close } = await openPrisma(path.join(folder, "test.db"));
      return {
        store: prismaAdapter({
          prisma,
          tables: { event: prisma.oldEvent, snapshot: prisma.oldSnapshot, view: prisma.oldView } as never,
          entityToViewRow: ({ entityName, entityId, version }) => ({ entityName, entityId, version, text: "" }),
        }),
        async close() {
          await close();
          rmSync(folder, { recursive: true });
        },
      };
    },
    { keepsTimeText: false },
  );
});
