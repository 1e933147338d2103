import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import Database from "better-sqlite3";
import { createRepository, defineEntity, EntityExistsError } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z } from "ventyd/zod";

/** What a process tells, always after the acknowledgement. */
export interface Fact {
  readonly ready?: boolean;
  /** A commit that was acknowledged: the ids of its events, and the versions that its entities came to. */
  readonly eventIds?: readonly string[];
  readonly versions?: Readonly<Record<string, number>>;
  /** Milliseconds since the process was let go. */
  readonly after?: number;
  readonly migrated?: number;
  readonly created?: "won" | "exists";
  readonly position?: number;
}

const [task, file, name, amount] = process.argv.slice(2) as [string, string, string, string];

const Counter = defineEntity("counter", {
  state: z.object({ count: z.number() }),
  // `commit` names the commit that an event belongs to, and `of` says how many events that has, over all its entities.
  events: { created: z.object({}), counted: z.object({ commit: z.string(), of: z.number() }) },
  initial: "created",
  reduce: { created: () => ({ count: 0 }), counted: (state) => ({ count: state.count + 1 }) },
  mutations: {
    count({ dispatch }, commit: string, times: number, of = times) {
      for (let time = 0; time < times; time++) dispatch("counted", { commit, of });
    },
  },
});

const say = (fact: Fact) => void writeSync(1, `${JSON.stringify(fact)}\n`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const database = new Database(file);
const store = createSqliteStore(database);
const counters = createRepository(Counter, { adapter: store });

function acknowledge(after: number, ...results: readonly { readonly events: readonly StoredEvent[] }[]): void {
  const events = results.flatMap((result) => result.events);
  const versions = Object.fromEntries(events.map(({ entityId, version }) => [entityId, version]));
  say({ eventIds: events.map(({ eventId }) => eventId), versions, after });
}
type StoredEvent = Awaited<ReturnType<typeof counters.commit>>["events"][number];

say({ ready: true });
await lines.next();
const start = performance.now();
const sinceStart = () => performance.now() - start;

switch (task) {
  case "migrate": {
    await store.migrate();
    await store.migrate();
    await counters.create({ entityId: name, body: {} });
    say({ migrated: (await store.status()).schemaVersion });
    break;
  }
  case "create": {
    const racing = Array.from({ length: Number(amount) }, async () => {
      try {
        await counters.create({ entityId: name, body: {} });
        say({ created: "won" });
      } catch (error) {
        if (!(error instanceof EntityExistsError)) throw error;
        say({ created: "exists" });
      }
    });
    await Promise.all(racing);
    break;
  }
  case "count": {
    const { entity: own } = await counters.create({ entityId: `own-${name}`, body: {} });
    while (sinceStart() < Number(amount)) {
      own.count(`${name}`, 1);
      acknowledge(sinceStart(), await counters.commit(own));
    }
    for (let n = 0; n < 5; n++) {
      acknowledge(
        sinceStart(),
        await counters.mutate({ entityId: "shared" }, (it) => it.count(name, 1), { retries: 1_000 }),
      );
    }
    break;
  }
  case "follow": {
    const ending = new AbortController();
    const following = (async () => {
      for await (const { position } of store.subscribe({ after: 0, signal: ending.signal })) say({ position });
    })();
    // The next line says that the writers have ended, and where.
    await lines.next();
    ending.abort();
    await following;
    break;
  }
  case "until killed": {
    // Everything that a commit may consist of, round after round, for as long as one is let.
    database.exec("CREATE TABLE IF NOT EXISTS application (commit_id TEXT PRIMARY KEY)");
    const { entity: own } = await counters.create({ entityId: `own-${name}`, body: {} });
    for (let round = 1; ; round++) {
      const id = (kind: string) => `${kind} ${name}-${round}`;
      own.count(id("one"), 3);
      acknowledge(sinceStart(), await counters.commit(own));

      const pair = ["left", "right"].map((side) => Counter.create({ entityId: `${side}-${name}-${round}`, body: {} }));
      for (const counter of pair) counter.count(id("pair"), 3, 6);
      acknowledge(sinceStart(), ...(await counters.commit(pair)));

      // Now and then: whoever loses a race for an entity waits before it tries again.
      if (round % 4 === 0) {
        const work = (counter: typeof own) => counter.count(id("shared"), 3);
        acknowledge(sinceStart(), await counters.mutate({ entityId: "shared" }, work, { retries: 1_000 }));
      }

      const results = await store.transaction(async ({ client }) => {
        client.prepare("INSERT INTO application VALUES (?)").run(id("transaction"));
        own.count(id("transaction"), 2, 3);
        const first = await counters.commit(own);
        own.count(id("transaction"), 1, 3);
        return [first, await counters.commit(own)];
      });
      acknowledge(sinceStart(), ...results);
    }
  }
}
process.stdin.destroy();
await store.close();
database.close();
