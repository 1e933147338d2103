import { describe, expect, test } from "vitest";
import { ValidationError } from "../errors/index.ts";
import { type BodySchemas, parseBodies } from "./from-bodies.ts";
import type { StandardSchemaV1 } from "./standard-schema.ts";

/** A schema made of a function; what it throws is the one issue. */
function schema(parse: (input: unknown) => unknown): StandardSchemaV1 {
  const validate = (input: unknown): StandardSchemaV1.Result<unknown> => {
    try {
      return { value: parse(input) };
    } catch (error) {
      return { issues: [{ message: (error as Error).message, path: ["email"] }] };
    }
  };
  return { "~standard": { version: 1, vendor: "test", validate } };
}

const anything = schema((input) => input);
const nothing = schema(() => {
  throw new Error("Invalid email");
});

const parseUser = (overrides: Partial<BodySchemas> = {}) =>
  parseBodies({
    entityName: "user",
    event: { created: anything, renamed: nothing },
    state: anything,
    namespaceSeparator: ":",
    ...overrides,
  });

const created = {
  eventId: "e1",
  eventCreatedAt: "2026-01-01T00:00:00Z",
  eventName: "user:created",
  entityId: "u1",
  entityName: "user",
  body: { email: "a@b" },
  version: 1,
};

function refusal(work: () => unknown): ValidationError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return error as ValidationError;
  }
  throw new Error("not refused");
}

