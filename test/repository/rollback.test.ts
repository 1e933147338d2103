import {
  AttributionError,
  ConcurrencyError,
  createRepository,
  defineReducer,
  defineSchema,
  Entity,
  EntityNotFoundError,
  IrreversibleError,
  mutation,
  type RollbackPreview,
  withAttribution,
} from "ventyd";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { readAll, upTo } from "../../src/testing/contract/events.ts";
import { rawRows, rejection } from "../support/temp-database.ts";
import { Note, noteReducer, noteSchema, openNotes, who } from "./note.ts";

/** A note "n" whose versions hold the texts v1, v2 ... vn. */
async function openEdited(count: number) {
  const opened = await openNotes();
  const note = Note.create({ entityId: "n", body: { text: "v1" } });
  for (const version of upTo(count).slice(1)) note.edit(`v${version}`);
  await opened.notes.commit(note);
  const rollback = (toVersion: number) => opened.notes.rollback({ entityId: "n", toVersion }, who);
  const text = async () => (await opened.notes.findOneOrThrow({ entityId: "n" })).state.text;
  return { ...opened, rollback, text };
}

const versions = (events: readonly { version: number }[]) => events.map(({ version }) => version);

describe("rollback", () => {
  test("makes the state what it was, by one more event that says who and why", async () => {
    const { notes, text, store } = await openEdited(5);
    const result = await notes.rollback({ entityId: "n", toVersion: 2 }, { ...who, correlationId: "c" });
    const stored = (await readAll(store)).at(-1);
    expect(result).toEqual({ version: 6, position: stored?.position, events: [stored], duplicate: false });
    expect(stored).toMatchObject({
      eventName: "note:$rolled_back",
      body: { toVersion: 2 },
      version: 6,
      metadata: { ...who, correlationId: "c" },
    });
    expect(await text()).toBe("v2");
    expect((await notes.findOneOrThrow({ entityId: "n" })).version).toBe(6);
  });

  test("deletes and changes nothing: every stored row stays as it was, byte for byte", async () => {
    const { database, rollback } = await openEdited(5);
    const before = rawRows(database);
    await rollback(2);
    await rollback(5);
    const after = rawRows(database);
    expect(after).toHaveLength(7);
    expect(after.slice(0, 5)).toEqual(before);
  });

  test("leaves the past where it is: every version before it, and what they were at their time", async () => {
    const { notes, rollback } = await openEdited(4);
    await rollback(2);
    for (const version of upTo(4)) {
      expect((await notes.findOneOrThrow({ entityId: "n", version })).state.text).toBe(`v${version}`);
    }
    expect((await notes.findOneOrThrow({ entityId: "n", version: 5 })).state.text).toBe("v2");
  });

  test("lets the entity go on from there", async () => {
    const { notes, rollback, text } = await openEdited(4);
    await rollback(1);
    await notes.mutate({ entityId: "n" }, (note) => note.tag("after"));
    expect(await text()).toBe("v1");
    expect(await notes.findOneOrThrow({ entityId: "n" })).toMatchObject({ version: 6, state: { tags: ["after"] } });
  });

  test("nests: a rollback can be rolled back, and that again", async () => {
    const { rollback, text } = await openEdited(3);
    await rollback(1); // 4
    expect(await text()).toBe("v1");
    await rollback(3); // 5: as before version 4
    expect(await text()).toBe("v3");
    await rollback(4); // 6: as version 4 was, which is version 1
    expect(await text()).toBe("v1");
    await rollback(5); // 7
    expect(await text()).toBe("v3");
    await rollback(2); // 8
    expect(await text()).toBe("v2");
  });

  test.for([{}, { actor: "alice" }, { reason: "because" }, { actor: " ", reason: "\n" }])(
    "needs an actor and a reason whatever the policy: not with %j",
    async (attribution) => {
      const { store } = await openEdited(3);
      for (const policy of ["optional", "actor", "required", ["note:edited"]] as const) {
        const notes = createRepository(Note, { adapter: store, attribution: policy as "optional" });
        const error = await rejection(notes.rollback({ entityId: "n", toVersion: 1 }, attribution));
        expect(error).toBeInstanceOf(AttributionError);
        expect(error).toMatchObject({ code: "attribution_missing", eventName: "note:$rolled_back" });
      }
      expect(await readAll(store)).toHaveLength(3);
    },
  );

  test("takes who and why from what surrounds it", async () => {
    const { notes, text } = await openEdited(3);
    await withAttribution(who, () => notes.rollback({ entityId: "n", toVersion: 1 }, {}));
    expect(await text()).toBe("v1");
  });

  test.for([0, -1, 3, 4, 1.5, Number.NaN])("to version %d of 3 is refused", async (toVersion) => {
    const { notes, store } = await openEdited(3);
    for (const verb of [
      () => notes.rollback({ entityId: "n", toVersion }, who),
      () => notes.previewRollback({ entityId: "n", toVersion }),
    ]) {
      expect(await rejection(verb())).toMatchObject({ name: "ValidationError", code: "invalid_version" });
    }
    expect(await readAll(store)).toHaveLength(3);
  });

  test("of an entity that has one event, or does not exist, is refused", async () => {
    const { notes, rollback } = await openEdited(1);
    expect(await rejection(rollback(1))).toMatchObject({ code: "invalid_version" });
    for (const verb of [
      () => notes.rollback({ entityId: "none", toVersion: 1 }, who),
      () => notes.previewRollback({ entityId: "none", toVersion: 1 }),
    ]) {
      expect(await rejection(verb())).toBeInstanceOf(EntityNotFoundError);
    }
  });

  test("without a target, or with two, is refused", async () => {
    const { notes } = await openEdited(3);
    for (const target of [{}, { toVersion: 1, at: new Date() }]) {
      expect(await rejection(notes.rollback({ entityId: "n", ...target } as never, who))).toMatchObject({
        name: "ValidationError",
      });
    }
  });

  test("with an expected version that is not the stored one is refused, and is not repeated", async () => {
    const { notes, store } = await openEdited(3);
    for (const expectedVersion of [2, 4]) {
      const error = await rejection(notes.rollback({ entityId: "n", toVersion: 1, expectedVersion }, who));
      expect(error).toBeInstanceOf(ConcurrencyError);
      expect(error).toMatchObject({ expectedVersion, actualVersion: 3 });
    }
    expect(await readAll(store)).toHaveLength(3);
    expect(await notes.rollback({ entityId: "n", toVersion: 1, expectedVersion: 3 }, who)).toMatchObject({
      version: 4,
    });
  });

  test("of many at once one is written for each version, and none is lost", async () => {
    const { notes, store } = await openEdited(3);
    const outcomes = await Promise.allSettled(upTo(20).map(() => notes.rollback({ entityId: "n", toVersion: 1 }, who)));
    const written = outcomes.filter(({ status }) => status === "fulfilled").length;
    expect(written).toBeGreaterThanOrEqual(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(ConcurrencyError);
    }
    expect(versions(await readAll(store))).toEqual(upTo(3 + written));
  });

  test("whose result today's state schema does not accept is refused", async () => {
    const { notes, store } = await openNotes();
    const Unchecked = Entity(noteSchema, noteReducer, { checks: "off" });
    await createRepository(Unchecked, { adapter: store }).create({ entityId: "n", body: { text: "x".repeat(51) } });
    await notes.mutate({ entityId: "n" }, (note) => {
      note.edit("short enough");
      note.edit("still short");
    });
    for (const verb of [
      () => notes.rollback({ entityId: "n", toVersion: 1 }, who),
      () => notes.previewRollback({ entityId: "n", toVersion: 1 }),
    ]) {
      expect(await rejection(verb())).toMatchObject({ name: "ValidationError", code: "invalid_state" });
    }
    expect(await readAll(store)).toHaveLength(3);
    expect(await notes.rollback({ entityId: "n", toVersion: 2 }, who)).toMatchObject({ version: 4 });
  });

  test("inside a transaction that aborts never happened", async () => {
    const { notes, store, text } = await openEdited(3);
    const work = store.transaction(async () => {
      await notes.rollback({ entityId: "n", toVersion: 1 }, who);
      expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("v1");
      throw new Error("aborted");
    });
    await expect(work).rejects.toThrow("aborted");
    expect(await text()).toBe("v3");
    expect(await readAll(store)).toHaveLength(3);
  });
});

