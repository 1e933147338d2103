import { type Count, type Fact, type History, promises, type SeenEvent, type Violation } from "./facts.ts";
import { isSame } from "./is-same.ts";

type Intent = Extract<Fact, { readonly kind: "intent" }>;

/** Holds what writers were told against the log. */
export function* checkCommits({ facts, stored }: History, count: Count): Generator<Violation> {
  const byId = new Map(stored.map((event) => [event.eventId, event]));
  const intents = new Map<string, Intent>();
  const keyOf = new Map<string, string>();
  for (const fact of facts) {
    if (fact.kind !== "intent") continue;
    intents.set(fact.commit, fact);
    if (fact.key !== undefined) for (const eventId of fact.events) keyOf.set(eventId, fact.key);
  }
  const answered = new Set<string>();
  for (const fact of facts) {
    if (fact.kind === "acknowledged") {
      answered.add(fact.commit);
      const own = new Set(intents.get(fact.commit)?.events);
      for (const event of fact.events) {
        count(promises.lost);
        const isMeant = own.has(event.eventId) || (fact.key !== undefined && keyOf.get(event.eventId) === fact.key);
        if (!isMeant) yield { kind: "answered_with_another", subject: `${fact.commit}: ${event.eventId}` };
        const found = byId.get(event.eventId);
        if (found === undefined) yield { kind: "lost", subject: event.eventId };
        else if (!isSame(found, event)) yield { kind: "moved", subject: event.eventId };
      }
      const isWhole = fact.events.every(({ eventId }) => !own.has(eventId)) || own.size === fact.events.length;
      if (!isWhole) yield { kind: "answered_with_another", subject: `${fact.commit}: a part of it` };
    }
    if (fact.kind === "refused") {
      count(promises.refused_but_stored);
      answered.add(fact.commit);
      for (const eventId of intents.get(fact.commit)?.events ?? [])
        if (byId.has(eventId)) yield { kind: "refused_but_stored", subject: eventId };
    }
  }
  for (const [commit, { events }] of intents) {
    if (answered.has(commit)) continue;
    count(promises.half_written);
    const found = events.filter((eventId) => byId.has(eventId)).length;
    if (found > 0 && found < events.length) yield { kind: "half_written", subject: commit };
  }
  yield* checkStored(stored, intents.values(), count);
}

function* checkStored(stored: readonly SeenEvent[], intents: Iterable<Intent>, count: Count): Generator<Violation> {
  const commitOf = new Map<string, Intent>();
  for (const intent of intents) for (const eventId of intent.events) commitOf.set(eventId, intent);
  /** Which commit a key stands for, and its entity. */
  const byKey = new Map<string, string>();
  for (const { eventId, entityId } of stored) {
    count(promises.nobody_wrote);
    const intent = commitOf.get(eventId);
    if (intent === undefined) yield { kind: "nobody_wrote", subject: eventId };
    if (intent?.key === undefined) continue;
    const key = `${entityId} ${intent.key}`;
    const known = byKey.get(key);
    if (known === undefined) {
      count(promises.key_stored_twice);
      byKey.set(key, intent.commit);
    } else if (known !== intent.commit)
      yield { kind: "key_stored_twice", subject: `${key}: ${known}, ${intent.commit}` };
  }
}
