// A process of the fault harness: `writer` or `reader`, on a store, with a name, a seed and the share of transactions that are slow. What it says goes out as lines of JSON.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { CommitRow, EntityCommit, EventStore, NewEvent, StoredEvent } from "ventyd";
import type { Fact, SeenEvent } from "./check-history.ts";
import { random } from "./random.ts";
import { openStore } from "./stores.ts";

const [task, kind, place, name, seed, slow] = process.argv.slice(2) as [string, string, string, string, string, string];

const say = (fact: Fact | { readonly ready: true }) => void writeSync(1, `${JSON.stringify(fact)}\n`);
const seen = ({ position, eventId, entityId, version }: StoredEvent): SeenEvent => ({
  position,
  eventId,
  entityId,
  version,
});

const { store, close } = await openStore(kind, place);
const asked = new AbortController();
createInterface({ input: process.stdin }).on("line", () => asked.abort());

if (task === "reader") {
  say({ ready: true });
  for await (const event of store.subscribe({ after: 0, signal: asked.signal }))
    say({ kind: "saw", reader: name, event: seen(event) });
} else {
  say({ ready: true });
  // Several at once in one process: they share its pool, and its coalescing where there is one.
  await Promise.all(["a", "b", "c", "d"].map((lane) => write(store, `${name}${lane}`, Number(seed))));
}
await close();
process.exit(0);

async function write(store: EventStore, lane: string, seed: number): Promise<void> {
  const next = random(seed + lane.charCodeAt(lane.length - 1));
  const upTo = (n: number) => Math.floor(next() * n);
  let count = 0;
  while (!asked.signal.aborted) {
    const commit = `${lane}-${count++}`;
    // Few entities, so that writers meet; now and then one of its own.
    const ids = new Set(Array.from({ length: next() < 0.2 ? 2 : 1 }, () => (next() < 0.3 ? commit : `hot${upTo(6)}`)));
    const commits: EntityCommit[] = [];
    for (const entityId of ids) {
      const expectedVersion = await version(entityId);
      if (expectedVersion === undefined) continue;
      const events = Array.from({ length: 1 + upTo(3) }, (_, index) =>
        newEvent(`${commit}/${entityId}/${index}`, next),
      );
      commits.push({ entityName: "thing", entityId, expectedVersion, events });
    }
    if (commits.length === 0) continue;
    say({ kind: "intent", commit, events: commits.flatMap(({ events }) => events.map(({ eventId }) => eventId)) });
    const way = next();
    try {
      if (way < 0.6) answer(commit, await store.append(commits));
      else await inTransaction(commit, commits, way > 0.85, next() < Number(slow) ? 200 + upTo(1000) : upTo(20));
    } catch (error) {
      // Nobody knows what became of it; the checker allows for both.
      if ((error as { code?: string }).code === undefined) throw error;
    }
  }

  async function version(entityId: string): Promise<number | undefined> {
    try {
      return (await store.load({ entityName: "thing", entityId })).length;
    } catch {
      return undefined;
    }
  }

  async function inTransaction(commit: string, commits: readonly EntityCommit[], isAborted: boolean, pause: number) {
    let rows: readonly CommitRow[] = [];
    const aborted = new Error("aborted");
    try {
      await store.transaction(async () => {
        rows = await store.append(commits);
        await new Promise((resolve) => setTimeout(resolve, pause));
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
    else say({ kind: "acknowledged", commit, events: events.map(seen) });
  }
}

function newEvent(eventId: string, next: () => number): NewEvent {
  const text = "x".repeat(next() < 0.01 ? 500_000 : 20);
  return {
    eventId,
    eventName: "thing:happened",
    eventCreatedAt: "2026-01-01T00:00:00.000Z",
    body: { text },
    metadata: { actor: "somebody" },
    bodyIsOutput: true,
  };
}
