import { checkCustomName } from "../attribution/metadata.ts";
import { ValidationError, type ValidationFacts, type ValidationIssue } from "../errors/index.ts";
import { type Json, toJson } from "../util/json.ts";
import { check, describeIssues, type StandardSchemaV1 } from "./standard-schema.ts";

/**
 * The application's own metadata as its schema makes it, in the form in which it is stored.
 *
 * @param facts which event the metadata belongs to, for the error.
 * @throws {ValidationError} `invalid_metadata`; `reserved_metadata` for a name that is ours, which a schema might add.
 * @throws {SerializationError} `not_json`.
 */
export function parseMetadata(
  schema: StandardSchemaV1,
  custom: { readonly [name: string]: Json },
  facts: Omit<ValidationFacts, "issues">,
): { readonly [name: string]: Json } {
  const checked = check(schema, custom);
  if ("issues" in checked) throw invalid(checked.issues, facts);
  const metadata = toJson(checked.value, "the metadata");
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    throw invalid([{ path: [], message: "Expected the schema to make an object" }], facts);
  }
  for (const name of Object.keys(metadata)) checkCustomName(name);
  return metadata as { readonly [name: string]: Json };
}

function invalid(found: readonly ValidationIssue[], facts: Omit<ValidationFacts, "issues">): ValidationError {
  const issues = found.map(({ path, message }) => ({ message, path: ["metadata", ...path] }));
  return new ValidationError("invalid_metadata", describeIssues("Validation failed: metadata", issues), {
    ...facts,
    issues,
  });
}
