import { checkCustomName } from "../attribution/metadata.ts";
import { ValidationError } from "../errors/index.ts";
import { type Json, toJson } from "../util/json.ts";
import { check, describeIssues, type StandardSchemaV1 } from "./standard-schema.ts";

/**
 * The application's own metadata as its schema wants it.
 *
 * @throws {ValidationError} `invalid_metadata`, `reserved_metadata`.
 * @throws {SerializationError} `not_json`.
 */
export function parseMetadata(
  schema: StandardSchemaV1,
  custom: { readonly [name: string]: Json },
  facts: { readonly eventName?: string; readonly entityName?: string; readonly entityId?: string },
): { readonly [name: string]: Json } {
  const checked = check(schema, custom);
  if ("issues" in checked) {
    const issues = checked.issues.map(({ path, message }) => ({ message, path: ["metadata", ...path] }));
    throw new ValidationError("invalid_metadata", describeIssues("Validation failed: metadata", issues), {
      ...facts,
      issues,
    });
  }
  const metadata = toJson(checked.value, "the metadata") as { readonly [name: string]: Json };
  for (const name of Object.keys(metadata)) checkCustomName(name);
  return metadata;
}