describe("rollback to an instant", () => {
  async function openDated(...days: number[]) {
    const opened = await openNotes();
    const date = (day: number) => `2024-01-${String(day).padStart(2, "0")}T00:00:00Z`;
    const [first, ...rest] = days as [number, ...number[]];
    const note = Note.create({ entityId: "n", body: { text: "v1" }, eventCreatedAt: date(first) });
    for (const [index, day] of rest.entries()) note.editAt(`v${index + 2}`, date(day));
    await opened.notes.commit(note);
    return { ...opened, date };
  }

  test("goes where findOne({ at }) is", async () => {
    const { notes, date } = await openDated(1, 2, 3);
    const at = "2024-01-02T09:00:00+09:00"; // midnight of the 2nd in UTC: version 2
    expect((await notes.previewRollback({ entityId: "n", at })).toVersion).toBe(2);
    expect((await notes.previewRollback({ entityId: "n", at: new Date(date(1)) })).toVersion).toBe(1);
    await notes.rollback({ entityId: "n", at }, who);
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("v2");
  });

  test("is refused when it would keep an event that is dated later, and names it", async () => {
    const { notes, store, date } = await openDated(1, 20, 10, 30);
    for (const verb of [
      () => notes.rollback({ entityId: "n", at: date(15) }, who),
      () => notes.previewRollback({ entityId: "n", at: date(15) }),
    ]) {
      expect(await rejection(verb())).toMatchObject({ code: "rollback_out_of_order", version: 2 });
    }
    expect(await readAll(store)).toHaveLength(4);
    expect(await notes.rollback({ entityId: "n", at: date(25) }, who)).toMatchObject({ version: 5 });
  });

  test("before the first event, or after the last, is refused", async () => {
    const { notes, date } = await openDated(2, 3);
    for (const at of [date(1), date(3), date(31)]) {
      expect(await rejection(notes.rollback({ entityId: "n", at }, who)), at).toMatchObject({
        code: "invalid_version",
      });
    }
    expect(await rejection(notes.rollback({ entityId: "n", at: "yesterday" }, who))).toMatchObject({
      code: "invalid_instant",
    });
  });
});

