/** What a store knows about an entity before it writes. */
export interface StreamHead {
  /** The stored version; 0 where the entity does not exist. */
  readonly version: number;
  /** The id of the event with that version, where there is one. */
  readonly eventId?: string | undefined;
  /** The ids of the events from one version on, at most `count` of them. */
  idsFrom(version: number, count: number): readonly string[];
  /** The version that an id has in this entity, if it is stored. */
  versionOf(eventId: string): number | undefined;
}

/** What to do with a commit. */
export type Decision =
  /** Write the submitted events from index `skip` on; those before it are stored. */
  | { readonly kind: "write"; readonly skip: number; readonly firstVersion: number }
  | { readonly kind: "duplicate"; readonly firstVersion: number }
  | { readonly kind: "conflict" }
  | { readonly kind: "corrupt_retry" };

/**
 * The decision table of every store: whether a commit is written, was written before, comes too late, or cannot be.
 *
 * An exact version that is current writes, unless the event that has it is another one than expected: what the commit stands on was aborted,
 * and somebody else has come to the same number since. One that is behind is answered by comparing ids: all stored in order is a duplicate, a stored
 * prefix up to the head is completed (the answer to an earlier commit was lost, then more was dispatched), a first id that differs is a
 * conflict, and a later one that differs can only be a bug. The table follows KurrentDB's for idempotent writes, with the prefix added.
 */
export function decideAppend(
  expectedVersion: number | "any",
  eventIds: readonly string[],
  head: StreamHead,
  expectedEventId?: string,
): Decision {
  if (expectedVersion === "any") return decideAny(eventIds, head);
  if (expectedVersion === head.version) {
    // At version 0 there is none, and so no other one.
    const isAnother = head.version > 0 && expectedEventId !== undefined && expectedEventId !== head.eventId;
    return isAnother ? { kind: "conflict" } : { kind: "write", skip: 0, firstVersion: head.version + 1 };
  }
  if (expectedVersion > head.version) return { kind: "conflict" };

  const firstVersion = expectedVersion + 1;
  const stored = head.idsFrom(firstVersion, eventIds.length);
  const differsAt = stored.findIndex((id, index) => id !== eventIds[index]);
  if (differsAt === 0) return { kind: "conflict" };
  if (differsAt > 0) return { kind: "corrupt_retry" };
  return stored.length === eventIds.length
    ? { kind: "duplicate", firstVersion }
    : { kind: "write", skip: stored.length, firstVersion };
}

function decideAny(eventIds: readonly string[], head: StreamHead): Decision {
  const versions = eventIds.map((id) => head.versionOf(id));
  const firstVersion = versions[0];
  if (versions.every((version) => version === undefined))
    return { kind: "write", skip: 0, firstVersion: head.version + 1 };
  const contiguous = firstVersion !== undefined && versions.every((version, index) => version === firstVersion + index);
  return contiguous ? { kind: "duplicate", firstVersion } : { kind: "corrupt_retry" };
}
