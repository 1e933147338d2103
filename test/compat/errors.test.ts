import { defineSchema, Entity, mutation } from "ventyd";
import { standard } from "ventyd/standard";
import { describe, expect, test } from "vitest";
import { userEvent, userSchemas } from "./providers.ts";
import { User, userReducer, userSchema } from "./user-code.ts";

const body = { nickname: "alice", email: "alice@example.com" };

/** What a call throws. */
function thrown(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("section 12: the texts of errors, as the beginning of ours", () => {
  const available = "Available events: user:created, user:renamed";
  const later = defineSchema("user", {
    schema: standard({
      event: {},
      state: { "~standard": { version: 1, vendor: "test", validate: async (value) => ({ value }) } },
    }),
    initialEventName: "user:created" as never,
  });
  class Small extends Entity(userSchema, userReducer, { maxQueuedEvents: 1 }) {
    setBio = mutation(this, (dispatch, bio: string) => dispatch("user:profile_updated", { bio }));
  }
  const readonly = User.load({ entityId: "u1", state: { ...body, deletedAt: null } }) as unknown as User;
  const schema = userSchemas.valibot;

  test.each([
    ["E1", () => User.fromEvents({ entityId: "u1", events: [] }).state, "Entity is not initialized"],
    ["E2", () => readonly.delete(), "Entity is readonly"],
    [
      "E3",
      () => Small.create({ body }).setBio("x"),
      "Event queue overflow: maximum 1 uncommitted events exceeded. Please commit the entity before dispatching more events.",
    ],
    ["E4", () => schema.parseEvent({ eventId: "e1" }), "Validation failed: eventName is missing"],
    ["E4", () => schema.parseEvent(null), "Validation failed: eventName is missing"],
    ["E4", () => schema.parseEvent({ eventName: "" }), "Validation failed: eventName is missing"],
    [
      "E5",
      () => schema.parseEvent({ eventName: "user:deleted" }),
      `Validation failed: event "user:deleted" is not declared. ${available}`,
    ],
    [
      "E6",
      () => schema.parseEventByName("user:unknown" as never, userEvent()),
      `Event name "user:unknown" not found. ${available}`,
    ],
    ["E7", () => later.parseState({}), "Promise validation result is not supported"],
    [
      "E8",
      () => User.create({ body: { nickname: "x", email: "x" } }),
      'Validation failed: "user:created"\n  - body.email: Invalid email: Received "x"',
    ],
    ["E8", () => schema.parseState({ nickname: 5 }), "Validation failed\n  - nickname: "],
    ["E8", () => schema.parseState(5), "Validation failed\n  - (root): "],
  ])("%s (%#)", (_, call, text) => {
    const error = thrown(call);
    expect(error).toBeInstanceOf(Error);
    expect(error.message.slice(0, text.length)).toBe(text);
  });

  test("E8: keys of path segments that are objects are shown as keys", () => {
    const segments = defineSchema("user", {
      schema: standard({
        event: {},
        state: {
          "~standard": {
            version: 1,
            vendor: "test",
            validate: () => ({ issues: [{ message: "no", path: [{ key: "a" }, 0, "b"] }, { message: "never" }] }),
          },
        },
      }),
      initialEventName: "user:created" as never,
    });
    expect(thrown(() => segments.parseState({})).message).toBe("Validation failed\n  - a.0.b: no\n  - (root): never");
  });
});
