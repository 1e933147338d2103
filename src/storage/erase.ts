import { currentAttribution } from "../attribution/attribution.ts";
import { type Attribution, type Metadata, mergeMetadata } from "../attribution/metadata.ts";
import { enforcePolicy } from "../attribution/policy.ts";
import { EntityNotFoundError } from "../errors/index.ts";
import { erased, type StoredEvent } from "../schema/event.ts";
import { formatInstant } from "../util/instant.ts";
import { randomId } from "../util/random-id.ts";
import { checkIdentifier } from "../util/text.ts";
import type { LogAccess, StreamName, WorkResult } from "./append-commits.ts";
import { encodeEvent } from "./encode-commit.ts";
import type { CommitResult, EraseArgs } from "./types.ts";

/** An erasure whose arguments have been checked. */
export interface Erasure {
  readonly stream: StreamName;
  readonly eventName: string;
  readonly metadata: Metadata;
}

/** The event that says so, and whether it had been there before. */
export interface ErasedBy {
  readonly event: StoredEvent;
  readonly duplicate: boolean;
}

/**
 * Checks what `erase` was given; what surrounds the call counts as said.
 *
 * @throws {AttributionError} without an actor or a reason.
 * @throws {ValidationError} `invalid_text`.
 */
export function checkErasure(args: EraseArgs, given: Attribution): Erasure {
  const { entityName, entityId, namespaceSeparator = ":" } = args;
  checkIdentifier(entityName, "entityName");
  checkIdentifier(entityId, "entityId");
  const eventName = entityName + namespaceSeparator + erased;
  checkIdentifier(eventName, "eventName");
  const metadata = mergeMetadata([given, currentAttribution()]);
  enforcePolicy("required", { entityName, entityId, eventName }, metadata);
  return { stream: { entityName, entityId }, eventName, metadata };
}

/**
 * Erases an entity inside a transaction that is open.
 *
 * @throws {EntityNotFoundError}
 */
export function eraseEntity(
  log: LogAccess,
  { stream, eventName, metadata }: Erasure,
  nowMs: number,
): WorkResult<ErasedBy> {
  const end = log.end(stream);
  if (end.version === 0) throw new EntityNotFoundError(stream);
  const [last] = log.events(stream, end.version, 1) as [StoredEvent];
  // Only where it says so itself: half of an erased entity may have been imported.
  if (end.isErased && last.eventName === eventName) return { value: { event: last, duplicate: true }, keep: true };
  log.empty(stream);
  const createdMs = Math.max(nowMs, end.createdMs);
  const event = log.insert(
    stream,
    encodeEvent({
      eventId: randomId(),
      eventName,
      eventCreatedAt: formatInstant(createdMs),
      body: null,
      metadata,
      bodyIsOutput: true,
      isErased: true,
    }),
    { version: end.version + 1, recordedMs: Math.max(nowMs, end.recordedMs) },
  );
  return { value: { event: event as StoredEvent, duplicate: false }, keep: true };
}

/** What `erase` answers; once the event has its position. */
export function erasureResult({ event, duplicate }: ErasedBy): CommitResult {
  const { version, position } = event;
  return { version, position, events: [event], duplicate };
}
