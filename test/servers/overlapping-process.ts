// A process that commits to several entities at once, of few that there are, in whatever order, until it is told to stop: on a kind of store at a place, with a name and
// a seed. What it says goes out as lines of JSON.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { EntityCommit } from "ventyd";
import { commitOf } from "../../src/testing/contract/events.ts";
import type { Fact } from "../faults/check-history.ts";
import { random } from "../faults/random.ts";
import { openStore } from "../faults/stores.ts";

/** A commit that was neither written nor refused. */
export interface Failure {
  readonly kind: "failed";
  readonly code: string;
  readonly message: string;
}

const [kind, place, name, seed] = process.argv.slice(2) as [string, string, string, string];
const say = (fact: Fact | Failure | { readonly ready: true }) => void writeSync(1, `${JSON.stringify(fact)}\n`);

const { store, close } = await openStore(kind, place);
let isAsked = false;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
say({ ready: true });
await lines.next();
void lines.next().then(() => {
  isAsked = true;
});
await Promise.all(["a", "b", "c", "d"].map((lane, index) => write(`${name}${lane}`, Number(seed) + index)));
await close();
process.exit(0);

async function write(lane: string, laneSeed: number): Promise<void> {
  const next = random(laneSeed);
  const upTo = (n: number) => Math.floor(next() * n);
  const versions = new Map<string, number>();
  for (let count = 0; !isAsked; count++) {
    const commit = `${lane}-${count}`;
    // Some of them are made by the first who comes, as others come at the same time.
    const ids = new Set(Array.from({ length: 1 + upTo(4) }, () => (next() < 0.2 ? `new${count >> 2}` : `e${upTo(8)}`)));
    const commits = [...ids].map((entityId): EntityCommit => {
      const eventIds = Array.from({ length: 1 + upTo(2) }, (_, index) => `${commit}/${entityId}/${index}`);
      return commitOf(entityId, next() < 0.4 ? "any" : (versions.get(entityId) ?? 0), eventIds);
    });
    say({ kind: "intent", commit, events: commits.flatMap(({ events }) => events.map(({ eventId }) => eventId)) });
    try {
      const rows = await store.append(commits);
      const events = rows.flatMap((row) => ("events" in row ? row.events : []));
      for (const { entityId, version } of events) versions.set(entityId, version);
      for (const [index, row] of rows.entries())
        if ("actualVersion" in row) versions.set(commits[index]?.entityId as string, row.actualVersion);
      if (events.length === 0) say({ kind: "refused", commit });
      else {
        const stored = events.map(({ position, eventId, entityId, version }) => ({
          position,
          eventId,
          entityId,
          version,
        }));
        say({ kind: "acknowledged", commit, events: stored });
      }
    } catch (error) {
      const { code = "none", message } = error as Error & { code?: string };
      say({ kind: "failed", code, message });
    }
  }
}