describe("parseEvent", () => {
  test("gives the seven keys, with the body that its schema makes", () => {
    const { parseEvent } = parseUser({ event: { created: schema(() => ({ email: "made" })) } });
    const parsed: unknown = parseEvent(created);
    expect(parsed).toStrictEqual({ ...created, body: { email: "made" } });
    expect(parsed).not.toBe(created);
  });

  test("C6: keeps the version whatever the body's schema does, and leaves it out where there is none", () => {
    expect(parseUser().parseEvent(created)).toHaveProperty("version", 1);
    const { version: _, ...unversioned } = created;
    expect(parseUser().parseEvent(unversioned)).toStrictEqual(unversioned);
    expect(parseUser().parseEvent({ ...created, version: undefined })).toStrictEqual(unversioned);
    expect(parseUser().parseEvent({ ...created, version: 0 })).toHaveProperty("version", 0);
  });

  test("drops what does not belong to an event", () => {
    const parsed = parseUser().parseEvent({ ...created, metadata: { actor: "alice" }, position: 7 });
    expect(parsed).toStrictEqual(created);
  });

  test("hands the body's schema the body and nothing else", () => {
    const seen: unknown[] = [];
    parseUser({ event: { created: schema((input) => seen.push(input)) } }).parseEvent(created);
    expect(seen).toEqual([created.body]);
    expect(seen[0]).toBe(created.body);
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["a text", "user:created"],
    ["an object without one", {}],
    ["an empty one", { ...created, eventName: "" }],
    ["one that is no text", { ...created, eventName: 5 }],
  ])("E4: misses the eventName of %s", (_, input) => {
    const error = refusal(() => parseUser().parseEvent(input));
    expect(error.message).toBe("Validation failed: eventName is missing");
    expect(error.code).toBe("event_name_missing");
  });

  test("E5: names an event that is not declared, and those that are", () => {
    const error = refusal(() => parseUser().parseEvent({ ...created, eventName: "user:deleted" }));
    expect(error.message).toBe(
      'Validation failed: event "user:deleted" is not declared. Available events: user:created, user:renamed',
    );
    const { eventId, entityId, entityName, version } = created;
    expect(error).toMatchObject({
      code: "event_not_declared",
      eventName: "user:deleted",
      eventId,
      entityId,
      entityName,
      version,
    });
  });

  test.each([
    "toString",
    "constructor",
    "__proto__",
    "hasOwnProperty",
    "user:toString",
    "user:__proto__",
    "created",
    "USER:created",
    " user:created",
    "user:",
  ])("B9: does not know %s", (eventName) => {
    const { parseEvent, parseEventByName } = parseUser();
    expect(refusal(() => parseEvent({ ...created, eventName })).message).toContain(
      `event "${eventName}" is not declared`,
    );
    expect(refusal(() => parseEventByName(eventName, created)).message).toContain(
      `Event name "${eventName}" not found`,
    );
  });

  test("knows an event that is named like what objects have anyway", () => {
    const event = Object.fromEntries(["toString", "constructor"].map((name) => [name, anything]));
    Object.defineProperty(event, "__proto__", { value: anything, enumerable: true });
    const { parseEvent } = parseUser({ event });
    for (const name of ["user:toString", "user:constructor", "user:__proto__"])
      expect(parseEvent({ ...created, eventName: name })).toHaveProperty("eventName", name);
  });

  test("E8: lists what is wrong with the body, each path from the event down, as text and as data", () => {
    const error = refusal(() => parseUser().parseEvent({ ...created, eventName: "user:renamed" }));
    expect(error.message).toBe('Validation failed: "user:renamed"\n  - body.email: Invalid email');
    expect(error.issues).toEqual([{ path: ["body", "email"], message: "Invalid email" }]);
    const { eventId, entityId, entityName, version } = created;
    expect(error).toMatchObject({
      code: "invalid_event",
      eventName: "user:renamed",
      eventId,
      entityId,
      entityName,
      version,
    });
  });

  test("E8: reports the envelope and the body together", () => {
    const error = refusal(() =>
      parseUser().parseEvent({ ...created, eventName: "user:renamed", eventId: undefined, version: null }),
    );
    expect(error.issues.map(({ path }) => path.join("."))).toEqual(["eventId", "version", "body.email"]);
    expect(error.message.split("\n")).toHaveLength(4);
  });

  test.each(["eventId", "eventCreatedAt", "entityId", "entityName"] as const)(
    "refuses an envelope whose %s is missing or no text",
    (key) => {
      const { [key]: _, ...rest } = created;
      for (const broken of [rest, { ...created, [key]: null }, { ...created, [key]: 5 }, { ...created, [key]: {} }]) {
        const error = refusal(() => parseUser().parseEvent(broken));
        expect(error.issues.map(({ path }) => path)).toEqual([[key]]);
        expect(error.message).toMatch(new RegExp(`^Validation failed: "user:created"\n  - ${key}: `));
      }
    },
  );

  test.each([[null], ["1"], [1.5], [-1], [Number.NaN], [{}]])(
    "refuses the version %j: null would sort and count as 0",
    (version) => {
      const error = refusal(() => parseUser().parseEvent({ ...created, version }));
      expect(error.issues.map(({ path }) => path)).toEqual([["version"]]);
    },
  );

  test("takes events of other entities and other entity names, as adapters of 1.20.4 may hand them over", () => {
    expect(parseUser().parseEvent({ ...created, entityName: "account", entityId: "other" })).toHaveProperty(
      "entityId",
      "other",
    );
  });
});

describe("parseEventByName", () => {
  test("parses like parseEvent", () => {
    expect(parseUser().parseEventByName("user:created", created)).toStrictEqual(created);
  });

  test("E6: names an event that is not found, in other words than parseEvent", () => {
    const error = refusal(() => parseUser().parseEventByName("user:unknown", created));
    expect(error.message).toBe('Event name "user:unknown" not found. Available events: user:created, user:renamed');
    expect(error).toMatchObject({ code: "event_not_declared", eventName: "user:unknown" });
  });

  test("refuses an event of another name", () => {
    const error = refusal(() =>
      parseUser({ event: { created: anything, renamed: anything } }).parseEventByName("user:renamed", created),
    );
    expect(error.issues).toEqual([
      { path: ["eventName"], message: 'Expected "user:renamed", received "user:created"' },
    ]);
    expect(error.message).toMatch(/^Validation failed: "user:renamed"\n/);
  });

  test.each([[null], [undefined], ["text"], [5]])("refuses %j, which is no event at all", (input) => {
    const error = refusal(() => parseUser().parseEventByName("user:created", input));
    expect(error.code).toBe("invalid_event");
    expect(error.issues.map(({ path }) => path.join("."))).toContain("eventId");
  });
});

