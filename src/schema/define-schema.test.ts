import { describe, expect, test } from "vitest";
import { ValidationError } from "../errors/index.ts";
import { v, valibot } from "../validators/valibot.ts";
import { z, zod } from "../validators/zod.ts";
import { defineSchema } from "./define-schema.ts";
import type { BaseEventType } from "./event.ts";

const bodies = {
  event: { created: z.object({ title: z.string() }), renamed: z.object({ title: z.string() }) },
  state: z.object({}),
};

describe("defineSchema", () => {
  test("says the entity's name, its separator and where its streams start", () => {
    const schema = defineSchema("post", { schema: zod(bodies), initialEventName: "post:created" });
    expect(schema.entityName).toBe("post");
    expect(schema.initialEventName).toBe("post:created");
    expect(schema.initialEventNames).toEqual(["post:created"]);
    expect(schema.namespaceSeparator).toBe(":");
    expect(schema.irreversible).toEqual([]);
  });

  test("takes several initial events, the first of which is the default", () => {
    const schema = defineSchema("post", { schema: zod(bodies), initialEventName: ["post:renamed", "post:created"] });
    expect(schema.initialEventName).toBe("post:renamed");
    expect(schema.initialEventNames).toEqual(["post:renamed", "post:created"]);
  });

  test("takes another separator, which all names then have", () => {
    const schema = defineSchema("post", {
      schema: zod({ ...bodies, namespaceSeparator: "/" }),
      initialEventName: "post/created",
    });
    expect(schema.namespaceSeparator).toBe("/");
    expect(schema.initialEventName).toBe("post/created");
    expect(() => schema.parseEvent({ eventName: "post:created" })).toThrow(
      "Available events: post/created, post/renamed",
    );
  });

  test("keeps the names of irreversible events, apart from the array that it was given", () => {
    const irreversible: "post:renamed"[] = ["post:renamed"];
    const schema = defineSchema("post", { schema: zod(bodies), initialEventName: "post:created", irreversible });
    irreversible.pop();
    expect(schema.irreversible).toEqual(["post:renamed"]);
  });

  test("refuses an irreversible event that there is not, which would stop no rollback", () => {
    for (const misspelt of ["post:deleted", "renamed", "post.renamed"]) {
      const define = () =>
        defineSchema("post", {
          schema: zod(bodies),
          initialEventName: "post:created",
          irreversible: ["post:renamed", misspelt as "post:renamed"],
        });
      expect(define).toThrow(ValidationError);
      expect(define).toThrow(
        expect.objectContaining({
          code: "invalid_option",
          message: `Invalid option: irreversible names "${misspelt}", and no event of post has that name. Choose from: post:created, post:renamed.`,
        }),
      );
    }
  });

  test("answers with all that the bridge returned, and asks it once, for the entity by name", () => {
    const asked: unknown[] = [];
    const parseEvent = (input: unknown) => input as BaseEventType;
    const schema = defineSchema("post", {
      schema: (context: { entityName: "post" }) => {
        asked.push(context);
        return { parseEvent, parseEventByName: parseEvent as never, parseState: () => ({}), extra: 5 };
      },
      initialEventName: "post:created",
    });
    expect(asked).toEqual([{ entityName: "post" }]);
    expect(schema.extra).toBe(5);
    expect(schema.parseEvent).toBe(parseEvent);
    expect(schema.namespaceSeparator).toBe(":");
  });

  test("lets no private name show: every key is a public one", () => {
    const schema = defineSchema("post", { schema: zod(bodies), initialEventName: "post:created" });
    expect(Object.keys(schema).toSorted()).toEqual([
      "entityName",
      "event",
      "eventNames",
      "initialEventName",
      "initialEventNames",
      "irreversible",
      "namespaceSeparator",
      "parseEvent",
      "parseEventByName",
      "parseState",
      "state",
    ]);
  });

  test("keeps the schema of the application's own metadata; without one there is no such key", () => {
    const metadata = z.object({ ip: z.string() });
    const schema = defineSchema("post", { schema: zod(bodies), initialEventName: "post:created", metadata });
    expect(schema.metadata).toBe(metadata);
    expect(Object.keys(schema)).toContain("metadata");
    expect(defineSchema("post", { schema: zod(bodies), initialEventName: "post:created" }).metadata).toBeUndefined();
  });

  test("lets a typo in the initial event surface when an entity is created, as 1.20.4 did", () => {
    expect(() =>
      defineSchema("post", { schema: zod(bodies), initialEventName: "post:craeted" as "post:created" }),
    ).not.toThrow();
  });

  test.each([
    ["$post", "reserved_name"],
    ["", "invalid_text"],
    ["po\u0000st", "invalid_text"],
    ["post\ud800", "invalid_text"],
    ["p".repeat(256), "invalid_text"],
  ])("refuses the entity name %j", (entityName, code) => {
    const attempt = () => defineSchema(entityName, { schema: zod(bodies), initialEventName: `${entityName}:created` });
    expect(attempt).toThrow(ValidationError);
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ["zod", () => zod({ event: { $rolled_back: z.object({}) }, state: z.object({}) })],
    ["valibot", () => valibot({ event: { $rolled_back: v.object({}) }, state: v.object({}) })],
  ])("refuses event names that start with $, through %s", (_, bridge) => {
    expect(() => defineSchema("post", { schema: bridge() as never, initialEventName: "post:created" })).toThrow(
      expect.objectContaining({ code: "reserved_name" }),
    );
  });
});
