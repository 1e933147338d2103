import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createSqliteStore } from "ventyd/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { commitOf, readAll, upTo } from "../../src/testing/contract/events.ts";
import { deferred, openDatabase, openStore, tempFile } from "../support/temp-database.ts";

interface Fact {
  readonly ready?: boolean;
  readonly id?: string;
  readonly entity?: string;
  readonly version?: number;
  readonly migrated?: number;
  readonly done?: string;
}

/** Another process at work on a file, and the facts that it has told so far. */
class Worker {
  readonly facts: Fact[] = [];
  readonly child: ChildProcess;
  readonly ended = deferred<number | NodeJS.Signals>();
  #rest = "";
  #errors = "";
  #waiting: { done: (facts: readonly Fact[]) => boolean; resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(...args: (string | number)[]) {
    const script = fileURLToPath(new URL("./processes/child.ts", import.meta.url));
    this.child = spawn(process.execPath, ["--conditions=ventyd-source", script, ...args.map(String)], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    onTestFinished(() => {
      this.child.kill("SIGKILL");
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    // "close", not "exit": then all that was written before a kill has been read.
    this.child.on("close", (code, signal) => {
      for (const { reject } of this.#waiting) reject(new Error(`the process ended: ${code ?? signal} ${this.#errors}`));
      this.ended.resolve(code ?? (signal as NodeJS.Signals));
    });
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() as string;
    this.facts.push(...lines.map((line) => JSON.parse(line) as Fact));
    this.#waiting = this.#waiting.filter(({ done, resolve }) => {
      if (!done(this.facts)) return true;
      resolve();
      return false;
    });
  }

  /** Waits until the facts are such. */
  until(done: (facts: readonly Fact[]) => boolean): Promise<void> {
    if (done(this.facts)) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ done, resolve, reject }));
  }

  async finish(): Promise<void> {
    const ending = await this.ended.promise;
    if (ending !== 0) throw new Error(`the process ended with ${ending}: ${this.#errors}`);
  }
}

/** Starts workers, and lets them go at the same moment. */
async function startTogether(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.until((facts) => facts.some(({ ready }) => ready === true))));
  for (const { child } of workers) child.stdin?.write("go\n");
}

describe("several processes on one file", () => {
  test("B17: four that commit at once all get on, nothing is lost and nothing written twice", async () => {
    const { store, file } = await openStore();
    await store.append([commitOf("shared", 0, [{ eventName: "counter:created" }], { entityName: "counter" })]);
    const workers = upTo(4).map((n) => new Worker("count", file, n, 1_500));
    await startTogether(workers);
    await Promise.all(workers.map((worker) => worker.finish()));

    const acknowledged = workers.map((worker) => worker.facts.filter(({ id }) => id !== undefined));
    const events = await readAll(store);
    const byId = new Map(events.map((event) => [event.eventId, event]));
    expect(byId.size).toBe(events.length);
    for (const fact of acknowledged.flat()) {
      expect(byId.get(fact.id as string)).toMatchObject({ entityId: fact.entity, version: fact.version });
    }
    // Nothing but what was acknowledged, and what each process began with.
    expect(events).toHaveLength(acknowledged.flat().length + 1 + workers.length);
    for (const entityId of ["shared", "own-1", "own-2", "own-3", "own-4"]) {
      const versions = events.filter((event) => event.entityId === entityId).map(({ version }) => version);
      expect(versions, entityId).toEqual(upTo(versions.length));
    }
    expect(events.filter(({ entityId }) => entityId === "shared")).toHaveLength(1 + 4 * 5);

    // None of the four starved.
    const counts = acknowledged.map(({ length }) => length);
    expect(Math.min(...counts), `commits: ${counts.join(", ")}`).toBeGreaterThan(Math.max(...counts) / 5);
  });

  test("six that migrate a new file at once: it is migrated once, and all go on", async () => {
    const file = tempFile();
    const workers = upTo(6).map((n) => new Worker("migrate", file, `c${n}`));
    await startTogether(workers);
    await Promise.all(workers.map((worker) => worker.finish()));
    for (const { facts } of workers) expect(facts.at(-1)).toEqual({ migrated: expect.any(Number), version: 1 });

    const database = openDatabase(file);
    const ids = database.prepare("SELECT id FROM ventyd_migrations ORDER BY id").pluck().all();
    expect(ids).toEqual(upTo(ids.length));
    const store = createSqliteStore(database);
    onTestFinished(() => store.close());
    expect(await readAll(store)).toHaveLength(6);
  });

  test.for(["WAL", "DELETE"] as const)(
    "one that is killed while it commits (%s): what it acknowledged is stored once",
    async (journal) => {
      const { store, database, file } = await openStore({ journal });
      const facts: Fact[] = [];
      for (const name of ["first", "second"]) {
        const worker = new Worker("pairs", file, name);
        await worker.until(({ length }) => length > 100);
        worker.child.kill("SIGKILL");
        expect(await worker.ended.promise).toBe("SIGKILL");
        facts.push(...worker.facts);
      }

      expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
      const events = await readAll(store);
      const stored = events.map(({ eventId }) => eventId);
      expect(new Set(stored).size).toBe(stored.length);
      for (const { id } of facts) if (id !== undefined) expect(stored).toContain(id);
      const versions = Map.groupBy(events, ({ entityId }) => entityId);
      for (const { done, version } of facts)
        if (done !== undefined) expect(versions.get(done)).toHaveLength(version as number);

      // Both of a pair, or none, and at most one step of each process was stored without being acknowledged.
      for (const [entityId, of] of versions) {
        expect(of.map(({ version }) => version)).toEqual(upTo(of.length));
        expect(versions.get(entityId.replace(/^left/, "right"))?.length, entityId).toBe(of.length);
      }
      const acknowledged = facts.filter(({ id }) => id !== undefined).length;
      expect(stored.filter((_, index) => events[index]?.version === 1).length - acknowledged).toBeLessThanOrEqual(4);
      // The file goes on.
      expect((await store.append([commitOf("after", 0, [{}])]))[0]?.status).toBe("written");
    },
  );
});
