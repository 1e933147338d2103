import { AttributionError, createRepository, currentAttribution, withAttribution } from "ventyd";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { deferred, rawRows, rejection } from "../support/temp-database.ts";
import { Note, openNotes, who, withAppend } from "./note.ts";

type Policy = Parameters<typeof createRepository<Note, typeof Note.schema, never>>[1]["attribution"];

async function openWith(attribution: Policy) {
  const opened = await openNotes();
  return {
    ...opened,
    notes: createRepository(Note, { adapter: opened.store, attribution: attribution as "required" }),
  };
}

function newNote(entityId = "n") {
  return Note.create({ entityId, body: { text: "one" } });
}

describe("an attribution policy", () => {
  const actor = { actor: "alice" };
  const reason = { reason: "because" };
  const cases = [
    { policy: undefined, given: {}, missing: null },
    { policy: "optional", given: {}, missing: null },
    { policy: "actor", given: actor, missing: null },
    { policy: "actor", given: {}, missing: ["actor"] },
    { policy: "actor", given: reason, missing: ["actor"] },
    { policy: "required", given: who, missing: null },
    { policy: "required", given: actor, missing: ["reason"] },
    { policy: "required", given: reason, missing: ["actor"] },
    { policy: "required", given: {}, missing: ["actor", "reason"] },
    { policy: ["note:edited"], given: actor, missing: null },
    { policy: ["note:edited"], given: {}, missing: ["actor"] },
    { policy: ["note:created"], given: actor, missing: ["reason"] },
    { policy: ["note:created"], given: who, missing: null },
    { policy: [], given: {}, missing: ["actor"] },
  ] as const;
  for (const { policy, given, missing } of cases) {
    const outcome = missing === null ? "takes" : `misses ${missing.join(" and ")} in`;
    test(`${JSON.stringify(policy) ?? "by default"} ${outcome} ${JSON.stringify(given)}`, async () => {
      const { notes, store } = await openWith(policy as Policy);
      const note = newNote();
      if (missing === null) {
        await notes.commit(note, given);
        expect((await readAll(store)).map(({ metadata }) => metadata)).toEqual([given]);
        return;
      }
      const error = await rejection(notes.commit(note, given));
      expect(error).toBeInstanceOf(AttributionError);
      expect(error).toMatchObject({
        code: "attribution_missing",
        entityName: "note",
        entityId: "n",
        eventName: "note:created",
        missing,
      });
      expect(await readAll(store)).toEqual([]);
      expect(note.uncommittedEvents).toHaveLength(1);
      await notes.commit(note, who);
      expect(await readAll(store)).toHaveLength(1);
    });
  }

  test("looks at every event of a commit, and names the one that lacks something", async () => {
    const { notes, store } = await openWith(["note:tagged"]);
    const note = newNote();
    note.edit("two");
    note.tag("red");
    expect(await rejection(notes.commit(note, actor))).toMatchObject({ eventName: "note:tagged", missing: ["reason"] });
    expect(await readAll(store)).toEqual([]);
  });

  test("looks at every entity of a commit", async () => {
    const { notes, store } = await openWith("actor");
    const [a, b] = [Note.create({ entityId: "a", body: { text: "" }, actor: "alice" }), newNote("b")];
    expect(await rejection(notes.commit([a, b]))).toMatchObject({ entityId: "b", missing: ["actor"] });
    expect(await readAll(store)).toEqual([]);
  });

  test.for([
    ["", " "],
    [" \n\t", "\u00a0"],
    [undefined, undefined],
  ])("takes blank for missing: %j", async ([a, r]) => {
    const { notes, store } = await openWith("required");
    const note = newNote();
    expect(await rejection(notes.commit(note, { actor: a, reason: r }))).toMatchObject({
      missing: ["actor", "reason"],
    });
    const optional = createRepository(Note, { adapter: store });
    await optional.commit(note, { actor: a, reason: r });
    expect((await readAll(store))[0]?.metadata).toEqual({});
  });

  test("holds for create, mutate and commit alike", async () => {
    const { notes, store } = await openWith("required");
    const missing = { code: "attribution_missing" };
    expect(await rejection(notes.create({ entityId: "n", body: { text: "" } }))).toMatchObject(missing);
    await notes.create({ entityId: "n", body: { text: "" } }, who);
    expect(await rejection(notes.mutate({ entityId: "n" }, (note) => note.edit("two"), actor))).toMatchObject(missing);
    await notes.mutate({ entityId: "n" }, (note) => note.edit("two"), who);
    expect((await readAll(store)).map(({ metadata }) => metadata)).toEqual([who, who]);
  });

  test.for(["none", "reason", 1, {}])("that is none is refused when the repository is made: %j", async (policy) => {
    const { store } = await openNotes();
    expect(() => createRepository(Note, { adapter: store, attribution: policy as never })).toThrow(/attribution/);
  });
});

