import { describe, expect, test } from "vitest";
import { ValidationError } from "../errors/index.ts";
import { z } from "../validators/zod.ts";
import { parseMetadata } from "./metadata.ts";

const facts = { eventName: "post:approved", entityName: "post", entityId: "p1" };

function refusal(work: () => unknown): ValidationError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return error as ValidationError;
  }
  throw new Error("not refused");
}

describe("metadata of the application's own", () => {
  test("becomes what its schema makes of it, as JSON", () => {
    const schema = z.object({ ip: z.string().default("::1"), at: z.coerce.date(), port: z.coerce.number() });
    expect(parseMetadata(schema, { at: "2026-01-01", port: "80", more: 1 }, facts)).toStrictEqual({
      ip: "::1",
      at: "2026-01-01T00:00:00.000Z",
      port: 80,
    });
  });

  test("is refused with what is wrong with it, where, and in which event", () => {
    const schema = z.object({ ip: z.string(), geo: z.object({ country: z.string() }) });
    const error = refusal(() => parseMetadata(schema, { ip: 5, geo: {} }, facts));
    expect(error).toMatchObject({ code: "invalid_metadata", retryable: false, ...facts });
    expect(error.issues.map(({ path }) => path)).toEqual([
      ["metadata", "ip"],
      ["metadata", "geo", "country"],
    ]);
    expect(error.message).toMatch(
      /^Validation failed: metadata\n {2}- metadata\.ip: .+\n {2}- metadata\.geo\.country: /,
    );
  });

  test("that is missing altogether is refused like any other", () => {
    expect(refusal(() => parseMetadata(z.object({ ip: z.string() }), {}, facts)).code).toBe("invalid_metadata");
  });

  test.each(["actor", "reason", "correlationId", "causationId", "onBehalfOf", "idempotencyKey", "tenant", "$mine"])(
    "may not get the name %s from its schema",
    (name) => {
      const schema = z.object({}).transform(() => ({ [name]: "forged" }));
      expect(refusal(() => parseMetadata(schema, {}, facts)).code).toBe("reserved_metadata");
    },
  );

  test.each([
    ["a text", "text"],
    ["a list", ["text"]],
    ["null", null],
  ])("must be an object, not %s", (_, value) => {
    const error = refusal(() =>
      parseMetadata(
        z.unknown().transform(() => value),
        {},
        facts,
      ),
    );
    expect(error.code).toBe("invalid_metadata");
    expect(error.issues).toEqual([{ path: ["metadata"], message: "Expected the schema to make an object" }]);
  });

  test("must be JSON when its schema is done with it", () => {
    const parse = () =>
      parseMetadata(
        z.unknown().transform(() => ({ ip: new Map() })),
        {},
        facts,
      );
    expect(parse).toThrow(expect.objectContaining({ code: "not_json", path: ["ip"] }));
  });

  test("cannot be checked by a schema that answers later", () => {
    const parse = () =>
      parseMetadata(
        z.object({}).refine(async () => true),
        {},
        facts,
      );
    expect(parse).toThrow(expect.objectContaining({ code: "async_validator" }));
  });
});
