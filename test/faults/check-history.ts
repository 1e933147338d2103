import { checkCommits } from "./check-commits.ts";
import { checkReaders } from "./check-readers.ts";
import { checkReads, checkSnapshots } from "./check-reads.ts";
import {
  type Count,
  type Fact,
  type History,
  type Promised,
  promises,
  type SeenEvent,
  type Violation,
} from "./facts.ts";
import { Fold } from "./fold.ts";

export type { Fact, SeenEvent, Violation } from "./facts.ts";

/** What a history came to: each promise with how often it was looked at, and what was broken. */
export interface Verdict {
  readonly checked: ReadonlyMap<Promised, number>;
  readonly violations: readonly Violation[];
}

/**
 * Holds what the processes said against what is stored in the end: acknowledged means stored exactly once and where it was said to be, refused means not
 * stored, unanswered means whole or not at all; versions of an entity are 1, 2, 3 ... in the order of positions; every reader was shown every position up
 * to the last one that he saw, once and in order; and whoever asked for an entity saw what had been acknowledged before, in a state that was committed.
 */
export function judge(history: History): Verdict {
  const checked = new Map<Promised, number>(Object.values(promises).map((promise) => [promise, 0]));
  const count: Count = (promise, cases = 1) => void checked.set(promise, (checked.get(promise) ?? 0) + cases);
  const fold = new Fold();
  for (const event of history.stored) fold.add(event);
  const violations = [
    ...checkLog(history, count),
    ...checkCommits(history, count),
    ...checkReaders(history, count),
    ...checkReads(history, fold, count),
    ...checkSnapshots(history, fold, count),
  ];
  return { checked, violations };
}

/** @param stored the whole log, in the order in which a new reader gets it. */
export function checkHistory(facts: Iterable<Fact>, stored: readonly SeenEvent[]): readonly Violation[] {
  return judge({ facts, stored }).violations;
}

function* checkLog({ stored }: History, count: Count): Generator<Violation> {
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
  count(promises.versions_with_holes, stored.length);
}
