import { describe, expect, test } from "vitest";
import * as mini from "zod/mini";
import { defineReducer } from "../entity/define-reducer.ts";
import { Entity } from "../entity/entity.ts";
import { ValidationError, VentydError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import type { BaseEventType } from "../schema/event.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { standard } from "./standard.ts";
import { v } from "./valibot.ts";
import { z } from "./zod.ts";

const created = {
  eventId: "e1",
  eventCreatedAt: "2026-01-01T00:00:00Z",
  eventName: "user:created",
  entityId: "u1",
  entityName: "user",
  body: { email: "ann@example.com" },
  version: 1,
};

/** A schema made of a function that says what becomes of a value. */
function schema<T = unknown>(
  validate: (value: unknown) => StandardSchemaV1.Result<T> | Promise<StandardSchemaV1.Result<T>>,
) {
  return { "~standard": { version: 1, vendor: "by hand", validate } } as StandardSchemaV1<unknown, T>;
}

const anything = schema((value) => ({ value }));
const anyEvent = schema<BaseEventType>((value) => ({ value: value as BaseEventType }));

type Events = { readonly [eventName: string]: StandardSchemaV1<unknown, BaseEventType> };

const users = (event: Events, state: StandardSchemaV1 = anything) =>
  defineSchema("user", { schema: standard({ event, state }), initialEventName: "user:created" });

function refusal(work: () => unknown): ValidationError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return error as ValidationError;
  }
  throw new Error("not refused");
}

const zodEnvelope = z.object({
  eventId: z.string(),
  eventCreatedAt: z.string(),
  eventName: z.literal("user:created"),
  entityId: z.string(),
  entityName: z.string(),
  body: z.object({ email: z.email(), tags: z.array(z.string()).default([]) }),
});

describe("schemas of whole events", () => {
  test("are shown the seven keys and nothing else, the version only where there is one", () => {
    const seen: unknown[] = [];
    const { parseEvent } = users({
      "user:created": schema((value) => {
        seen.push(value);
        return { value: value as BaseEventType };
      }),
    });
    parseEvent({ ...created, metadata: { actor: "alice" }, position: 7 });
    const { version: _, ...unversioned } = created;
    parseEvent(unversioned);
    parseEvent({ ...created, version: undefined });
    expect(seen).toStrictEqual([created, unversioned, unversioned]);
  });

  test("say what the body is; whatever else they make, the event keeps what it was given", () => {
    const made = { ...created, eventId: "forged", entityId: "forged", version: 99, body: { email: "made" }, more: 1 };
    const { parseEvent } = users({ "user:created": schema(() => ({ value: made })) });
    expect(parseEvent(created)).toStrictEqual({ ...created, body: { email: "made" } });
  });

  test("lose no version, where they strip it or refuse to know it", () => {
    const strict = z.strictObject({ ...zodEnvelope.shape, version: z.number() });
    const valibotEnvelope = v.object({
      eventId: v.string(),
      eventCreatedAt: v.string(),
      eventName: v.literal("user:created"),
      entityId: v.string(),
      entityName: v.string(),
      body: v.object({ email: v.string(), tags: v.optional(v.array(v.string()), []) }),
    });
    for (const envelope of [zodEnvelope, strict, valibotEnvelope]) {
      expect(users({ "user:created": envelope }).parseEvent(created)).toStrictEqual({
        ...created,
        body: { email: "ann@example.com", tags: [] },
      });
    }
  });

  test("are not alone in looking at the envelope: what they let through is still checked", () => {
    const { parseEvent, parseEventByName } = users({ "user:created": anyEvent });
    const issuesOf = (change: object) =>
      refusal(() => parseEvent({ ...created, ...change })).issues.map(({ path }) => path[0]);
    expect(issuesOf({ eventId: undefined })).toEqual(["eventId"]);
    expect(issuesOf({ entityName: 5, version: null })).toEqual(["entityName", "version"]);
    expect(refusal(() => parseEventByName("user:created", { ...created, eventName: "user:gone" })).issues).toEqual([
      { path: ["eventName"], message: 'Expected "user:created", received "user:gone"' },
    ]);
  });

  test("report what is wrong with its path, and nothing is said twice", () => {
    const { message, issues, code } = refusal(() =>
      users({ "user:created": zodEnvelope }).parseEvent({ ...created, eventId: 5, body: { email: "x", tags: [1] } }),
    );
    expect(code).toBe("invalid_event");
    expect(issues.map(({ path }) => path.join("."))).toEqual(["eventId", "body.email", "body.tags.0"]);
    const [header, ...lines] = message.split("\n");
    expect(header).toBe('Validation failed: "user:created"');
    expect(lines[0]).toMatch(/^ {2}- eventId: /);
    expect(lines).toHaveLength(3);
  });

  test("carry an entity from its first event to the same one, read again", () => {
    const schema = defineSchema("user", {
      schema: standard({ event: { "user:created": zodEnvelope }, state: z.object({ email: z.string() }) }),
      initialEventName: "user:created",
    });
    const User = Entity(schema, defineReducer(schema, { "user:created": (_, { body }) => ({ email: body.email }) }));
    const user = User.create({ body: { email: "ann@example.com" }, entityId: "u1" });
    expect(user.uncommittedEvents[0]).toMatchObject({ body: { email: "ann@example.com", tags: [] }, version: 1 });
    expect(User.fromEvents({ entityId: "u1", events: user.uncommittedEvents }).state).toEqual({
      email: "ann@example.com",
    });
  });

  test("leave no keys of theirs on the schema", () => {
    const schema = users({ "user:created": anyEvent });
    expect(schema).not.toHaveProperty("event");
    expect(schema).not.toHaveProperty("state");
  });
});

