import { createRepository, EntityNotFoundError } from "ventyd";
import { describe, expect, test } from "vitest";
import { upTo } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/temp-database.ts";
import { Note, openNotes, who } from "./note.ts";

/** A note "n" of one event per date, in version order; the texts are v1, v2 ... */
async function openDated(dates: readonly string[]) {
  const opened = await openNotes();
  const [first, ...rest] = dates;
  const note = Note.create({ entityId: "n", body: { text: "v1" }, eventCreatedAt: first });
  for (const [index, date] of rest.entries()) note.editAt(`v${index + 2}`, date);
  await opened.notes.commit(note, who);
  const textAt = async (point: { version: number } | { at: string | Date }) =>
    (await opened.notes.findOne({ entityId: "n", ...point } as { entityId: "n"; version: number }))?.state.text ?? null;
  return { ...opened, textAt };
}

const days = (...numbers: number[]) => numbers.map((day) => `2024-01-${String(day).padStart(2, "0")}T00:00:00Z`);

describe("findOne", () => {
  test("gives the entity as it is now, ready to be changed, or null", async () => {
    const { notes } = await openDated(days(1, 2));
    const note = await notes.findOne({ entityId: "n" });
    expect(note).toBeInstanceOf(Note);
    expect(note).toMatchObject({ version: 2, state: { text: "v2" }, uncommittedEvents: [] });
    note?.edit("v3");
    expect(await notes.commit(note as Note)).toMatchObject({ version: 3 });
    expect(await notes.findOne({ entityId: "none" })).toBeNull();
    expect(await notes.findOne({ entityId: "N" })).toBeNull();
  });

  test("gives every version as it was", async () => {
    const { notes, textAt } = await openDated(days(1, 2, 3));
    for (const version of [1, 2, 3]) {
      expect(await textAt({ version })).toBe(`v${version}`);
      expect((await notes.findOneOrThrow({ entityId: "n", version })).version).toBe(version);
    }
  });

  test("gives null for a version above the head, and before the first event", async () => {
    const { textAt, notes } = await openDated(days(2));
    expect(await textAt({ version: 2 })).toBeNull();
    expect(await textAt({ version: Number.MAX_SAFE_INTEGER })).toBeNull();
    expect(await textAt({ at: "2024-01-01T23:59:59.999Z" })).toBeNull();
    expect(await notes.findOne({ entityId: "none", version: 1 })).toBeNull();
    expect(await notes.findOne({ entityId: "none", at: new Date() })).toBeNull();
  });

  test("takes a text or a Date for an instant", async () => {
    const { textAt } = await openDated(days(1, 2, 3));
    expect(await textAt({ at: "2024-01-02T00:00:00Z" })).toBe("v2");
    expect(await textAt({ at: new Date("2024-01-02T00:00:00Z") })).toBe("v2");
    expect(await textAt({ at: "2024-01-03T08:59:59.999+09:00" })).toBe("v2");
    expect(await textAt({ at: "2024-01-03T09:00:00+09:00" })).toBe("v3");
    expect(await textAt({ at: new Date() })).toBe("v3");
  });

  test("compares instants where comparing texts would give another answer", async () => {
    const dates = ["2024-01-01T09:00:00+09:00", "2024-01-01T10:30:00+09:00", "2023-12-31T21:00:00-05:00"];
    const { textAt } = await openDated(dates);
    // 01:45 UTC. As a text, every one of the dates but the last is later than it, and the last is really later.
    const at = "2024-01-01T01:45:00Z";
    expect(dates.filter((date) => date <= at)).toEqual([dates[2]]);
    expect(await textAt({ at })).toBe("v2");
    expect(await textAt({ at: "2023-12-31T20:45:00-05:00" })).toBe("v2");
  });

  test("at means the last event that had happened, everything before it in version order included", async () => {
    const { textAt } = await openDated(days(1, 20, 10, 30));
    expect(await textAt({ at: "2024-01-05T00:00:00Z" })).toBe("v1");
    expect(await textAt({ at: "2024-01-15T00:00:00Z" })).toBe("v3");
    expect(await textAt({ at: "2024-01-25T00:00:00Z" })).toBe("v3");
    expect(await textAt({ at: "2024-01-31T00:00:00Z" })).toBe("v4");
  });

  test("refuses version and at together, and what is neither a version nor an instant", async () => {
    const { notes } = await openDated(days(1));
    const find = (point: object) => rejection(notes.findOne({ entityId: "n", ...point }));
    expect(await find({ version: 1, at: "2024-01-01T00:00:00Z" })).toMatchObject({ name: "ValidationError" });
    for (const version of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await find({ version }), String(version)).toMatchObject({ code: "invalid_version" });
    }
    for (const at of ["2024", "2024-01-01", "2024-01-01T00:00:00", "yesterday", "", new Date(Number.NaN), 0]) {
      expect(await find({ at }), String(at)).toMatchObject({ code: "invalid_instant" });
    }
  });

  test("gives an entity of the past to look at, not to change", async () => {
    const { notes } = await openDated(days(1, 2));
    for (const point of [{ version: 2 }, { at: new Date() }]) {
      const note = await notes.findOneOrThrow({ entityId: "n", ...point } as { entityId: "n"; version: number });
      expect(() => (note as unknown as Note).edit("v3")).toThrow("Entity is readonly");
      expect(note.state.text).toBe("v2");
    }
  });

  test("findOneOrThrow names what is missing", async () => {
    const { notes } = await openDated(days(1));
    for (const args of [
      { entityId: "none" },
      { entityId: "n", version: 2 },
      { entityId: "n", at: "2023-01-01T00:00:00Z" },
    ]) {
      const error = await rejection(notes.findOneOrThrow(args as { entityId: string }));
      expect(error).toBeInstanceOf(EntityNotFoundError);
      expect(error).toMatchObject({ code: "entity_not_found", entityName: "note", entityId: args.entityId });
    }
  });

  test("findOneOrThrow says at which point it looked, be it the very first", async () => {
    const { notes } = await openDated(days(1));
    const early = "2023-01-01T00:00:00Z";
    const points: [object, string][] = [
      [{ version: 2 }, "for version 2"],
      [{ position: 0 }, "for position 0"],
      [{ at: early }, `for at ${early}`],
      [{ knownAt: early }, `for what was known at ${early}`],
    ];
    for (const [point, text] of points) {
      const error = await rejection(notes.findOneOrThrow({ entityId: "n", ...point } as { entityId: string }));
      expect(error).toMatchObject({ code: "entity_not_found", message: expect.stringContaining(text) });
    }
    expect((await rejection(notes.findOneOrThrow({ entityId: "none" }))).message).not.toContain(" for ");
  });

  test("findMany keeps the order asked, with null where there is none and one instance for one id", async () => {
    const { notes } = await openDated(days(1));
    await notes.create({ entityId: "m", body: { text: "other" } });
    const found = await notes.findMany({ entityIds: ["m", "none", "n", "m"] });
    expect(found.map((note) => note?.entityId)).toEqual(["m", undefined, "n", "m"]);
    expect(found[1]).toBeNull();
    expect(found[0]).toBe(found[3]);
    expect(await notes.findMany({ entityIds: [] })).toEqual([]);
  });

  test("refuses an id that is no Unicode, rather than find the one that it looks like", async () => {
    const { notes } = await openNotes();
    await notes.create({ entityId: "\ufffd", body: { text: "" } });
    const found = await notes.findOne({ entityId: "\ud800" }).catch(() => null);
    expect(found).toBeNull();
  });
});

