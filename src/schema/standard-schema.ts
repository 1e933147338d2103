import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type ValidationIssue, VentydError } from "../errors/index.ts";

export type { StandardSchemaV1 };

/** What a schema makes of a value: the output, or what is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly issues: readonly ValidationIssue[] };

/**
 * Runs a Standard Schema over a value.
 *
 * @throws {VentydError} `async_validator`: events are applied synchronously, so a validator cannot wait.
 */
export function check<T>(schema: StandardSchemaV1<unknown, T>, value: unknown): Checked<T> {
  const result = schema["~standard"].validate(value);
  if (typeof (result as { then?: unknown }).then === "function") {
    // The promise is nobody's any more; without this a rejection would end the process.
    (result as Promise<unknown>).then(undefined, () => {});
    throw new VentydError(
      "async_validator",
      "Promise validation result is not supported. Make the schema synchronous and check what needs waiting for before the dispatch. " +
        "Zod gives a promise also where a transform throws: let it add an issue.",
    );
  }
  const settled = result as StandardSchemaV1.Result<T>;
  // An array of our own: `map` would make another of the library's, which may be more than an array (ArkType).
  return settled.issues === undefined ? { value: settled.value } : { issues: Array.from(settled.issues, readIssue) };
}

function readIssue(issue: StandardSchemaV1.Issue): ValidationIssue {
  const path = Array.from(issue.path ?? [], (segment) => {
    const key = typeof segment === "object" ? segment.key : segment;
    return typeof key === "symbol" ? String(key) : key;
  });
  return { message: issue.message, path };
}

/** The text of a list of issues, one line each, under a header. */
export function describeIssues(header: string, issues: readonly ValidationIssue[]): string {
  return [
    header,
    ...issues.map(({ path, message }) => `  - ${path.length === 0 ? "(root)" : path.join(".")}: ${message}`),
  ].join("\n");
}
