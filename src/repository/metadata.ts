import { currentAttribution } from "../attribution/attribution.ts";
import { type Attribution, type Metadata, mergeMetadata, splitMetadata } from "../attribution/metadata.ts";
import { parseMetadata } from "../schema/metadata.ts";
import type { CommitOptions } from "../storage/index.ts";
import { clone } from "../util/clone.ts";
import type { RepositoryContext } from "./context.ts";

/** What a commit says about itself: what the call said, and what surrounded the call when it was made. */
export interface CommitAttribution {
  readonly given: Attribution;
  readonly surrounding: Attribution;
  readonly idempotencyKey: string | undefined;
}

/** Captured when the call is made: what surrounds a commit later, in a queue, or is then done to its options, is somebody else's. */
export function attributionOf({ idempotencyKey, ...given }: CommitOptions): CommitAttribution {
  return { given: clone(given), surrounding: currentAttribution(), idempotencyKey };
}

/**
 * The metadata of an event: what was said with it, with its commit and around that, its custom part as the schema wants it.
 *
 * @throws {ValidationError} `invalid_metadata`.
 */
export function metadataOf(
  { definition }: RepositoryContext,
  { given, surrounding }: Pick<CommitAttribution, "given" | "surrounding">,
  event: { readonly eventName: string; readonly entityName: string; readonly entityId: string },
  own?: Metadata,
): Metadata {
  const merged = mergeMetadata([given, surrounding], own);
  const { metadata: schema } = definition.schema;
  if (schema === undefined) return merged;
  const { attribution, custom } = splitMetadata(merged);
  return { ...attribution, ...parseMetadata(schema, custom, event) };
}