describe("events dated by the entity", () => {
  test("are never dated before the event before them, after a reload too", async () => {
    const { notes } = await openDated(["2999-01-01T00:00:00Z"]);
    const { events } = await notes.mutate({ entityId: "n" }, (note) => {
      note.edit("v2");
      note.edit("v3");
    });
    expect(events.map(({ eventCreatedAt }) => eventCreatedAt)).toEqual(Array(2).fill("2999-01-01T00:00:00.000Z"));
  });

  test("keep the text that they were given", async () => {
    const { notes } = await openDated(["2024-01-01T09:00:00.123456+09:00"]);
    const [entry] = await notes.history({ entityId: "n" });
    expect(entry?.event.eventCreatedAt).toBe("2024-01-01T09:00:00.123456+09:00");
  });
});

describe("history", () => {
  test("tells of every event who, when, why and what it changed", async () => {
    const { notes } = await openNotes();
    const { entity } = await notes.create({ entityId: "n", body: { text: "one" } }, who);
    entity.edit("two");
    entity.tag("red");
    const { events } = await notes.commit(entity, { actor: "bob" });
    const history = await notes.history({ entityId: "n" });
    const one = { text: "one", tags: [], isPublished: false };
    const two = { ...one, text: "two" };
    const three = { ...two, tags: ["red"] };
    expect(history).toEqual([
      {
        event: expect.objectContaining({ version: 1, metadata: who, position: expect.any(Number) }),
        before: null,
        after: one,
        changes: [{ op: "add", path: "", value: one }],
        effective: true,
      },
      {
        event: events[0],
        before: one,
        after: two,
        changes: [{ op: "replace", path: "/text", value: "two", previous: "one" }],
        effective: true,
      },
      {
        event: events[1],
        before: two,
        after: three,
        changes: [{ op: "add", path: "/tags/-", value: "red" }],
        effective: true,
      },
    ]);
  });

  test("gives a part: after and before exclusive, a limit, either order", async () => {
    const { notes } = await openDated(days(1, 2, 3, 4, 5, 6));
    const part = async (args: object) =>
      (await notes.history({ entityId: "n", ...args })).map(({ event, before, after }) => {
        expect((after as { text: string }).text).toBe(`v${event.version}`);
        expect((before as { text: string } | null)?.text ?? "v0").toBe(`v${event.version - 1}`);
        return event.version;
      });
    expect(await part({ after: 2 })).toEqual([3, 4, 5, 6]);
    expect(await part({ before: 3 })).toEqual([1, 2]);
    expect(await part({ after: 1, before: 5 })).toEqual([2, 3, 4]);
    expect(await part({ limit: 2 })).toEqual([1, 2]);
    expect(await part({ after: 3, limit: 2 })).toEqual([4, 5]);
    expect(await part({ order: "desc" })).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await part({ order: "desc", limit: 2 })).toEqual([6, 5]);
    expect(await part({ order: "desc", before: 4, limit: 2 })).toEqual([3, 2]);
    expect(await part({ limit: 0 })).toEqual([]);
    expect(await part({ order: "desc", limit: 0 })).toEqual([]);
    expect(await part({ after: 6 })).toEqual([]);
  });

  test("gives 100 entries unless told otherwise, the first or the last", async () => {
    const { notes } = await openNotes();
    const note = Note.create({ entityId: "n", body: { text: "v1" } });
    for (const n of upTo(150)) note.edit(`v${n + 1}`);
    await notes.commit(note);
    const versions = async (args: object) =>
      (await notes.history({ entityId: "n", ...args })).map(({ event }) => event.version);
    expect(await versions({})).toEqual(upTo(100));
    expect(await versions({ order: "desc" })).toEqual(upTo(151).slice(-100).reverse());
    expect(await versions({ limit: 1_000 })).toEqual(upTo(151));
  });

  test("of an entity that does not exist is empty", async () => {
    const { notes } = await openNotes();
    expect(await notes.history({ entityId: "none" })).toEqual([]);
  });

  test.for([{ after: -1 }, { before: 0.5 }, { limit: -1 }, { limit: Number.NaN }])("refuses %j", async (args) => {
    const { notes } = await openDated(days(1));
    expect(await rejection(notes.history({ entityId: "n", ...args }))).toMatchObject({ name: "ValidationError" });
  });

  test("hands out copies: what is done to them changes nothing", async () => {
    const { notes } = await openDated(days(1, 2));
    const first = await notes.history({ entityId: "n" });
    const kept = structuredClone(first);
    (first[0]?.after as { text: string }).text = "forged";
    (first[0]?.event.body as { text: string }).text = "forged";
    expect(await notes.history({ entityId: "n" })).toEqual(kept);
  });
});

