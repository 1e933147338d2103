import { checkMetadata } from "../attribution/metadata.ts";
import { type AttributionPolicy, enforcePolicy } from "../attribution/policy.ts";
import { ValidationError } from "../errors/index.ts";
import { checkIdentifier, checkText } from "../util/text.ts";
import type { EntityCommit } from "./types.ts";

/**
 * Checks what is handed to `append`, in every store alike: what one of them could not keep apart or could not keep, none of them takes.
 *
 * @param policy what the store asks of every commit.
 * @throws {ValidationError} `invalid_text`, `invalid_option`, `duplicate_event_id`.
 * @throws {AttributionError} `attribution_missing`.
 */
export function checkCommits(commits: readonly EntityCommit[], policy: AttributionPolicy): void {
  let count = 0;
  for (const { entityName, entityId, expectedVersion, events, idempotencyKey } of commits) {
    checkIdentifier(entityName, "entityName");
    checkIdentifier(entityId, "entityId");
    if (idempotencyKey !== undefined) checkIdentifier(idempotencyKey, "idempotencyKey");
    if (expectedVersion !== "any" && !(Number.isInteger(expectedVersion) && expectedVersion >= 0)) {
      throw new ValidationError(
        "invalid_option",
        `Invalid option: expectedVersion is ${expectedVersion}. Give a whole number of at least 0, or "any".`,
      );
    }
    if (events.length === 0)
      throw new ValidationError(
        "invalid_option",
        `Invalid option: the commit of ${entityName} "${entityId}" has no events.`,
      );
    count += events.length;
    for (const { eventId, eventName, eventCreatedAt, body, metadata } of events) {
      checkIdentifier(eventId, "eventId");
      checkIdentifier(eventName, "eventName");
      checkText(eventCreatedAt, "eventCreatedAt");
      checkMetadata(metadata);
      enforcePolicy(policy, { entityName, entityId, eventName }, metadata);
      if (body === undefined)
        throw new ValidationError(
          "invalid_option",
          `Invalid option: "${eventName}" has no body. Give null for an empty one.`,
        );
    }
  }
  if (count < 2 || new Set(commits.flatMap(({ events }) => events.map(({ eventId }) => eventId))).size === count)
    return;
  throw new ValidationError(
    "duplicate_event_id",
    "Duplicate event id: two events of one append have the same id. Give every event an id of its own.",
  );
}

/** @throws {ValidationError} `invalid_option`. */
export function checkOrder(order: string): void {
  if (order === "asc" || order === "desc") return;
  throw new ValidationError(
    "invalid_option",
    `Invalid option: order is ${JSON.stringify(order)}. Choose "asc" or "desc".`,
  );
}

/**
 * Checks a number that a store was given.
 *
 * @throws {ValidationError} `invalid_option`.
 */
export function checkWhole(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new ValidationError(
    "invalid_option",
    `Invalid option: ${name} is ${value}. Give a whole number from ${least} to ${most}.`,
  );
}
