import { describe, expect, test } from "vitest";
import { defineSchema } from "../schema/define-schema.ts";
import type { BaseEventType } from "../schema/event.ts";
import { z, zod } from "../validators/zod.ts";
import { defineReducer } from "./define-reducer.ts";

const schema = defineSchema("post", {
  schema: zod({
    event: { created: z.object({ title: z.string() }), renamed: z.object({ title: z.string() }) },
    state: z.object({ title: z.string(), names: z.number() }),
  }),
  initialEventName: "post:created",
});

function event<TName extends "post:created" | "post:renamed">(eventName: TName, title: string) {
  const envelope = {
    eventId: "e1",
    eventCreatedAt: "2026-01-01T00:00:00Z",
    entityId: "p1",
    entityName: "post" as const,
  };
  return { ...envelope, eventName, body: { title }, version: 1 };
}

describe("defineReducer", () => {
  test("gives back the very function that it was given", () => {
    const reducer = () => ({ title: "x", names: 1 });
    expect(defineReducer(schema, reducer)).toBe(reducer);
  });

  test("makes one function of a map of handlers, which a test can call", () => {
    const seen: unknown[] = [];
    const reducer = defineReducer(schema, {
      "post:created": (state, event) => {
        seen.push(state, event);
        return { title: event.body.title, names: 1 };
      },
      "post:renamed": (state, { body }) => ({ title: body.title, names: state.names + 1 }),
    });
    const created = event("post:created", "A");
    const first = reducer(null as never, created);
    expect(seen).toEqual([null, created]);
    expect(seen[1]).toBe(created);
    expect(reducer(first, event("post:renamed", "B"))).toEqual({ title: "B", names: 2 });
  });

  test("leaves the state alone at an event without a handler, whatever its name", () => {
    const reducer = defineReducer(schema, {
      "post:created": () => ({ title: "A", names: 1 }),
      "post:renamed": () => ({ title: "B", names: 1 }),
    });
    const state = { title: "x", names: 1 };
    for (const eventName of ["post:deleted", "toString", "constructor", "__proto__", "hasOwnProperty"]) {
      const unknown: BaseEventType = { ...event("post:created", "A"), eventName };
      expect(reducer(state, unknown as never)).toBe(state);
    }
  });

  test("reads the map once: what is changed in it later counts no more", () => {
    const handlers = {
      "post:created": () => ({ title: "A", names: 1 }),
      "post:renamed": () => ({ title: "B", names: 1 }),
    };
    const reducer = defineReducer(schema, handlers);
    handlers["post:created"] = () => ({ title: "changed", names: 1 });
    expect(reducer(null as never, event("post:created", "A")).title).toBe("A");
  });
});
