import { createRepository } from "ventyd";
import { describe, expect, test } from "vitest";
import { readAll, upTo } from "../../src/testing/contract/events.ts";
import { deferred, rejection } from "../support/temp-database.ts";
import { Note, openNotes, told, who } from "./note.ts";
import { overtaken } from "./overtaken.ts";

const key = { idempotencyKey: "k" };

/** A note that is stored with one event. */
async function openNote() {
  const opened = await openNotes();
  await opened.notes.create({ entityId: "n", body: { text: "one" } });
  return opened;
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
      const slower = overtaken(store, method, () => notes.mutate({ entityId: "n" }, publish, key));
      const answer = await createRepository(Note, { adapter: slower }).mutate({ entityId: "n" }, publish, key);
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
