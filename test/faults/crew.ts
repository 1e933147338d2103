import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Fact, Violation } from "./facts.ts";
import { factsIn } from "./facts-in.ts";
import { type RoleName, roles } from "./roles/index.ts";
import type { Stage } from "./stage.ts";
import { WorkerProcess } from "./worker-process.ts";

/** How many processes there are of each role. */
export type Cast = { readonly [role in RoleName]?: number };

/** The processes of a run, of which whoever is gone is followed by another. */
export class Crew {
  readonly #stage: Stage;
  readonly #kind: string;
  readonly #seed: number;
  readonly #slow: number;
  readonly #files: string[] = [];
  readonly violations: Violation[] = [];
  #workers: WorkerProcess[] = [];
  #count = 0;

  constructor(
    stage: Stage,
    { kind, seed, slow }: { readonly kind: string; readonly seed: number; readonly slow: number },
  ) {
    this.#stage = stage;
    this.#kind = kind;
    this.#seed = seed;
    this.#slow = slow;
  }

  async start(cast: Cast): Promise<void> {
    for (const role of Object.keys(cast) as RoleName[])
      for (let n = 0; n < (cast[role] as number); n++) this.#workers.push(this.#begin(role, `${role}${n}`, 0));
    await Promise.all(this.#workers.map(({ ready }) => ready));
  }

  #begin(role: RoleName, reader: string, after: number): WorkerProcess {
    const number = this.#count++;
    const name = `${role[0]}${number}`;
    const file = path.join(this.#stage.folder, `${number}-${role}.log`);
    this.#files.push(file);
    const { place } = this.#stage;
    const seed = this.#seed + number * 1000;
    const options = { role, kind: this.#kind, place, name, reader, after, seed, slow: this.#slow, file };
    return new WorkerProcess(options, path.join(this.#stage.folder, "compiled"));
  }

  /** How many processes there have been. */
  get size(): number {
    return this.#count;
  }

  any(next: () => number): WorkerProcess {
    return this.#workers[Math.floor(next() * this.#workers.length)] as WorkerProcess;
  }

  /** Kills a process; another takes its place, which goes on where it has stopped. */
  async replace(worker: WorkerProcess): Promise<void> {
    await worker.kill();
    this.#follow(worker);
  }

  /** Puts others in the place of those who have ended, though nobody had told them to. */
  mendLosses(): void {
    for (const worker of this.#workers) if (worker.isOver) this.#follow(worker);
  }

  #follow(worker: WorkerProcess): void {
    // Somebody else has seen to it meanwhile.
    if (!this.#workers.includes(worker)) return;
    this.#note(worker);
    const { role, reader, after, file } = worker.options;
    const successor = this.#begin(role, reader, lastSeen(file) ?? after);
    this.#workers = this.#workers.map((one) => (one === worker ? successor : one));
  }

  #note({ failure }: WorkerProcess): void {
    if (failure !== undefined) this.violations.push({ kind: "process_died", subject: failure });
  }

  /** Ends writers, or readers; whoever hangs is found. */
  async end(isReader: boolean, patience: number): Promise<void> {
    const [leaving, staying] = [true, false].map((leaves) =>
      this.#workers.filter(({ options: { role } }) => (roles[role].isReader === isReader) === leaves),
    ) as [WorkerProcess[], WorkerProcess[]];
    await Promise.all(leaving.map((worker) => worker.stop(patience)));
    for (const worker of leaving) this.#note(worker);
    this.#workers = staying;
  }

  /** How far the reader has come who has come least far. */
  leastSeen(): number {
    const readers = this.#workers.filter(({ options }) => roles[options.role].isReader);
    return Math.min(...readers.map(({ options: { file, after } }) => lastSeen(file) ?? after));
  }

  /** All that they have said, each of them in order; a reader's followers after him. */
  facts(more: readonly Fact[] = []): Iterable<Fact> {
    const files = this.#files.filter(existsSync);
    return {
      *[Symbol.iterator]() {
        for (const file of files) yield* factsIn(file);
        yield* more;
      },
    };
  }

  async kill(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.kill()));
  }
}

/** The position of the last event that was shown to whoever has written a file; nobody shows him another one after he was killed. */
function lastSeen(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const end = readFileSync(file)
    .subarray(-64 * 1024)
    .toString("utf8");
  const lines = end.slice(0, end.lastIndexOf("\n")).split("\n");
  const last = lines.findLast((line) => line.startsWith('{"kind":"saw"'));
  return last === undefined ? undefined : (JSON.parse(last) as Extract<Fact, { kind: "saw" }>).event.position;
}