describe("who and why", () => {
  test("are taken per key from the dispatch, then the commit, then what surrounds it", async () => {
    const { notes, store } = await openNotes();
    await withAttribution({ actor: "outer", reason: "outer", correlationId: "outer", causationId: "outer" }, () =>
      notes.create(
        { entityId: "n", body: { text: "" }, actor: "dispatch" },
        { actor: "commit", reason: "commit", correlationId: " " },
      ),
    );
    expect((await readAll(store))[0]?.metadata).toEqual({
      actor: "dispatch",
      reason: "commit",
      correlationId: "outer",
      causationId: "outer",
    });
  });

  test("may be said by the surrounding, and a policy is content with that", async () => {
    const { notes, store } = await openWith("required");
    await withAttribution(who, async () => {
      await notes.create({ entityId: "n", body: { text: "" } });
      await notes.mutate({ entityId: "n" }, async (note) => {
        await Promise.resolve();
        note.edit("two");
      });
      await notes.rollback({ entityId: "n", toVersion: 1 }, {});
    });
    expect((await readAll(store)).map(({ metadata }) => metadata)).toEqual([who, who, who]);
    expect(currentAttribution()).toEqual({});
  });

  test("differ by event where the dispatch says so", async () => {
    const { notes, store } = await openWith("required");
    const note = Note.create({ entityId: "n", body: { text: "" }, actor: "bob", metadata: { n: 1 } });
    note.edit("two");
    await notes.commit(note, { ...who, metadata: { n: 2, batch: "b" } });
    expect((await readAll(store)).map(({ metadata }) => metadata)).toEqual([
      { actor: "bob", reason: "because", n: 1, batch: "b" },
      { actor: "alice", reason: "because", n: 2, batch: "b" },
    ]);
  });

  test("and metadata of the application's own come back with the event, flat", async () => {
    const { notes, store } = await openNotes();
    const metadata = JSON.parse('{"__proto__":{"a":1},"ip":"::1","nested":{"b":[null]},"constructor":"x"}') as object;
    await notes.create({ entityId: "n", body: { text: "" } }, { ...who, metadata: metadata as never });
    expect((await readAll(store))[0]?.metadata).toEqual({ ...who, ...metadata });
    expect(Object.keys((await readAll(store))[0]?.metadata as object)).toEqual([
      "actor",
      "reason",
      "__proto__",
      "ip",
      "nested",
      "constructor",
    ]);
  });

  test.for(["actor", "reason", "correlationId", "causationId", "onBehalfOf", "idempotencyKey", "tenant", "$anything"])(
    "the name %s is not the application's to set",
    async (name) => {
      const { notes, store } = await openNotes();
      for (const attempt of [
        () => notes.create({ entityId: "n", body: { text: "" } }, { metadata: { [name]: "forged" } }),
        () => notes.create({ entityId: "n", body: { text: "" }, metadata: { [name]: "forged" } }),
        () =>
          withAttribution({ metadata: { [name]: "forged" } }, () =>
            notes.create({ entityId: "n", body: { text: "" } }),
          ),
      ]) {
        expect(await rejection(Promise.resolve().then(attempt))).toMatchObject({ code: "reserved_metadata" });
      }
      expect(await readAll(store)).toEqual([]);
    },
  );

  test("that no store could keep, or JSON not carry, are refused, and the entity keeps its events", async () => {
    const { notes, store } = await openNotes();
    const note = newNote();
    const refusals = [
      [{ actor: "a\u0000" }, "invalid_text"],
      [{ actor: "\ud800" }, "invalid_text"],
      [{ actor: "x".repeat(256) }, "invalid_text"],
      [{ correlationId: "\udc00" }, "invalid_text"],
      [{ reason: "\ud800" }, "invalid_text"],
      [{ metadata: { when: Number.NaN } }, "not_json"],
      [{ metadata: { work: () => {} } }, "not_json"],
    ] as const;
    for (const [attribution, code] of refusals) {
      expect(await rejection(notes.commit(note, attribution)), JSON.stringify(attribution)).toMatchObject({ code });
    }
    expect(await readAll(store)).toEqual([]);
    expect(note.uncommittedEvents).toHaveLength(1);
  });

  test("are those of the moment of the call, however long the commit then waits", async () => {
    const { store } = await openNotes();
    const gate = deferred();
    const notes = createRepository(Note, {
      adapter: withAppend(store, async (append) => {
        await gate.promise;
        return append();
      }),
    });
    const note = newNote();
    const first = withAttribution({ actor: "first" }, () => notes.commit(note));
    note.edit("two");
    const options = { reason: "as called", metadata: { ip: "::1" } };
    const second = withAttribution({ actor: "second" }, () => notes.commit(note, options));
    options.reason = "changed later";
    options.metadata.ip = "changed later";
    gate.resolve();
    await withAttribution({ actor: "third" }, () => Promise.all([first, second]));
    expect((await readAll(store)).map(({ metadata }) => metadata)).toEqual([
      { actor: "first" },
      { actor: "second", reason: "as called", ip: "::1" },
    ]);
  });

  test("given with a dispatch are those of the moment of the dispatch", async () => {
    const { notes, store } = await openNotes();
    const options = { actor: "alice", metadata: { ip: "::1" } };
    const note = Note.create({ entityId: "n", body: { text: "" }, ...options });
    options.actor = "mallory";
    options.metadata.ip = "forged";
    await notes.commit(note);
    expect((await readAll(store))[0]?.metadata).toEqual({ actor: "alice", ip: "::1" });
  });

  test("are never part of what a reducer or a loaded entity sees", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "" } }, who);
    const [event] = await store.load({ entityName: "note", entityId: "n" });
    expect(Object.keys(event as object).toSorted()).toEqual([
      "body",
      "bodyIsOutput",
      "entityId",
      "entityName",
      "eventCreatedAt",
      "eventId",
      "eventName",
      "version",
    ]);
  });

  test("have columns of their own for what is filtered by, and stand nowhere twice", async () => {
    const { notes, database } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "" } }, { ...who, correlationId: "c" });
    expect(rawRows(database)).toMatchObject([
      { actor: "alice", correlation_id: "c", metadata: '{"reason":"because"}' },
    ]);
  });
});
