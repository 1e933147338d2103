import type { BaseEventType } from "../schema/event.ts";
import { formatInstant } from "../util/instant.ts";
import { toJson } from "../util/json.ts";

/** An event as an object: one that was stored, or its name and body; what it leaves out is made up. */
export type GivenEventObject = Pick<BaseEventType, "eventName" | "body"> & Partial<BaseEventType>;

/** An event as a test gives it. */
export type GivenEvent = readonly [eventName: unknown, body: unknown] | GivenEventObject;

const start = Date.parse("2024-01-01T00:00:00.000Z");

/** The events that a test gives, as a store would give them: ids `event-1`, `event-2` ..., one second apart. */
export function madeUpEvents(
  entityName: string,
  given: readonly GivenEvent[],
): { entityId: string; events: readonly BaseEventType[] } {
  const entityId = given.map((event) => ("entityId" in event ? event.entityId : undefined)).find(Boolean) ?? "entity-1";
  const events: BaseEventType[] = [];
  for (const [index, event] of given.entries()) {
    const { eventName, body, ...envelope } = isPair(event)
      ? { eventName: event[0] as string, body: toJson(event[1], `the body of "${event[0]}"`) }
      : event;
    events.push({
      eventId: `event-${index + 1}`,
      eventCreatedAt: formatInstant(start + index * 1000),
      eventName,
      entityId,
      entityName,
      body,
      version: (events.at(-1)?.version ?? 0) + 1,
      ...envelope,
    });
  }
  return { entityId, events };
}

function isPair(event: GivenEvent): event is readonly [unknown, unknown] {
  return Array.isArray(event);
}