describe("an event", () => {
  const { parseEvent, parseEventByName, parseState } = users(
    { "user:created": anyEvent, "user:renamed": anyEvent },
    schema(() => ({ issues: [{ message: "Too young", path: ["age"] }, { message: "No user" }] })),
  );

  test.each([null, undefined, "text", 5, {}, { eventName: "" }, { eventName: 5 }])(
    "must have a name, unlike %j",
    (input) => {
      const { code, message } = refusal(() => parseEvent(input));
      expect({ code, message }).toEqual({
        code: "event_name_missing",
        message: "Validation failed: eventName is missing",
      });
    },
  );

  test("must be declared, or it is told what is", () => {
    const { code, message } = refusal(() => parseEvent({ ...created, eventName: "user:gone" }));
    expect(code).toBe("event_not_declared");
    expect(message).toBe(
      'Validation failed: event "user:gone" is not declared. Available events: user:created, user:renamed',
    );
    expect(refusal(() => parseEventByName("user:gone" as never, created)).message).toBe(
      'Event name "user:gone" not found. Available events: user:created, user:renamed',
    );
    // A name that every object answers to.
    expect(refusal(() => parseEvent({ ...created, eventName: "toString" })).code).toBe("event_not_declared");
  });

  test("is parsed by name where its own is that one", () => {
    expect(parseEventByName("user:created", created)).toStrictEqual(created);
  });

  test("says of a state what is wrong with it", () => {
    const { code, message } = refusal(() => parseState({}));
    expect(code).toBe("invalid_state");
    expect(message).toBe("Validation failed\n  - age: Too young\n  - (root): No user");
  });
});

test("a schema that answers later is refused, for events and for states", async () => {
  const later = schema<never>(() => Promise.reject(new Error("later")));
  const { parseEvent, parseState } = users({ "user:created": later }, later);
  for (const work of [() => parseEvent(created), () => parseState({})]) {
    expect(work).toThrow(VentydError);
    expect(work).toThrow(/^Promise validation result is not supported/);
    expect(work).toThrow(expect.objectContaining({ code: "async_validator" }));
  }
});

describe("names", () => {
  test.each([
    ["of whole events", () => standard({ event: { "user:$rolled_back": anyEvent }, state: anything })],
    ["of whole events without a prefix", () => standard({ event: { $rolled_back: anyEvent }, state: anything })],
    [
      "behind another separator",
      () => standard({ event: { "user/$erased": anyEvent }, state: anything, namespaceSeparator: "/" }),
    ],
    ["of bodies", () => standard({ body: { $rolled_back: anything }, state: anything })],
  ])("%s are refused where they belong to the library", (_, input) => {
    const define = () => defineSchema("user", { schema: input() as never, initialEventName: "user:created" });
    expect(refusal(define).code).toBe("reserved_name");
  });

  test("are free where the $ stands elsewhere", () => {
    expect(users({ "user:paid$": anyEvent, "user/$x": anyEvent }).parseEvent).toBeTypeOf("function");
  });

  test("are refused where no store could keep them", () => {
    expect(refusal(() => users({ "user:\u0000": anyEvent })).code).toBe("invalid_text");
  });

  test("make the library's own with the separator that is given", () => {
    const schema = defineSchema("user", {
      schema: standard({ event: { "user/created": anyEvent }, state: anything, namespaceSeparator: "/" }),
      initialEventName: "user/created",
    });
    expect(schema.namespaceSeparator).toBe("/");
    expect(users({ "user:created": anyEvent }).namespaceSeparator).toBe(":");
  });
});

describe("schemas of bodies", () => {
  const schema = defineSchema("user", {
    schema: standard({
      body: {
        created: z.object({ email: z.email(), at: z.coerce.date() }),
        renamed: v.object({ name: v.optional(v.string(), "nobody") }),
        paid: mini.object({ amount: mini.coerce.number() }),
      },
      state: z.object({ name: z.string() }),
    }),
    initialEventName: "user:created",
  });

  test("of several libraries go together, under full names", () => {
    expect(schema.parseEvent({ ...created, eventName: "user:renamed", body: {} }).body).toEqual({ name: "nobody" });
    expect(refusal(() => schema.parseEvent(created)).issues.map(({ path }) => path)).toEqual([["body", "at"]]);
    expect(schema.parseEvent({ ...created, eventName: "user:paid", body: { amount: "5" } }).body).toEqual({
      amount: 5,
    });
    expect(schema.parseState({ name: "x", age: 5 })).toEqual({ name: "x" });
    expect(() => schema.parseEvent({ ...created, eventName: "created" })).toThrow(
      "Available events: user:created, user:renamed, user:paid",
    );
  });

  test("leave no keys of theirs on the schema", () => {
    expect(schema).not.toHaveProperty("event");
    expect(schema).not.toHaveProperty("body");
    expect(schema).not.toHaveProperty("state");
  });
});
