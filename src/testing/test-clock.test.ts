import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { createSqliteStore } from "../adapters/sqlite/index.ts";
import { Entity } from "../entity/entity.ts";
import { mutation } from "../entity/mutation.ts";
import { createRepository } from "../repository/create-repository.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { z, zod } from "../validators/zod.ts";
import { createTestClock } from "./test-clock.ts";
import { createTestIds } from "./test-ids.ts";

describe("createTestClock", () => {
  test("stands still at the beginning of 2024, and moves when it is told", () => {
    const { now, advance, set } = createTestClock();
    expect([now(), now()].map((date) => date.toISOString())).toEqual(Array(2).fill("2024-01-01T00:00:00.000Z"));
    advance(1500);
    advance(0);
    expect(now().toISOString()).toBe("2024-01-01T00:00:01.500Z");
    set("2020-02-29T12:00:00+09:00");
    expect(now().toISOString()).toBe("2020-02-29T03:00:00.000Z");
    set(new Date(0));
    expect(now().getTime()).toBe(0);
  });

  test("starts when it is told, and ticks at each reading where it is told so", () => {
    const { now } = createTestClock("2026-01-01T00:00:00Z", { tick: 10 });
    expect([now(), now(), now()].map((date) => date.getUTCMilliseconds())).toEqual([0, 10, 20]);
  });

  test("is not changed by who writes into a date that it gave", () => {
    const { now } = createTestClock();
    now().setFullYear(1999);
    expect(now().getUTCFullYear()).toBe(2024);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 0.5, "5", undefined])(
    "refuses to advance by %o",
    (milliseconds) => {
      const clock = createTestClock();
      const refusal = expect.objectContaining({ code: "invalid_option" });
      expect(() => clock.advance(milliseconds as number)).toThrow(refusal);
      expect(clock.now().toISOString()).toBe("2024-01-01T00:00:00.000Z");
      if (milliseconds !== undefined) {
        expect(() => createTestClock(undefined, { tick: milliseconds as number })).toThrow(refusal);
      }
    },
  );

  test.each(["tomorrow", "2024-01-01", "2024-02-30T00:00:00Z", new Date(Number.NaN)])(
    "refuses to be set to %o",
    (instant) => {
      const refusal = expect.objectContaining({ code: "invalid_instant" });
      expect(() => createTestClock().set(instant)).toThrow(refusal);
      expect(() => createTestClock(instant)).toThrow(refusal);
    },
  );
});

describe("createTestIds", () => {
  test("counts entities and events, each by itself and each maker from one", () => {
    const ids = createTestIds();
    expect([ids("entityId"), ids("eventId"), ids("eventId"), ids("entityId")]).toEqual([
      "entity-1",
      "event-1",
      "event-2",
      "entity-2",
    ]);
    expect(createTestIds("order")("eventId")).toBe("order-event-1");
  });
});

test("with a test clock and test ids a stored history is the same in every run", async () => {
  const run = async () => {
    const clock = createTestClock("2026-01-01T00:00:00Z", { tick: 1000 });
    const schema = defineSchema("note", {
      schema: zod({ event: { written: z.object({}), read: z.object({}) }, state: z.object({}) }),
      initialEventName: "note:written",
    });
    class Note extends Entity(schema, () => ({}), { now: clock.now, generateId: createTestIds() }) {
      read = mutation(this, (dispatch) => dispatch("note:read", {}));
    }
    const database = new Database(":memory:");
    const store = createSqliteStore(database);
    await store.migrate();
    const notes = createRepository(Note, { adapter: store });
    const { entity } = await notes.create({ body: {} });
    await notes.mutate({ entityId: entity.entityId }, (note) => note.read());
    const history = await notes.history({ entityId: "entity-1" });
    database.close();
    return history.map(({ event }) => [event.eventId, event.eventCreatedAt]);
  };
  expect(await run()).toEqual([
    ["event-1", "2026-01-01T00:00:00.000Z"],
    ["event-2", "2026-01-01T00:00:01.000Z"],
  ]);
  expect(await run()).toEqual(await run());
});
