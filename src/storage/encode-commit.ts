import type { Metadata } from "../attribution/metadata.ts";
import { SerializationError } from "../errors/index.ts";
import { parseInstant } from "../util/instant.ts";
import { utf8Length } from "../util/text.ts";
import type { EntityCommit, NewEvent } from "./types.ts";

/** An event on its way in, its JSON written. */
export interface EncodedEvent {
  readonly event: NewEvent;
  readonly createdMs: number;
  readonly bodyText: string;
  /** What has no column of its own. */
  readonly metadataText: string | null;
}

/** A commit on its way in. */
export interface EncodedCommit {
  readonly commit: EntityCommit;
  readonly events: readonly EncodedEvent[];
}

/**
 * Writes the JSON of a commit, before a transaction is open: nobody waits for it.
 *
 * @throws {SerializationError} `body_too_large`.
 * @throws {ValidationError} `invalid_instant`.
 */
export function encodeCommit(commit: EntityCommit, maxBodyBytes: number): EncodedCommit {
  return { commit, events: commit.events.map((event) => encodeEvent(event, maxBodyBytes)) };
}

/** As {@link encodeCommit}, for one event. */
export function encodeEvent(event: NewEvent, maxBodyBytes = Number.MAX_SAFE_INTEGER): EncodedEvent {
  const bodyText = JSON.stringify(event.body);
  // UTF-8 needs at most three bytes for what is one unit of a JavaScript string.
  if (bodyText.length * 3 > maxBodyBytes) {
    const bytes = utf8Length(bodyText);
    if (bytes > maxBodyBytes) {
      throw new SerializationError(
        "body_too_large",
        `Body too large: that of "${event.eventName}" has ${bytes} bytes, the limit is ${maxBodyBytes}. ` +
          "Keep large files elsewhere and their address in the event, or raise maxBodyBytes.",
      );
    }
  }
  return {
    event,
    createdMs: parseInstant(event.eventCreatedAt, "eventCreatedAt"),
    bodyText,
    metadataText: metadataTextOf(event.metadata),
  };
}

function metadataTextOf(metadata: Metadata): string | null {
  if (Object.keys(metadata).every((name) => name === "actor" || name === "correlationId")) return null;
  const { actor, correlationId, ...rest } = metadata;
  return JSON.stringify(rest);
}
