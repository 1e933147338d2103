import type { EntityDefinition } from "../entity/entity-core.ts";
import { ValidationError } from "../errors/index.ts";
import type { LoadQuery } from "../storage/index.ts";
import { parseInstant } from "../util/instant.ts";
import { checkText } from "../util/text.ts";
import type { AttributionPolicy } from "./attribution-policy.ts";
import type { RepositoryStore } from "./repository-store.ts";
import type { PointInTime } from "./types.ts";

/** What the parts of a repository share. */
export interface RepositoryContext {
  readonly definition: EntityDefinition;
  readonly store: RepositoryStore;
  readonly policy: AttributionPolicy;
}

/**
 * Names the stream of an entity.
 *
 * @throws {ValidationError} `invalid_text` for an id that a store could take for another one.
 */
export function streamOf(
  { definition }: RepositoryContext,
  entityId: string,
): { entityName: string; entityId: string } {
  checkText(entityId, "entityId");
  return { entityName: definition.schema.entityName, entityId };
}

/**
 * The part of a stream that a point in time asks for.
 *
 * @throws {ValidationError} `invalid_option`, `invalid_version`, `invalid_instant`.
 */
export function upTo(point: Partial<PointInTime>): Pick<LoadQuery, "version" | "at"> {
  const { version, at } = point;
  if (version !== undefined && at !== undefined) {
    throw new ValidationError(
      "invalid_option",
      "Invalid option: version and at were both given. Give the one that you mean.",
    );
  }
  if (version !== undefined) checkVersion(version, "version");
  return { version, at: at === undefined ? undefined : parseInstant(at, "at") };
}

/** @throws {ValidationError} `invalid_version`. */
export function checkVersion(version: number, name: string, least = 1): void {
  if (Number.isInteger(version) && version >= least) return;
  throw new ValidationError(
    "invalid_version",
    `Invalid version: ${name} is ${version}. Give a whole number of at least ${least}.`,
  );
}

/** @throws {ValidationError} `invalid_option`. */
export function checkCount(count: number, name: string): void {
  if (Number.isInteger(count) && count >= 0) return;
  throw new ValidationError(
    "invalid_option",
    `Invalid option: ${name} is ${count}. Give a whole number of at least 0.`,
  );
}