describe("previewRollback", () => {
  test("tells what a rollback would do, and writes nothing", async () => {
    const { notes, database } = await openEdited(4);
    const rows = rawRows(database);
    const preview = await notes.previewRollback({ entityId: "n", toVersion: 2 });
    const state = (text: string) => ({ text, tags: [], isPublished: false });
    expect(preview).toMatchObject({
      entityId: "n",
      version: 4,
      toVersion: 2,
      before: state("v4"),
      after: state("v2"),
      changes: [{ op: "replace", path: "/text", value: "v2", previous: "v4" }],
      redone: [],
      related: [],
      irreversible: [],
    });
    const history = await notes.history({ entityId: "n" });
    expect(preview.undone).toEqual(history.slice(2).map(({ event }) => event));
    expect(rawRows(database)).toEqual(rows);
  });

  test("of a rollback of a rollback tells what would count again", async () => {
    const { notes, rollback } = await openEdited(4);
    await rollback(2); // 5
    await notes.mutate({ entityId: "n" }, (note) => note.edit("v6"));
    const preview = await notes.previewRollback({ entityId: "n", toVersion: 4 });
    expect(versions(preview.undone)).toEqual([6]);
    expect(versions(preview.redone)).toEqual([3, 4]);
    expect(preview).toMatchObject({ before: { text: "v6" }, after: { text: "v4" } });
  });

  test("lists events of other entities that belong to what is undone", async () => {
    const { notes } = await openEdited(2);
    const edit = (entityId: string, text: string, correlationId?: string) =>
      notes.mutate({ entityId }, (note) => note.edit(text), { correlationId });
    await notes.create({ entityId: "m", body: { text: "m1" } }, { correlationId: "kept" });
    await edit("n", "v3", "kept");
    await edit("n", "v4", "undone");
    await edit("m", "m2", "undone");
    await edit("m", "m3", "somewhere else");
    await edit("m", "m4", "undone");
    await edit("n", "v5");
    const { related, undone } = await notes.previewRollback({ entityId: "n", toVersion: 3 });
    expect(versions(undone)).toEqual([4, 5]);
    expect(related.map(({ entityId, body }) => [entityId, body])).toEqual([
      ["m", { text: "m2" }],
      ["m", { text: "m4" }],
    ]);
  });

  test("is plain JSON: through JSON.stringify and back it is the same, and rollback takes it", async () => {
    const { notes, text } = await openEdited(4);
    const preview = await notes.previewRollback({ entityId: "n", toVersion: 2 });
    const received = JSON.parse(JSON.stringify(preview)) as RollbackPreview;
    expect(received).toEqual(preview);
    expect(await notes.rollback(received, who)).toMatchObject({ version: 5, events: [{ body: { toVersion: 2 } }] });
    expect(await text()).toBe(received.after && (received.after as { text: string }).text);
  });

  test("is not for commit, which says where it belongs", async () => {
    const { notes, store } = await openEdited(3);
    const preview = await notes.previewRollback({ entityId: "n", toVersion: 1 });
    for (const commit of [notes.commit(preview as never), notes.commit([preview] as never)]) {
      const error = await rejection(commit);
      expect(error).toMatchObject({ code: "wrong_entity", message: expect.stringContaining("Pass it to rollback().") });
    }
    expect(await readAll(store)).toHaveLength(3);
  });

  test("made of an instant is carried out as the version that it named, whatever has been dated since", async () => {
    const { notes } = await openNotes();
    const note = Note.create({ entityId: "n", body: { text: "v1" }, eventCreatedAt: "2024-01-01T00:00:00Z" });
    note.editAt("v2", "2024-01-03T00:00:00Z");
    await notes.commit(note);
    const preview = await notes.previewRollback({ entityId: "n", at: "2024-01-02T00:00:00Z" });
    expect(await notes.rollback(JSON.parse(JSON.stringify(preview)) as RollbackPreview, who)).toMatchObject({
      events: [{ body: { toVersion: 1 } }],
    });
  });

  test("is refused when the entity has moved on since, also when it looks the same again", async () => {
    const { notes, store, rollback } = await openEdited(4);
    const preview = await notes.previewRollback({ entityId: "n", toVersion: 2 });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("moved on"));
    const refused = async (actualVersion: number) => {
      const error = await rejection(notes.rollback(preview, who));
      expect(error).toBeInstanceOf(ConcurrencyError);
      expect(error).toMatchObject({ expectedVersion: 4, actualVersion });
    };
    await refused(5);
    await rollback(4);
    await refused(6);
    expect(await readAll(store)).toHaveLength(6);
  });

  test("can be made again from an old one", async () => {
    const { notes } = await openEdited(2);
    await notes.mutate({ entityId: "n" }, (note) => note.edit("v3"), { correlationId: "c" });
    const old = await notes.previewRollback({ entityId: "n", toVersion: 1 });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("v4"));
    const { toVersion, version } = await notes.previewRollback(old);
    expect({ toVersion, version }).toEqual({ toVersion: 1, version: 4 });
  });
});

