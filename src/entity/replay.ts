import { ValidationError } from "../errors/index.ts";
import type { BaseEventType } from "../schema/event.ts";
import { lastIndexOfVersion, legacyStream } from "../schema/legacy-stream.ts";

/** What the walk needs to know of an event. */
type Step = Pick<BaseEventType, "eventName" | "entityName" | "entityId" | "version" | "body">;

/**
 * The events that are in effect, oldest first: all of them, less those that a later rollback undid. Rollbacks that are in effect are on
 * the path too; a fold passes over them.
 *
 * The walk goes back from the newest event. At a rollback it jumps to the version that the rollback names, elsewhere it goes one back. So
 * a rollback can be rolled back, to any depth, at a cost of one pass.
 *
 * @param events the stored events of one entity after `baseVersion`, in order.
 * @param rollbackName full name of the entity's rollback event.
 * @param baseVersion version of the state that the fold starts from; 0 without one.
 * @returns indexes into `events`, ascending, or `undefined` when a rollback leads below `baseVersion`: fold from the first event then.
 */
export function effectivePath(
  events: readonly Step[],
  rollbackName: string,
  baseVersion = 0,
): readonly number[] | undefined {
  const path: number[] = [];
  let index = events.length - 1;
  while (index >= 0) {
    const event = events[index] as Step;
    path.push(index);
    if (event.eventName !== rollbackName) {
      index--;
      continue;
    }
    const target = targetVersion(event);
    if (target < baseVersion) return undefined;
    if (target === baseVersion) break;
    index = lastIndexOfVersion(events, target, index);
    if (index === -1) {
      throw legacyStream(
        event,
        `has a rollback that leads to version ${target}, which is not stored. Let the adapter return every event.`,
      );
    }
  }
  return path.reverse();
}

function targetVersion(event: Step): number {
  if (event.version === undefined) {
    throw legacyStream(
      event,
      "has a rollback without a version, so it cannot be followed. Let the adapter keep the version of each event.",
    );
  }
  const { toVersion } = (event.body ?? {}) as { toVersion?: unknown };
  if (Number.isInteger(toVersion) && (toVersion as number) >= 1 && (toVersion as number) < event.version)
    return toVersion as number;
  throw new ValidationError(
    "invalid_event",
    `Validation failed: "${event.eventName}"\n  - body.toVersion: Expected an earlier version than ${event.version}`,
    { eventName: event.eventName, entityName: event.entityName, entityId: event.entityId, version: event.version },
  );
}
