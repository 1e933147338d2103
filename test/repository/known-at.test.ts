import {
  type Adapter,
  CursorAheadError,
  createRepository,
  type EventStore,
  UnsupportedError,
  ValidationError,
} from "ventyd";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/temp-database.ts";
import { Note, openNotes, who } from "./note.ts";

/** Three events of a note, of which the store heard a day after the other, long after they had happened; another note in between. */
async function openTold() {
  let clock = new Date("2024-03-01T12:00:00.000Z");
  const opened = await openNotes({ now: () => clock });
  const { notes, store } = opened;
  const happened = (day: number) => `2020-01-0${day}T00:00:00Z`;
  await notes.create({ entityId: "n", body: { text: "one" }, eventCreatedAt: happened(1) });
  clock = new Date("2024-03-02T12:00:00.000Z");
  await notes.create({ entityId: "other", body: { text: "other" } });
  await notes.mutate({ entityId: "n" }, (note) => note.editAt("two", happened(2)));
  clock = new Date("2024-03-03T12:00:00.000Z");
  await notes.mutate({ entityId: "n" }, (note) => note.editAt("three", happened(3)));
  const positions = (await readAll(store)).filter(({ entityId }) => entityId === "n").map(({ position }) => position);
  const text = async (point: object) =>
    (await notes.findOne({ entityId: "n", ...point } as { entityId: string; version: 1 }))?.state.text ?? null;
  return { ...opened, positions, text, setClock: (now: string) => (clock = new Date(now)) };
}

describe("findOne({ knownAt })", () => {
  test("gives what the store had been told by then, whenever it happened", async () => {
    const { text } = await openTold();
    expect(await text({ knownAt: "2024-02-29T00:00:00Z" })).toBeNull();
    expect(await text({ at: "2024-02-29T00:00:00Z" })).toBe("three");
    expect(await text({ knownAt: "2024-03-02T00:00:00Z" })).toBe("one");
    expect(await text({ knownAt: "2024-03-03T00:00:00Z" })).toBe("two");
    expect(await text({ knownAt: "9999-12-31T00:00:00Z" })).toBe("three");
  });

  test("includes the event that was recorded at that very instant, and not a millisecond before", async () => {
    const { text } = await openTold();
    expect(await text({ knownAt: "2024-03-02T12:00:00.000Z" })).toBe("two");
    expect(await text({ knownAt: "2024-03-02T11:59:59.999Z" })).toBe("one");
  });

  test("takes a Date, and an instant with any offset", async () => {
    const { text } = await openTold();
    expect(await text({ knownAt: new Date("2024-03-02T12:00:00Z") })).toBe("two");
    expect(await text({ knownAt: "2024-03-02T21:00:00+09:00" })).toBe("two");
    expect(await text({ knownAt: "2024-03-02T06:59:59-05:00" })).toBe("one");
  });

  test("is refused for what is no instant", async () => {
    const { notes } = await openTold();
    for (const knownAt of ["yesterday", "2024-03-02", new Date(Number.NaN)]) {
      expect(await rejection(notes.findOne({ entityId: "n", knownAt }))).toMatchObject({ code: "invalid_instant" });
    }
  });

  test("follows the rollbacks of which the store knew by then", async () => {
    const { notes, text, setClock } = await openTold();
    setClock("2024-03-04T12:00:00.000Z");
    await notes.rollback({ entityId: "n", toVersion: 1 }, who);
    expect(await text({ knownAt: "2024-03-03T12:00:00Z" })).toBe("three");
    expect(await text({ knownAt: "2024-03-04T12:00:00Z" })).toBe("one");
  });

  test("is the same when the clock of the store was set back in between", async () => {
    const { notes, text, setClock } = await openTold();
    setClock("2024-01-01T00:00:00.000Z");
    await notes.mutate({ entityId: "n" }, (note) => note.edit("four"));
    expect(await text({ knownAt: "2024-03-02T12:00:00Z" })).toBe("two");
    expect(await text({ knownAt: "2024-03-03T12:00:00Z" })).toBe("four");
  });
});

