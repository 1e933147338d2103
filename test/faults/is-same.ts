import type { SeenEvent } from "./facts.ts";

/** Whether two say the same of an event; what it changes only where both say that. */
export function isSame(a: SeenEvent, b: SeenEvent): boolean {
  const isSameChange =
    a.change === undefined || b.change === undefined || JSON.stringify(a.change) === JSON.stringify(b.change);
  return (
    a.position === b.position &&
    a.eventId === b.eventId &&
    a.entityId === b.entityId &&
    a.version === b.version &&
    isSameChange
  );
}