describe("irreversible events", () => {
  async function openPublished() {
    const opened = await openEdited(2);
    await opened.notes.mutate({ entityId: "n" }, (note) => {
      note.publish(); // 3
      note.edit("v4");
    });
    return opened;
  }

  test("stop a rollback that would undo them, and are named by the preview and the error", async () => {
    const { notes, store } = await openPublished();
    const preview = await notes.previewRollback({ entityId: "n", toVersion: 2 });
    expect(preview.irreversible).toMatchObject([{ eventName: "note:published", version: 3 }]);
    for (const target of [preview, { entityId: "n", toVersion: 1 }]) {
      const error = await rejection(notes.rollback(target, who));
      expect(error).toBeInstanceOf(IrreversibleError);
      expect(error).toMatchObject({ code: "irreversible_event", entityId: "n", events: [{ version: 3 }] });
      expect(error.message).toContain("note:published");
    }
    expect(await readAll(store)).toHaveLength(4);
  });

  test("do not stop a rollback that keeps them, or one that brings them back", async () => {
    const { notes, text } = await openPublished();
    await notes.rollback({ entityId: "n", toVersion: 3 }, who); // 5
    expect(await text()).toBe("v2");
    const preview = await notes.previewRollback({ entityId: "n", toVersion: 4 });
    expect(preview.irreversible).toEqual([]);
    await notes.rollback(preview, who);
    expect(await text()).toBe("v4");
  });

  test("that were undone before they were declared so stop nothing", async () => {
    const { notes, store } = await openNotes();
    class Lenient extends Entity({ ...Note.schema, irreversible: [] } as typeof Note.schema, (state, event) => {
      return event.eventName === "note:created"
        ? { text: event.body.text, tags: [], isPublished: false }
        : { ...state, isPublished: event.eventName === "note:published" };
    }) {
      publish = mutation(this, (dispatch) => dispatch("note:published", {}));
    }
    const lenient = createRepository(Lenient, { adapter: store });
    const { entity } = await lenient.create({ entityId: "n", body: { text: "v1" } });
    entity.publish();
    await lenient.commit(entity);
    await lenient.rollback({ entityId: "n", toVersion: 1 }, who); // 3
    await notes.mutate({ entityId: "n" }, (note) => note.edit("v4"));
    // Version 2 does not count any more, so going below it undoes nothing irreversible.
    expect(await notes.rollback({ entityId: "n", toVersion: 1 }, who)).toMatchObject({ version: 5 });
  });
});