describe("parseState", () => {
  test("gives what the state's schema makes", () => {
    expect(parseUser({ state: schema(() => ({ made: true })) }).parseState({})).toEqual({ made: true });
  });

  test("E8: lists what is wrong, without an event's name", () => {
    const error = refusal(() => parseUser({ state: nothing }).parseState({}));
    expect(error.message).toBe("Validation failed\n  - email: Invalid email");
    expect(error).toMatchObject({
      code: "invalid_state",
      entityName: "user",
      issues: [{ path: ["email"], message: "Invalid email" }],
    });
    expect(error.eventName).toBeUndefined();
  });
});

describe("names", () => {
  test("are joined with the separator, whatever it is", () => {
    for (const namespaceSeparator of ["/", "::", "-", "."]) {
      const parts = parseUser({ namespaceSeparator });
      const eventName = `user${namespaceSeparator}created`;
      expect(parts.namespaceSeparator).toBe(namespaceSeparator);
      expect(parts.parseEvent({ ...created, eventName })).toHaveProperty("eventName", eventName);
      expect(() => parts.parseEvent(created)).toThrow("is not declared");
    }
  });

  test("that start with $ are kept for the library", () => {
    const error = refusal(() => parseUser({ event: { created: anything, $rolled_back: anything } }));
    expect(error.code).toBe("reserved_name");
    expect(error.message).toContain('"$rolled_back"');
    expect(() => parseUser({ event: { price$: anything } })).not.toThrow();
  });

  test.each<[string, string]>([
    ["U+0000", "cre\u0000ated"],
    ["half of a surrogate pair", "created\ud800"],
    ["more than 255 bytes, the entity's name included", "x".repeat(251)],
  ])("that no store could keep are refused: %s", (_, shortName) => {
    expect(refusal(() => parseUser({ event: { [shortName]: anything } })).code).toBe("invalid_text");
  });

  test.each([[{ created: anything, "user:created": anything }], [{ "user:created": anything, created: anything }]])(
    "that could be taken for each other are refused, and both are named: %j",
    (event) => {
      const { code, message } = refusal(() => parseUser({ event }));
      expect(code).toBe("invalid_option");
      expect(message).toContain('"user:created"');
      expect(message).toContain('"created"');
      expect(() => parseUser({ event, namespaceSeparator: "/" })).not.toThrow();
    },
  );

  test("may look like full ones, where no other event has that name", () => {
    const { parseEvent } = parseUser({ event: { "user:created": anything } });
    expect(parseEvent({ ...created, eventName: "user:user:created" })).toHaveProperty("body", created.body);
  });

  test("may fill the 255 bytes", () => {
    expect(() => parseUser({ event: { ["x".repeat(250)]: anything } })).not.toThrow();
  });

  test("no event at all is accepted", () => {
    const error = refusal(() => parseUser({ event: {} }).parseEvent(created));
    expect(error.message).toContain("is not declared");
  });
});

test.each([
  ['the event "created"', { event: { created: { type: "object" } as never } }],
  ['the event "created"', { event: { created: undefined as never } }],
  ["the state", { state: { "~standard": { jsonSchema: {} } } as never }],
])("refuses a schema that is no Standard Schema when it is declared, and names it: %s", (what, parts) => {
  const error = refusal(() => parseUser(parts));
  expect(error).toMatchObject({ code: "invalid_option" });
  expect(error.message).toContain(`the schema of ${what} is no Standard Schema`);
});
