import { describe, expect, test } from "vitest";
import { VentydError } from "../errors/index.ts";
import { check, describeIssues, type StandardSchemaV1 } from "./standard-schema.ts";

/** A schema that answers what it is told to. */
function answering(result: unknown): StandardSchemaV1<unknown, unknown> {
  return { "~standard": { version: 1, vendor: "test", validate: () => result as never } };
}

describe("check", () => {
  test("gives the output of the schema, whatever it is", () => {
    for (const value of [{ a: 1 }, undefined, null, 0]) expect(check(answering({ value }), "input")).toEqual({ value });
    expect(check(answering({ value: 1, issues: undefined }), "input")).toEqual({ value: 1 });
  });

  test("hands the input to the schema, as a method of `~standard`", () => {
    const inputs: unknown[] = [];
    const standard = {
      version: 1 as const,
      vendor: "test",
      validate(this: unknown, input: unknown) {
        inputs.push(this === standard && input);
        return { value: input };
      },
    };
    check({ "~standard": standard }, "input");
    expect(inputs).toEqual(["input"]);
  });

  test("takes a schema that is a function", () => {
    expect(check(Object.assign(() => {}, answering({ value: 1 })) as never, "input")).toEqual({ value: 1 });
  });

  test("reads paths of keys and of segment objects, of names, numbers and symbols, and a path that is missing", () => {
    const issues = [
      { message: "a", path: ["body", 0, "email"] },
      { message: "b", path: [{ key: "body" }, { key: 1 }, { key: "email" }] },
      { message: "c", path: [Symbol("secret"), { key: Symbol("deep") }] },
      { message: "d" },
      { message: "e", path: [] },
    ];
    expect(check(answering({ issues }), "input")).toEqual({
      issues: [
        { message: "a", path: ["body", 0, "email"] },
        { message: "b", path: ["body", 1, "email"] },
        { message: "c", path: ["Symbol(secret)", "Symbol(deep)"] },
        { message: "d", path: [] },
        { message: "e", path: [] },
      ],
    });
  });

  test("takes a list of issues without any for a failure: that there is a list says so", () => {
    expect(check(answering({ issues: [] }), "input")).toEqual({ issues: [] });
  });

  test.each<[string, () => unknown]>([
    ["a promise", async () => ({ value: 1 })],
    ["a promise that rejects, without leaving an unhandled rejection behind", () => Promise.reject(new Error("late"))],
    // biome-ignore lint/suspicious/noThenProperty: that is what a thenable is
    ["B8: a thenable that is no promise, whose value would count as undefined", () => ({ then: () => {} })],
  ])("E7: refuses %s", (_, result) => {
    const attempt = () => check(answering(result()), "input");
    expect(attempt).toThrow(VentydError);
    expect(attempt).toThrow(expect.objectContaining({ code: "async_validator", retryable: false }));
    expect(attempt).toThrow(/^Promise validation result is not supported/);
  });

  test("lets an error that the schema throws through as it is", () => {
    const bug = new TypeError("bug in the schema");
    const throwing = answering(undefined);
    const schema = {
      "~standard": {
        ...throwing["~standard"],
        validate: () => {
          throw bug;
        },
      },
    };
    expect(() => check(schema, "input")).toThrow(bug);
  });
});

describe("describeIssues", () => {
  test("E8: writes a header and one line for each issue, (root) where there is no path", () => {
    const issues = [
      { message: "Invalid email", path: ["body", "email"] },
      { message: "Too long", path: ["body", "tags", 2] },
      { message: "Expected an object", path: [] },
    ];
    expect(describeIssues('Validation failed: "user:created"', issues)).toBe(
      'Validation failed: "user:created"\n  - body.email: Invalid email\n  - body.tags.2: Too long\n  - (root): Expected an object',
    );
  });

  test("E8: writes the header alone where there are no issues", () => {
    expect(describeIssues("Validation failed", [])).toBe("Validation failed");
  });
});
