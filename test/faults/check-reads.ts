import { type Count, type Fact, type History, promises, type Violation } from "./facts.ts";
import { Fold, isSameState } from "./fold.ts";

type Found = Extract<Fact, { readonly kind: "found" }>;

/** Who asks for every entity when all is over. */
export const lastAsker = "the end";

/** Holds what was given to those who asked for entities against what had been acknowledged, and against the fold of the log. */
export function* checkReads({ facts, stored }: History, fold: Fold, count: Count): Generator<Violation> {
  const acknowledged = new Acknowledged(facts);
  const last = new Map<string, Found>();
  for (const fact of facts) {
    if (fact.kind !== "found") continue;
    const { by, entityId, askedAt, version, state } = fact;
    const subject = `${by}: ${entityId} ${version}`;
    count(promises.stale_read);
    if (version < acknowledged.versionAt(entityId, askedAt)) yield { kind: "stale_read", subject };
    count(promises.read_another_state);
    if (!isSameState(fold.at(entityId, version), state)) yield { kind: "read_another_state", subject };
    if (by === lastAsker) last.set(entityId, fact);
  }
  if (last.size > 0) yield* checkFolds(facts, last, stored.at(-1)?.position ?? 0, count);
}

/** A tailer's own fold, of what he was shown, is held against what was found in the end. */
function* checkFolds(
  facts: Iterable<Fact>,
  found: ReadonlyMap<string, Found>,
  end: number,
  count: Count,
): Generator<Violation> {
  const folds = new Map<string, { readonly fold: Fold; position: number }>();
  for (const fact of facts) {
    if (fact.kind !== "saw") continue;
    const tailer = folds.get(fact.reader) ?? { fold: new Fold(), position: 0 };
    folds.set(fact.reader, tailer);
    tailer.fold.add(fact.event);
    tailer.position = fact.event.position;
  }
  for (const [reader, { fold, position }] of folds) {
    if (position < end) continue;
    for (const { entityId, version, state } of found.values()) {
      count(promises.folded_otherwise);
      if (!isSameState(fold.at(entityId, version), state))
        yield { kind: "folded_otherwise", subject: `${reader}: ${entityId} ${version}` };
    }
  }
}

/** A snapshot is of a version that is stored, names the event that has it, and holds the state that it comes to. */
export function* checkSnapshots({ stored, snapshots = [] }: History, fold: Fold, count: Count): Generator<Violation> {
  const nameOf = ({ entityId, version }: { entityId: string; version: number }) => `${entityId} ${version}`;
  const wanted = new Set(snapshots.map(nameOf));
  const eventIds = new Map<string, string>();
  for (const event of stored) if (wanted.has(nameOf(event))) eventIds.set(nameOf(event), event.eventId);
  for (const snapshot of snapshots) {
    count(promises.snapshot_of_nothing);
    const isCommitted =
      eventIds.get(nameOf(snapshot)) === snapshot.eventId &&
      isSameState(fold.at(snapshot.entityId, snapshot.version), snapshot.state);
    if (!isCommitted) yield { kind: "snapshot_of_nothing", subject: nameOf(snapshot) };
  }
}

/** Which version of an entity anybody had been told of, by time. */
class Acknowledged {
  readonly #byEntity = new Map<string, { at: number; version: number }[]>();

  constructor(facts: Iterable<Fact>) {
    for (const fact of facts) {
      if (fact.kind !== "acknowledged" || fact.at === undefined) continue;
      for (const { entityId, version } of fact.events) {
        const known = this.#byEntity.get(entityId);
        if (known === undefined) this.#byEntity.set(entityId, [{ at: fact.at, version }]);
        else known.push({ at: fact.at, version });
      }
    }
    for (const told of this.#byEntity.values()) {
      told.sort((a, b) => a.at - b.at);
      let highest = 0;
      for (const one of told) {
        highest = Math.max(highest, one.version);
        one.version = highest;
      }
    }
  }

  versionAt(entityId: string, at: number): number {
    const told = this.#byEntity.get(entityId) ?? [];
    let [from, to] = [0, told.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((told[middle]?.at as number) < at) from = middle + 1;
      else to = middle;
    }
    return told[from - 1]?.version ?? 0;
  }
}