describe("history after a rollback", () => {
  test("shows the rollback with what it changed, and which events count", async () => {
    const { notes, rollback } = await openEdited(4);
    await rollback(2); // 5
    const told = async () =>
      (await notes.history({ entityId: "n" })).map(({ event, before, after, changes, effective }) => ({
        version: event.version,
        before: (before as { text: string } | null)?.text,
        after: (after as { text: string }).text,
        changed: changes.length > 0,
        effective,
      }));
    expect(await told()).toEqual([
      { version: 1, before: undefined, after: "v1", changed: true, effective: true },
      { version: 2, before: "v1", after: "v2", changed: true, effective: true },
      { version: 3, before: "v2", after: "v3", changed: true, effective: false },
      { version: 4, before: "v3", after: "v4", changed: true, effective: false },
      { version: 5, before: "v4", after: "v2", changed: true, effective: true },
    ]);

    await rollback(4); // 6: versions 3 and 4 count again, the first rollback does not
    expect((await told()).map(({ version, effective }) => [version, effective])).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, true],
      [5, false],
      [6, true],
    ]);
  });

  test("a page that holds only what follows a rollback starts from the state that it made", async () => {
    const { notes, rollback } = await openEdited(4);
    await rollback(2);
    await notes.mutate({ entityId: "n" }, (note) => note.tag("red"));
    expect(await notes.history({ entityId: "n", after: 5 })).toMatchObject([
      { before: { text: "v2", tags: [] }, after: { text: "v2", tags: ["red"] }, effective: true },
    ]);
    expect(await notes.history({ entityId: "n", after: 4, limit: 1 })).toMatchObject([
      { event: { eventName: "note:$rolled_back" }, before: { text: "v4" }, after: { text: "v2" } },
    ]);
    expect(await notes.diff({ entityId: "n", from: 4, to: 5 })).toMatchObject([{ previous: "v4", value: "v2" }]);
  });
});

test("a rollback event never reaches a user's reducer or schema", async () => {
  const seen: string[] = [];
  const parsed: unknown[] = [];
  const schema = defineSchema("spied", {
    schema: zod({
      event: {
        created: z.object({ n: z.number() }).superRefine((body) => void parsed.push(body)),
        counted: z.object({ n: z.number() }).superRefine((body) => void parsed.push(body)),
      },
      state: z.object({ n: z.number() }),
    }),
    initialEventName: "spied:created",
  });
  const reducer = defineReducer(schema, (_state, event) => {
    seen.push(event.eventName);
    return { n: (event.body as { n: number }).n };
  });
  class Spied extends Entity(schema, reducer) {
    count = mutation(this, (dispatch, n: number) => dispatch("spied:counted", { n }));
  }
  const { store } = await openNotes();
  const spied = createRepository(Spied, { adapter: store });
  const { entity } = await spied.create({ entityId: "s", body: { n: 1 } });
  entity.count(2);
  entity.count(3);
  await spied.commit(entity);
  await spied.rollback(await spied.previewRollback({ entityId: "s", toVersion: 2 }), who);
  await spied.mutate({ entityId: "s" }, (it) => it.count(it.state.n * 10));
  await spied.history({ entityId: "s" });
  await spied.diff({ entityId: "s", from: 3, to: 5 });
  await spied.findOne({ entityId: "s", at: new Date() });
  expect((await spied.findOneOrThrow({ entityId: "s" })).state).toEqual({ n: 20 });
  expect(new Set(seen)).toEqual(new Set(["spied:created", "spied:counted"]));
  expect(parsed.every((body) => typeof (body as { n?: unknown }).n === "number")).toBe(true);
});

test("the name of the rollback event follows the separator of the schema", async () => {
  const schema = defineSchema("cart", {
    schema: zod({
      event: { opened: z.object({}), closed: z.object({}) },
      state: z.object({ open: z.boolean() }),
      namespaceSeparator: "/",
    }),
    initialEventName: "cart/opened",
  });
  class Cart extends Entity(
    schema,
    defineReducer(schema, { "cart/opened": () => ({ open: true }), "cart/closed": () => ({ open: false }) }),
  ) {
    close = mutation(this, (dispatch) => dispatch("cart/closed", {}));
  }
  const { store } = await openNotes();
  const carts = createRepository(Cart, { adapter: store });
  const { entity } = await carts.create({ entityId: "c", body: {} });
  entity.close();
  await carts.commit(entity);
  expect(await carts.rollback({ entityId: "c", toVersion: 1 }, who)).toMatchObject({
    events: [{ eventName: "cart/$rolled_back" }],
  });
  expect((await carts.findOneOrThrow({ entityId: "c" })).state).toEqual({ open: true });
});
