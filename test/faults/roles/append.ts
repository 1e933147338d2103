import { type CommitRow, CommitOutcomeUnknownError, type EntityCommit, type NewEvent } from "ventyd";
import { Fold, nothing } from "../fold.ts";
import { changeOf, seen } from "../ledger.ts";
import { attempt, Busy, monotonic, pause, type Role, sayError, type Work } from "./role.ts";

/** Appends to one or several entities by the store itself, alone or in a transaction, some of which are slow or aborted, and repeats what was not answered. */
export const append: Role = async (work) => {
  const { store, name, next, say, signal } = work;
  const busy = new Busy();
  const upTo = (n: number) => Math.floor(next() * n);
  for (let count = 0; !signal.aborted; count++) {
    const commit = `${name}-${count}`;
    const commits: EntityCommit[] = [];
    const chosen = new Map<string, { isAt: (version: number) => void }>();
    for (let n = next() < 0.2 ? 2 : 1; n > 0; n--) {
      const { entityId, isAt } = next() < 0.1 ? { entityId: `${commit}.${n}`, isAt() {} } : busy.pick(next);
      chosen.set(entityId, { isAt });
    }
    for (const [entityId, { isAt }] of chosen) {
      const version = await attempt(work, () => load(work, entityId));
      if (version === undefined) continue;
      isAt(version);
      const events = Array.from({ length: 1 + upTo(3) }, (_, index) =>
        newEvent(`${commit}/${entityId}/${index}`, version + index === 0 ? "opened" : "added", next),
      );
      commits.push({ entityName: "ledger", entityId, expectedVersion: version, events });
    }
    if (commits.length === 0) {
      await pause(50);
      continue;
    }
    say({ kind: "intent", commit, events: commits.flatMap(({ events }) => events.map(({ eventId }) => eventId)) });
    try {
      await write(work, commit, commits);
    } catch (error) {
      sayError(say, error);
    }
  }

  async function write({ slow }: Work, commit: string, commits: readonly EntityCommit[]) {
    const way = next();
    if (way < 0.6) {
      answer(commit, await untilKnown(() => store.append(commits)));
      // The same again is answered as it was the first time.
      if (way < 0.05) answer(commit, await untilKnown(() => store.append(commits)));
      return;
    }
    const isAborted = way > 0.85;
    const milliseconds = next() < slow ? 200 + upTo(1000) : upTo(20);
    const aborted = new Error("aborted");
    let rows: readonly CommitRow[] = [];
    try {
      await store.transaction(async () => {
        rows = await store.append(commits);
        await pause(milliseconds);
        if (isAborted) throw aborted;
      });
    } catch (error) {
      if (error !== aborted) throw error;
      say({ kind: "refused", commit });
      return;
    }
    answer(commit, rows);
  }

  function answer(commit: string, rows: readonly CommitRow[]) {
    const events = rows.flatMap((row) => ("events" in row ? row.events : []));
    if (events.length === 0) say({ kind: "refused", commit });
    else say({ kind: "acknowledged", commit, events: events.map(seen), at: monotonic() });
  }
};

/** The version of an entity as its events are loaded now; the state that they come to is judged. */
async function load({ store, name, say }: Work, entityId: string): Promise<number> {
  const askedAt = monotonic();
  const events = await store.load({ entityName: "ledger", entityId });
  const fold = new Fold();
  for (const { eventId, version, body } of events)
    fold.add({ position: 0, eventId, entityId, version, change: changeOf(body) });
  const version = events.at(-1)?.version ?? 0;
  say({ kind: "found", by: name, entityId, askedAt, version, state: fold.at(entityId, version) ?? nothing });
  return version;
}

/** Where nobody knows whether it was written, the same once more settles it. */
async function untilKnown<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 3; ; tries--) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof CommitOutcomeUnknownError) || tries === 0) throw error;
    }
  }
}

function newEvent(eventId: string, shortName: string, next: () => number): NewEvent {
  // Large ones, now and then: too large to share a statement with others.
  const padding = next() < 0.003 ? { padding: "x".repeat(300_000) } : {};
  return {
    eventId,
    eventName: `ledger:${shortName}`,
    eventCreatedAt: new Date().toISOString(),
    body: { number: Math.floor(next() * 1e6), ...padding },
    metadata: { actor: "somebody" },
    bodyIsOutput: true,
  };
}
