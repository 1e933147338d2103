import { fileURLToPath } from "node:url";
import type { StoredEvent } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { commitOf, readAll, upTo } from "../../src/testing/contract/events.ts";
import { openDatabase, openStore, tempFile } from "../support/temp-database.ts";
import { startTogether, Worker } from "../support/worker.ts";
import type { Fact } from "./processes/child.ts";

const script = fileURLToPath(new URL("./processes/child.ts", import.meta.url));
const start = (...args: (string | number)[]) => new Worker<Fact>(script, ...args);

const bodyOf = (event: StoredEvent) => event.body as { commit?: string; of?: number };

/** What each process was told is stored, is stored once and where it was told. */
function expectAcknowledged(facts: readonly Fact[], events: readonly StoredEvent[]): void {
  const byId = new Map(events.map((event) => [event.eventId, event]));
  expect(byId.size).toBe(events.length);
  const versions = Map.groupBy(events, ({ entityId }) => entityId);
  for (const { eventIds = [], versions: told = {} } of facts) {
    for (const eventId of eventIds) expect(byId.has(eventId), eventId).toBe(true);
    for (const [entityId, version] of Object.entries(told)) {
      const event = versions.get(entityId)?.[version - 1];
      expect(eventIds).toContain(event?.eventId);
      expect(event?.version).toBe(version);
    }
  }
}

function expectVersionsWithoutHoles(events: readonly StoredEvent[]): void {
  for (const [entityId, stream] of Map.groupBy(events, (event) => event.entityId)) {
    expect(
      stream.map(({ version }) => version),
      entityId,
    ).toEqual(upTo(stream.length));
  }
}

describe("several processes on one file", () => {
  test("B17: four that commit at once all get on, nothing is lost and nothing written twice", async () => {
    const { store, file } = await openStore();
    await store.append([commitOf("shared", 0, [{ eventName: "counter:created" }], { entityName: "counter" })]);
    const milliseconds = 1_500;
    const workers = upTo(4).map((n) => start("count", file, n, milliseconds));
    const follower = start("follow", file, "follower");
    await startTogether([...workers, follower]);
    await Promise.all(workers.map((worker) => worker.finish()));

    const events = await readAll(store);
    const facts = workers.flatMap((worker) => worker.facts);
    expectAcknowledged(facts, events);
    expectVersionsWithoutHoles(events);
    // Nothing but what was acknowledged, and what each process began with.
    expect(events).toHaveLength(facts.flatMap(({ eventIds = [] }) => eventIds).length + 1 + workers.length);
    expect(events.filter(({ entityId }) => entityId === "shared")).toHaveLength(1 + 4 * 5);

    // None of the four starved: neither in the end, nor in any part of the time.
    const commits = workers.map((worker) => worker.facts.flatMap(({ after = Infinity }) => after));
    const counts = commits.map((times) => times.length);
    expect(Math.min(...counts), `commits: ${counts.join(", ")}`).toBeGreaterThan(Math.max(...counts) / 5);
    for (const part of upTo(3)) {
      const [from, to] = [((part - 1) / 3) * milliseconds, (part / 3) * milliseconds];
      const inPart = commits.map((times) => times.filter((time) => time >= from && time < to).length);
      expect(Math.min(...inPart), `commits in part ${part} of 3: ${inPart.join(", ")}`).toBeGreaterThan(0);
    }

    // Whoever follows the log in yet another process saw each position, once and in order.
    const positions = events.map(({ position }) => position);
    const seen = (told: readonly Fact[]) => told.flatMap(({ position }) => position ?? []);
    await follower.until((told) => seen(told).at(-1) === positions.at(-1));
    follower.tell("end");
    await follower.finish();
    expect(seen(follower.facts)).toEqual(positions);
  });

  test("B1: of 200 creations of one id by four processes one wins, and all others are told so", async () => {
    const { store, file } = await openStore();
    const workers = upTo(4).map(() => start("create", file, "contested", 50));
    await startTogether(workers);
    await Promise.all(workers.map((worker) => worker.finish()));
    const outcomes = workers.flatMap((worker) => worker.facts.flatMap(({ created }) => created ?? []));
    expect(outcomes).toHaveLength(200);
    expect(outcomes.filter((outcome) => outcome === "won")).toHaveLength(1);
    expect(await readAll(store)).toMatchObject([{ entityId: "contested", version: 1 }]);
  });

  test("twenty that migrate a new file at once: it is migrated once, and all go on", async () => {
    const file = tempFile();
    const workers = upTo(20).map((n) => start("migrate", file, `c${n}`));
    await startTogether(workers);
    await Promise.all(workers.map((worker) => worker.finish()));

    const database = openDatabase(file);
    const ids = database.prepare("SELECT id FROM ventyd_migrations ORDER BY id").pluck().all();
    expect(ids).toEqual(upTo(ids.length));
    for (const { facts } of workers) expect(facts.at(-1)).toEqual({ migrated: ids.length });
    const store = createSqliteStore(database);
    onTestFinished(() => store.close());
    expect(await readAll(store)).toHaveLength(20);
  });

  test.for(["WAL", "DELETE"] as const)(
    "that are killed while they commit, 25 times (%s): what they acknowledged is stored once, and no commit by half",
    { timeout: 180_000 },
    async (journal) => {
      const { store, database, file } = await openStore({ journal });
      await store.append([commitOf("shared", 0, [{ eventName: "counter:created" }], { entityName: "counter" })]);
      const all: Worker<Fact>[] = [];
      const begin = () => {
        const worker = start("until killed", file, all.length + 1);
        worker.tell("go");
        all.push(worker);
        return worker;
      };
      // Two at a time: one goes on, and recovers the file, where another has just been killed.
      let running = [begin(), begin()] as [Worker<Fact>, Worker<Fact>];
      for (let kills = 1; kills <= 25; kills++) {
        const [victim, other] = running;
        const patience = 2 + Math.floor(Math.random() * 30);
        await victim.until(({ length }) => length > patience);
        await victim.kill();
        running = [other, begin()];
      }
      await Promise.all(running.map((worker) => worker.kill()));

      expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
      const events = await readAll(store);
      expectAcknowledged(
        all.flatMap(({ facts }) => facts),
        events,
      );
      expectVersionsWithoutHoles(events);

      const commits = Map.groupBy(events, (event) => bodyOf(event).commit);
      commits.delete(undefined);
      for (const [commit, stored] of commits)
        expect(stored, commit).toHaveLength(bodyOf(stored[0] as StoredEvent).of as number);
      const ofTransactions = [...commits.keys()].filter((commit) => commit?.startsWith("transaction"));
      const rows = database.prepare("SELECT commit_id FROM application").pluck().all();
      expect(rows.toSorted()).toEqual(ofTransactions.toSorted());

      // Of each process at most the commit that it was killed in is stored without having been acknowledged.
      const commitOfId = new Map(events.map((event) => [event.eventId, bodyOf(event).commit]));
      const acknowledged = new Set(
        all.flatMap(({ facts }) =>
          facts.flatMap(({ eventIds = [] }) => commitOfId.get(eventIds.at(-1) as string) ?? []),
        ),
      );
      const unacknowledged = [...commits.keys()].filter((commit) => !acknowledged.has(commit as string));
      const owners = unacknowledged.map((commit) => /(\d+)-/.exec(commit as string)?.[1]);
      expect(new Set(owners).size, unacknowledged.join(", ")).toBe(owners.length);
      expect(acknowledged.size).toBeGreaterThan(100);
      // The file goes on.
      expect((await store.append([commitOf("after", 0, [{}])]))[0]?.status).toBe("written");
    },
  );
});
