/** An event as a store has it, or as a reader was shown it. */
export interface SeenEvent {
  readonly position: number;
  readonly eventId: string;
  readonly entityId: string;
  readonly version: number;
}

/** What a process says of itself, one line each; a line is written before what it announces, or after what it reports. */
export type Fact =
  /** A writer is about to commit these events of one or several entities. */
  | { readonly kind: "intent"; readonly commit: string; readonly events: readonly string[] }
  /** The store has answered that they are stored, and where. */
  | { readonly kind: "acknowledged"; readonly commit: string; readonly events: readonly SeenEvent[] }
  /** The store has answered that they are not, or the writer has aborted its transaction and was told so. */
  | { readonly kind: "refused"; readonly commit: string }
  /** A reader who follows the log from its start was shown an event. */
  | { readonly kind: "saw"; readonly reader: string; readonly event: SeenEvent };

/** What went wrong, and with which commit, event, entity or reader. */
export interface Violation {
  readonly kind:
    | "lost"
    | "moved"
    | "half_written"
    | "refused_but_stored"
    | "stored_twice"
    | "nobody_wrote"
    | "versions_with_holes"
    | "positions_out_of_order"
    | "reader_out_of_order"
    | "reader_skipped"
    | "reader_saw_another";
  readonly subject: string;
}

/**
 * Holds what the processes said against what is stored in the end: acknowledged means stored exactly once and where it was said to be,
 * refused means not stored, unanswered means whole or not at all; versions of an entity are 1, 2, 3 ... in the order of positions; and every
 * reader was shown every position up to the last one that it saw, once and in order.
 *
 * @param stored the whole log, in the order in which a new reader gets it.
 */
export function checkHistory(facts: readonly Fact[], stored: readonly SeenEvent[]): Violation[] {
  return [...checkLog(stored), ...checkCommits(facts, stored), ...checkReaders(facts, stored)];
}

function* checkLog(stored: readonly SeenEvent[]): Generator<Violation> {
  const ids = new Set<string>();
  const versions = new Map<string, number>();
  let last = 0;
  for (const { position, eventId, entityId, version } of stored) {
    if (ids.has(eventId)) yield { kind: "stored_twice", subject: eventId };
    ids.add(eventId);
    if (position <= last) yield { kind: "positions_out_of_order", subject: `${last}, ${position}` };
    last = position;
    if (version !== (versions.get(entityId) ?? 0) + 1)
      yield { kind: "versions_with_holes", subject: `${entityId} ${version}` };
    versions.set(entityId, version);
  }
}

function* checkCommits(facts: readonly Fact[], stored: readonly SeenEvent[]): Generator<Violation> {
  const byId = new Map(stored.map((event) => [event.eventId, event]));
  const intents = new Map<string, readonly string[]>();
  const answered = new Set<string>();
  for (const fact of facts) if (fact.kind === "intent") intents.set(fact.commit, fact.events);
  for (const fact of facts) {
    if (fact.kind === "acknowledged") {
      answered.add(fact.commit);
      for (const event of fact.events) {
        const found = byId.get(event.eventId);
        if (found === undefined) yield { kind: "lost", subject: event.eventId };
        else if (!isSame(found, event)) yield { kind: "moved", subject: event.eventId };
      }
    }
    if (fact.kind === "refused") {
      answered.add(fact.commit);
      for (const eventId of intents.get(fact.commit) ?? [])
        if (byId.has(eventId)) yield { kind: "refused_but_stored", subject: eventId };
    }
  }
  for (const [commit, events] of intents) {
    if (answered.has(commit)) continue;
    const count = events.filter((eventId) => byId.has(eventId)).length;
    if (count > 0 && count < events.length) yield { kind: "half_written", subject: commit };
  }
  const intended = new Set([...intents.values()].flat());
  for (const { eventId } of stored) if (!intended.has(eventId)) yield { kind: "nobody_wrote", subject: eventId };
}

function* checkReaders(facts: readonly Fact[], stored: readonly SeenEvent[]): Generator<Violation> {
  const seen = new Map<string, SeenEvent[]>();
  for (const fact of facts) {
    if (fact.kind !== "saw") continue;
    const events = seen.get(fact.reader);
    if (events === undefined) seen.set(fact.reader, [fact.event]);
    else events.push(fact.event);
  }
  for (const [reader, events] of seen) {
    let last = 0;
    for (const { position } of events) {
      if (position <= last) yield { kind: "reader_out_of_order", subject: `${reader}: ${last}, ${position}` };
      last = position;
    }
    const byPosition = new Map(events.map((event) => [event.position, event]));
    for (const event of stored) {
      if (event.position > last) break;
      const shown = byPosition.get(event.position);
      if (shown === undefined) yield { kind: "reader_skipped", subject: `${reader}: ${event.position}` };
      else if (!isSame(shown, event)) yield { kind: "reader_saw_another", subject: `${reader}: ${event.position}` };
      byPosition.delete(event.position);
    }
    for (const position of byPosition.keys())
      yield { kind: "reader_saw_another", subject: `${reader}: ${position}, where nothing is stored` };
  }
}

function isSame(a: SeenEvent, b: SeenEvent): boolean {
  return a.position === b.position && a.eventId === b.eventId && a.entityId === b.entityId && a.version === b.version;
}
