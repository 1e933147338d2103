import type { AttributionPolicy } from "../attribution/policy.ts";
import type { EntityDefinition, ReplayOptions } from "../entity/entity-core.ts";
import { ValidationError } from "../errors/index.ts";
import type { LoadQuery } from "../storage/index.ts";
import { parseInstant } from "../util/instant.ts";
import { checkText } from "../util/text.ts";
import type { OnWarning } from "../util/warning.ts";
import type { RepositoryStore } from "./repository-store.ts";
import type { Plugin, StorePointInTime } from "./types.ts";
import type { Migrate } from "./upcast.ts";

/** What the parts of a repository share. */
export interface RepositoryContext {
  readonly definition: EntityDefinition;
  readonly store: RepositoryStore;
  readonly policy: AttributionPolicy;
  /** How stored events are read, where others hold them too. */
  readonly replay: ReplayOptions;
  /** What `replay.upcast` was made of. */
  readonly migrate: Migrate | undefined;
  /** How many events lie between two snapshots; `undefined` where none are made. */
  readonly snapshotFrequency: number | undefined;
  readonly plugins: readonly Plugin[];
  readonly onPluginError: ((error: unknown, plugin: Plugin) => void) | undefined;
  readonly onWarning: OnWarning;
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
 * The part of a stream that a point in time asks for; `undefined` for all of it.
 *
 * @throws {ValidationError} `invalid_option`, `invalid_version`, `invalid_instant`.
 */
export function upTo(
  point: Partial<StorePointInTime>,
): Pick<LoadQuery, "version" | "at" | "knownAt" | "position"> | undefined {
  const { version, at, knownAt, position } = point;
  const given = Object.entries({ version, at, knownAt, position }).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  if (given.length > 1) {
    throw new ValidationError(
      "invalid_option",
      `Invalid option: ${given.map(([name]) => name).join(" and ")} were given together. Give the one that you mean.`,
    );
  }
  if (version !== undefined) checkVersion(version, "version");
  if (position !== undefined) checkCount(position, "position");
  return {
    version,
    position,
    at: at === undefined ? undefined : parseInstant(at, "at"),
    knownAt: knownAt === undefined ? undefined : parseInstant(knownAt, "knownAt"),
  };
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
export function checkCount(count: number, name: string, least = 0): void {
  if (Number.isInteger(count) && count >= least) return;
  throw new ValidationError(
    "invalid_option",
    `Invalid option: ${name} is ${count}. Give a whole number of at least ${least}.`,
  );
}
