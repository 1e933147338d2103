import { defineEntity, defineReducer, defineSchema, Entity, mutation, ValidationError } from "ventyd";
import { v, valibot } from "ventyd/valibot";
import { z, zod } from "ventyd/zod";

/** What a form does with an entity that it never stores. */
function lives() {
  const schema = defineSchema("note", {
    schema: valibot({
      event: {
        written: v.object({ text: v.string() }),
        edited: v.object({ text: v.pipe(v.string(), v.minLength(1)) }),
      },
      state: v.object({ text: v.string() }),
    }),
    initialEventName: "note:written",
  });
  const reducer = defineReducer(schema, {
    "note:written": (_, { body }) => body,
    "note:edited": (_, { body }) => body,
  });
  class Note extends Entity(schema, reducer) {
    edit = mutation(this, (dispatch, text: string) => dispatch("note:edited", { text }));
  }
  const note = Note.create({ entityId: "1", body: { text: "hello" } });
  note.edit("hello, world");
  let refused: unknown;
  try {
    note.edit("");
  } catch (error) {
    refused = error;
  }
  const events = note.uncommittedEvents;
  const again = new Note({ type: "loadFromEvents", entityId: "1", events });

  const counterSchema = defineSchema("counter", {
    schema: zod({ event: { started: z.object({ at: z.coerce.date() }) }, state: z.object({ year: z.number() }) }),
    initialEventName: "counter:started",
  });
  const Counter = Entity(
    counterSchema,
    defineReducer(counterSchema, { "counter:started": (_, { body }) => ({ year: body.at.getUTCFullYear() }) }),
  );
  const Door = defineEntity("door", {
    state: v.object({ isOpen: v.boolean() }),
    events: { built: v.object({}), opened: v.object({}) },
    initial: "built",
    reduce: { built: () => ({ isOpen: false }), opened: () => ({ isOpen: true }) },
    mutations: { open: ({ dispatch }) => dispatch("opened", {}) },
  });
  const door = Door.create({ body: {} });
  door.open();
  return {
    state: note.state,
    names: events.map(({ eventName, version }) => [eventName, version]),
    hasId: /^[0-9a-f-]{36}$/.test(events[0]?.eventId ?? ""),
    refused: refused instanceof ValidationError && [refused.code, refused.issues.length],
    again: [again.state, again.version],
    year: Counter.create({ body: { at: "2026-01-01" } }).state.year,
    door: door.state,
  };
}

Object.assign(globalThis, { result: Promise.resolve().then(lives) });
