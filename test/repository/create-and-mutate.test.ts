import { ConcurrencyError, createRepository, EntityExistsError, EntityNotFoundError } from "ventyd";
import { describe, expect, test } from "vitest";
import { readAll, upTo } from "../../src/testing/contract/events.ts";
import { deferred, rejection } from "../support/temp-database.ts";
import { Note, openNotes, told, who } from "./note.ts";

describe("create", () => {
  test("stores the initial event, and gives back the entity and what is stored", async () => {
    const { notes, store } = await openNotes();
    const { entity, ...result } = await notes.create({ entityId: "n", body: { text: "one" } }, who);
    const [stored] = await readAll(store);
    expect(result).toEqual({ version: 1, position: stored?.position, events: [stored], duplicate: false });
    expect(stored).toMatchObject({ eventName: "note:created", entityId: "n", version: 1, metadata: who });
    expect(entity).toBeInstanceOf(Note);
    expect(entity.uncommittedEvents).toEqual([]);
    expect((await notes.findOne({ entityId: "n" }))?.state).toEqual(entity.state);
  });

  test("makes up an id where none is given", async () => {
    const { notes } = await openNotes();
    const { entity } = await notes.create({ body: { text: "one" } });
    expect((await notes.findOneOrThrow({ entityId: entity.entityId })).state.text).toBe("one");
  });

  test("G4: of an id that is taken is refused, and changes nothing", async () => {
    const { notes, store } = await openNotes();
    const { entity } = await notes.create({ entityId: "n", body: { text: "one" } });
    entity.edit("two");
    await notes.commit(entity);
    const error = await rejection(notes.create({ entityId: "n", body: { text: "other" } }));
    expect(error).toBeInstanceOf(EntityExistsError);
    expect(error).toBeInstanceOf(ConcurrencyError);
    expect(error).toMatchObject({
      code: "entity_exists",
      entityName: "note",
      entityId: "n",
      expectedVersion: 0,
      actualVersion: 2,
    });
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("B1: of 200 racing for one id one wins, and all others are told so", async () => {
    const { notes, store } = await openNotes();
    const outcomes = await Promise.allSettled(
      upTo(200).map((n) => notes.create({ entityId: "n", body: { text: String(n) } })),
    );
    const winners = outcomes.filter(({ status }) => status === "fulfilled");
    const losers = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(winners).toHaveLength(1);
    expect(losers.every(({ reason }) => reason instanceof EntityExistsError)).toBe(true);
    expect(await told(store, "n")).toEqual([String(outcomes.findIndex(({ status }) => status === "fulfilled") + 1)]);
  });
});

describe("mutate", () => {
  test("loads, runs and commits, and gives back what the callback returned", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const { entity, result, ...rest } = await notes.mutate(
      { entityId: "n" },
      (note) => {
        note.edit("two");
        note.tag("red");
        return note.state.text.length;
      },
      who,
    );
    const [, edited, tagged] = await readAll(store);
    expect(result).toBe(3);
    expect(entity.state).toEqual({ text: "two", tags: ["red"], isPublished: false });
    expect(rest).toEqual({ version: 3, position: tagged?.position, events: [edited, tagged], duplicate: false });
    expect(tagged?.metadata).toEqual(who);
  });

  test("awaits a callback that takes time", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const { result } = await notes.mutate({ entityId: "n" }, async (note) => {
      await note.editSlowly("two", new Promise((resolve) => setImmediate(resolve)));
      return "later";
    });
    expect(result).toBe("later");
    expect(await told(store, "n")).toEqual(["one", "two"]);
  });

  test("that dispatches nothing writes nothing", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const answer = await notes.mutate({ entityId: "n" }, (note) => note.state.text);
    expect(answer).toMatchObject({ result: "one", version: 1, position: undefined, events: [], duplicate: false });
    expect(await readAll(store)).toHaveLength(1);
  });

  test("of an entity that does not exist is an error, and its callback does not run", async () => {
    const { notes } = await openNotes();
    let ran = false;
    const error = await rejection(
      notes.mutate({ entityId: "none" }, () => {
        ran = true;
      }),
    );
    expect(error).toBeInstanceOf(EntityNotFoundError);
    expect(error).toMatchObject({ code: "entity_not_found", entityName: "note", entityId: "none" });
    expect(ran).toBe(false);
  });

  test("loads and runs again when somebody else was faster", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const seen: string[] = [];
    const { result, version } = await notes.mutate({ entityId: "n" }, async (note) => {
      seen.push(note.state.text);
      if (seen.length === 1) await notes.mutate({ entityId: "n" }, (other) => other.edit("theirs"));
      note.edit(`${note.state.text} and mine`);
      return seen.length;
    });
    expect(seen).toEqual(["one", "theirs"]);
    expect({ result, version }).toEqual({ result: 2, version: 3 });
    expect(await told(store, "n")).toEqual(["one", "theirs", "theirs and mine"]);
  });

  test.for([
    [{}, 4],
    [{ retries: 1 }, 2],
    [{ retries: 0 }, 1],
  ] as const)("gives up with ConcurrencyError when the retries are used up: %j, %d runs", async ([options, runs]) => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    let ran = 0;
    const error = await rejection(
      notes.mutate(
        { entityId: "n" },
        async (note) => {
          ran++;
          await notes.mutate({ entityId: "n" }, (other) => other.tag(`t${ran}`));
          note.edit("mine");
        },
        options,
      ),
    );
    expect(error).toBeInstanceOf(ConcurrencyError);
    expect(error).toMatchObject({ code: "concurrency_conflict", expectedVersion: runs, actualVersion: runs + 1 });
    expect(ran).toBe(runs);
    expect(await told(store, "n")).not.toContain("mine");
  });

  test.for([-1, 0.5, Number.NaN])("refuses %d retries", async (retries) => {
    const { notes } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const error = await rejection(notes.mutate({ entityId: "n" }, (note) => note.edit("two"), { retries }));
    expect(error).toMatchObject({ name: "ValidationError" });
  });

  test("with an expected version that is not the stored one does not run its callback", async () => {
    const { notes } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    for (const expectedVersion of [0, 2]) {
      let ran = false;
      const error = await rejection(
        notes.mutate({ entityId: "n", expectedVersion }, () => {
          ran = true;
        }),
      );
      expect(error).toMatchObject({ code: "concurrency_conflict", expectedVersion, actualVersion: 1 });
      expect(ran).toBe(false);
    }
  });

  test("with an expected version never runs twice", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    let ran = 0;
    const error = await rejection(
      notes.mutate({ entityId: "n", expectedVersion: 1 }, async (note) => {
        ran++;
        await notes.mutate({ entityId: "n" }, (other) => other.edit("theirs"));
        note.edit("mine");
      }),
    );
    expect(error).toMatchObject({ code: "concurrency_conflict", expectedVersion: 1, actualVersion: 2 });
    expect(ran).toBe(1);
    expect(await told(store, "n")).toEqual(["one", "theirs"]);

    const { version } = await notes.mutate({ entityId: "n", expectedVersion: 2 }, (note) => note.edit("mine"));
    expect(version).toBe(3);
  });

  test("whose callback fails writes nothing and is not repeated", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    let ran = 0;
    const failure = new Error("not today");
    const error = await rejection(
      notes.mutate({ entityId: "n" }, (note) => {
        ran++;
        note.edit("two");
        throw failure;
      }),
    );
    expect(error).toBe(failure);
    expect(ran).toBe(1);
    expect(await told(store, "n")).toEqual(["one"]);
  });

  test("whose callback leaves an asynchronous mutation pending writes nothing of it", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const { promise, resolve } = deferred();
    let pending: Promise<void> = Promise.resolve();
    const error = await rejection(
      notes.mutate({ entityId: "n" }, (note) => {
        pending = note.editSlowly("two", promise);
      }),
    );
    expect(error).toMatchObject({ code: "entity_busy" });
    resolve();
    await pending;
    expect(await told(store, "n")).toEqual(["one"]);
  });

  test("A4: of many at once none loses another's change", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const tags = upTo(8).map(String);
    await Promise.all(tags.map((tag) => notes.mutate({ entityId: "n" }, (note) => note.tag(tag), { retries: 100 })));
    const { state, version } = await notes.findOneOrThrow({ entityId: "n" });
    expect(state.tags.toSorted()).toEqual(tags);
    expect(version).toBe(9);
    expect((await readAll(store)).map(({ version }) => version)).toEqual(upTo(9));
  });

  test("inside a transaction never repeats, and its error says to repeat the whole transaction", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    let ran = 0;
    const work = store.transaction(async () => {
      await notes.mutate({ entityId: "n" }, async (note) => {
        ran++;
        await notes.mutate({ entityId: "n" }, (other) => other.edit("theirs"));
        note.edit("mine");
      });
    });
    const error = await rejection(work);
    expect(error).toMatchObject({ code: "concurrency_conflict", expectedVersion: 1, actualVersion: 2 });
    expect(error.message).toMatch(/transaction/);
    expect(ran).toBe(1);
    expect(await told(store, "n")).toEqual(["one"]);
  });

  test("has the same powers in a second repository of the same class", async () => {
    const { notes, store } = await openNotes();
    const others = createRepository(Note, { adapter: store });
    const { entity } = await notes.create({ entityId: "n", body: { text: "one" } });
    entity.edit("two");
    expect(await others.commit(entity)).toMatchObject({ version: 2 });
    expect(await others.mutate({ entityId: "n" }, (note) => note.edit("three"))).toMatchObject({ version: 3 });
  });
});
