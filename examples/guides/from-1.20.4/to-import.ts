import type { ImportedEvent } from "ventyd";

/** An event as 1.20.4 has stored it. */
export interface OldEvent {
  eventId: string;
  eventName: string;
  eventCreatedAt: string;
  entityName: string;
  entityId: string;
  body: unknown;
  version?: number | null;
}

/**
 * Old events as a store takes them: those of each entity in the order in which 1.20.4 applied them and numbered anew, all together in the
 * order of time. What had to be changed about an event stands in its metadata.
 */
export function toImport(events: readonly OldEvent[]): ImportedEvent[] {
  const entities = Map.groupBy(events, ({ entityName, entityId }) => JSON.stringify([entityName, entityId]));
  const dated = [...entities.values()].flatMap(renumbered);
  return dated.toSorted((a, b) => a.at - b.at).map(({ event }) => event);
}

function renumbered(entity: readonly OldEvent[]): { at: number; event: ImportedEvent }[] {
  const ordered = inOrder(entity);
  // For events at the beginning whose times nobody can read.
  let at = ordered.map(timeOf).find((time) => time !== undefined) ?? 0;
  return ordered.map((old, index) => {
    const time = timeOf(old);
    // An event stands in the log after those before it in its entity, whatever the clock said.
    at = Math.max(at, time ?? at);
    const eventCreatedAt = isInstant(old) ? old.eventCreatedAt : new Date(time ?? at).toISOString();
    const version = index + 1;
    const metadata = {
      ...(old.version !== version && { oldVersion: old.version ?? "none" }),
      ...(old.eventCreatedAt !== eventCreatedAt && { oldCreatedAt: old.eventCreatedAt }),
    };
    return { at, event: { ...old, version, eventCreatedAt, metadata } };
  });
}

/** By version where every event has one, by time where none has, else as they were stored. */
function inOrder(entity: readonly OldEvent[]): readonly OldEvent[] {
  const versioned = entity.filter(({ version }) => typeof version === "number").length;
  if (versioned === entity.length) return entity.toSorted((a, b) => (a.version as number) - (b.version as number));
  return versioned === 0 ? entity.toSorted((a, b) => (timeOf(a) ?? 0) - (timeOf(b) ?? 0)) : entity;
}

function timeOf({ eventCreatedAt }: OldEvent): number | undefined {
  const time = Date.parse(eventCreatedAt);
  return Number.isNaN(time) ? undefined : time;
}

/** Date, time and offset: what a store takes for a time. */
function isInstant(event: OldEvent): boolean {
  return timeOf(event) !== undefined && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(event.eventCreatedAt);
}