describe("diff", () => {
  test("tells what changed between two versions, whatever lies between", async () => {
    const { notes } = await openDated(days(1, 2, 3));
    const change = (from: number, to: number) => [
      { op: "replace", path: "/text", value: `v${to}`, previous: `v${from}` },
    ];
    expect(await notes.diff({ entityId: "n", from: 1, to: 3 })).toEqual(change(1, 3));
    expect(await notes.diff({ entityId: "n", from: 3, to: 1 })).toEqual(change(3, 1));
    expect(await notes.diff({ entityId: "n", from: 2, to: 2 })).toEqual([]);
  });

  test("takes 0 for before the creation", async () => {
    const { notes } = await openDated(days(1));
    const state = { text: "v1", tags: [], isPublished: false };
    expect(await notes.diff({ entityId: "n", from: 0, to: 1 })).toEqual([{ op: "add", path: "", value: state }]);
    expect(await notes.diff({ entityId: "n", from: 1, to: 0 })).toMatchObject([{ path: "", previous: state }]);
    expect(await notes.diff({ entityId: "n", from: 0, to: 0 })).toEqual([]);
  });

  test("refuses versions that the entity does not have, and entities that do not exist", async () => {
    const { notes } = await openDated(days(1, 2));
    for (const [from, to] of [
      [1, 3],
      [3, 1],
      [-1, 1],
      [1, 1.5],
    ] as const) {
      expect(await rejection(notes.diff({ entityId: "n", from, to })), `${from} ${to}`).toMatchObject({
        code: "invalid_version",
      });
    }
    expect(await rejection(notes.diff({ entityId: "none", from: 0, to: 1 }))).toBeInstanceOf(EntityNotFoundError);
  });
});

test("two entity names with one id have two histories", async () => {
  const { notes, store } = await openDated(days(1));
  await store.append([
    {
      entityName: "memo",
      entityId: "n",
      expectedVersion: 0,
      events: [
        {
          eventId: "memo-1",
          eventName: "memo:created",
          eventCreatedAt: "2024-01-01T00:00:00Z",
          body: {},
          metadata: {},
          bodyIsOutput: true,
        },
      ],
    },
  ]);
  expect(await notes.history({ entityId: "n" })).toHaveLength(1);
  expect((await createRepository(Note, { adapter: store }).findOneOrThrow({ entityId: "n" })).version).toBe(1);
});