describe("findOne({ position })", () => {
  test("gives the entity as it stood when the log was that long", async () => {
    const { positions, text } = await openTold();
    const [first, second, third] = positions as [number, number, number];
    expect([
      await text({ position: first }),
      await text({ position: second }),
      await text({ position: third }),
    ]).toEqual(["one", "two", "three"]);
    // The other note lies in between.
    expect(await text({ position: second - 1 })).toBe("one");
  });

  test("before the first event of the entity gives null", async () => {
    const { notes, positions, text } = await openTold();
    expect(await text({ position: 0 })).toBeNull();
    expect(await notes.findOne({ entityId: "other", position: positions[0] as number })).toBeNull();
    expect(await rejection(notes.findOneOrThrow({ entityId: "n", position: 0 }))).toMatchObject({
      code: "entity_not_found",
    });
  });

  test("above the head is refused: what will stand there is not decided", async () => {
    const { notes, positions } = await openTold();
    const position = (positions.at(-1) as number) + 1;
    const error = await rejection(notes.findOne({ entityId: "n", position }));
    expect(error).toBeInstanceOf(CursorAheadError);
    expect(error).toMatchObject({ code: "cursor_ahead" });
    expect(await rejection(notes.findOne({ entityId: "none", position }))).toBeInstanceOf(CursorAheadError);
  });

  test("is refused for what is no position", async () => {
    const { notes } = await openTold();
    for (const position of [-1, 1.5, Number.NaN, "1" as never]) {
      expect(await rejection(notes.findOne({ entityId: "n", position }))).toMatchObject({ code: "invalid_option" });
    }
  });
});

describe("an entity as it was known", () => {
  test("is readonly: no mutation, no commit", async () => {
    const { notes, positions } = await openTold();
    const points = [{ knownAt: "2024-03-02T00:00:00Z" }, { position: positions[0] as number }];
    for (const point of points) {
      const note = (await notes.findOneOrThrow({ entityId: "n", ...point } as {
        entityId: string;
        position: 1;
      })) as never as Note;
      expect(note).toBeInstanceOf(Note);
      expect(() => note.edit("x")).toThrow(expect.objectContaining({ code: "readonly_entity" }));
      expect(await rejection(notes.commit(note))).toMatchObject({ code: "readonly_entity" });
    }
  });

  test("is asked for by one point alone", async () => {
    const { notes } = await openTold();
    const at = "2024-03-02T00:00:00Z";
    const points = [
      { version: 1, knownAt: at },
      { at, knownAt: at },
      { version: 1, position: 1 },
      { at, position: 1 },
      { knownAt: at, position: 1 },
      { version: 1, at, knownAt: at, position: 1 },
    ];
    for (const point of points) {
      const error = await rejection(notes.findOne({ entityId: "n", ...point } as never));
      expect(error, JSON.stringify(point)).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ code: "invalid_option" });
    }
    const others = { at: undefined, knownAt: undefined, position: undefined } as object;
    expect(await notes.findOne({ entityId: "n", version: 1, ...others })).not.toBeNull();
  });

  test("is not taken from a snapshot that came later", async () => {
    const { store, positions } = await openTold();
    const notes = createRepository(Note, { adapter: store, snapshot: { frequency: 1 } });
    await notes.mutate({ entityId: "n" }, (note) => note.edit("four"));
    expect((await notes.findOneOrThrow({ entityId: "n", position: positions[1] as number })).state.text).toBe("two");
    expect((await notes.findOneOrThrow({ entityId: "n", knownAt: "2024-03-02T00:00:00Z" })).state.text).toBe("one");
  });

  test("is seen from inside a transaction with what that has stored", async () => {
    const { notes, store, setClock } = await openTold();
    setClock("2024-03-05T00:00:00.000Z");
    await store.transaction(async () => {
      const { position } = await notes.mutate({ entityId: "n" }, (note) => note.edit("inside"));
      const seen = await notes.findOneOrThrow({ entityId: "n", position: position as number });
      expect(seen.state.text).toBe("inside");
      expect((await notes.findOneOrThrow({ entityId: "n", knownAt: "2024-03-04T00:00:00Z" })).state.text).toBe("three");
    });
  });

  test("is unsupported over an adapter of two methods", async () => {
    const { store } = await openTold();
    const adapter: Adapter = {
      getEventsByEntityId: (args) => (store as EventStore).getEventsByEntityId(args) as Promise<never[]>,
      commitEvents: (args) => store.commitEvents(args),
    };
    const notes = createRepository(Note, { adapter });
    for (const point of [{ knownAt: "2024-03-02T00:00:00Z" }, { position: 1 }]) {
      const error = await rejection(notes.findOne({ entityId: "n", ...point } as never));
      expect(error).toBeInstanceOf(UnsupportedError);
    }
  });
});
