import { writeFileSync } from "node:fs";
import path from "node:path";
import { judge } from "./check-history.ts";
import { lastAsker } from "./check-reads.ts";
import { type Cast, Crew } from "./crew.ts";
import { type Fact, type Promised, promises, type SeenEvent, type Violation } from "./facts.ts";
import { bringUp, disturb, faultsOfProcesses, faultsOfStage } from "./faults.ts";
import { nothing } from "./fold.ts";
import { defineLedger, seen } from "./ledger.ts";
import { random } from "./random.ts";
import { monotonic, pause } from "./roles/role.ts";
import { type Kind, openStage, type Stage } from "./stage.ts";
import { openStore } from "./stores.ts";
import { within } from "./within.ts";
import { createRepository, type EventStore } from "ventyd";

/** What a run of the harness is made of. */
export interface FaultsOptions {
  readonly kind: Kind;
  readonly seconds: number;
  readonly seed: number;
  readonly cast?: Cast;
  /** Which share of the transactions stays open for up to 1.2 s. */
  readonly slow?: number;
  /** Aborted, it ends the run early. */
  readonly signal?: AbortSignal;
  /** Is told how far the run has come. */
  readonly onProgress?: (step: string) => void;
}

/** What a run came to. */
export interface FaultsReport {
  readonly title: string;
  readonly violations: readonly Violation[];
  readonly checked: ReadonlyMap<Promised, number>;
  /** How often each fault came, or why it could not. */
  readonly faults: ReadonlyMap<string, number | string>;
  /** With which codes calls failed, and how often. */
  readonly errors: ReadonlyMap<string, number>;
  readonly stored: number;
  /** Positions that were drawn for nothing, below the last one. */
  readonly burned: number;
  readonly acknowledged: number;
  /** Where lies what the processes have said, if something was violated. */
  readonly folder: string | undefined;
}

const usualCast: Cast = { append: 2, mutate: 2, tail: 2, page: 1 };

/** Milliseconds within which whoever is told to end, with nothing in its way any more, has ended, and readers have come to the end of the log. */
const patience = 60_000;

/** Lets processes write and read while the world around them goes wrong, and holds what all of them said against what is stored in the end. */
export async function runFaults(options: FaultsOptions): Promise<FaultsReport> {
  const stage = await openStage(options.kind, Math.max(1_024, Math.ceil(options.seconds * 4)));
  let isKept = true;
  let crew: Crew | undefined;
  try {
    const opened = await openStore(options.kind, stage.straight);
    await opened.store.migrate();
    await opened.close();
    crew = new Crew(stage, { slow: 0.05, ...options });
    const report = await runOn(stage, crew, options);
    isKept = report.violations.length > 0;
    if (isKept) writeFileSync(path.join(stage.folder, "violations.json"), JSON.stringify(report.violations, null, 2));
    return { ...report, folder: isKept ? stage.folder : undefined };
  } finally {
    await crew?.kill();
    await stage.end(isKept);
  }
}

async function runOn(
  stage: Stage,
  crew: Crew,
  { kind, seconds, seed, cast = usualCast, signal, onProgress = () => {} }: FaultsOptions,
): Promise<Omit<FaultsReport, "folder">> {
  await crew.start(cast);
  onProgress(`${stage.title} and ${crew.size} processes are up`);
  const end = performance.now() + seconds * 1000;
  const isOver = () => performance.now() >= end || signal?.aborted === true;
  // Two hands, so that something happens to a process while something else happens to the server.
  const [one, other] = [random(seed), random(seed + 1)];
  const ofProcesses = faultsOfProcesses(crew, one);
  const ofStage = faultsOfStage(stage, other, seconds >= 120);
  const [counts, otherCounts] = await Promise.all([
    disturb(ofProcesses, one, isOver),
    disturb(ofStage, other, isOver),
    watch(crew, isOver),
  ]);
  onProgress("faults are over");
  await within(patience, "bringing the server up", bringUp(stage));
  await within(2 * patience, "ending the writers", crew.end(false, patience));
  onProgress("writers have ended");

  const { store, close } = await openStore(kind, stage.straight);
  const stored = await within(2 * patience + seconds * 1000, "reading the log", readAll(store));
  const last = stored.at(-1)?.position ?? 0;
  onProgress(`${stored.length} events are stored, up to ${last}`);
  const readersEnd = performance.now() + patience;
  while (crew.leastSeen() < last && performance.now() < readersEnd) await pause(100);
  const isBehind = crew.leastSeen() < last;
  await crew.end(true, patience);
  onProgress("readers have ended");
  const asking = askForAll(store, new Set(stored.map(({ entityId }) => entityId)));
  const found = await within(2 * patience + seconds * 1000, "asking for every entity", asking);
  await close();
  onProgress("every entity was asked for");
  const facts = crew.facts(found);
  const verdict = judge({ facts, stored, snapshots: await stage.snapshots() });

  const errors = new Map<string, number>();
  let acknowledged = 0;
  for (const fact of facts) {
    if (fact.kind === "acknowledged") acknowledged++;
    if (fact.kind === "erred") errors.set(fact.code, (errors.get(fact.code) ?? 0) + 1);
  }
  const behind: Violation[] = isBehind
    ? [{ kind: "reader_skipped", subject: `a reader has not come to the end, ${last}, within ${patience} ms` }]
    : [];
  return {
    title: stage.title,
    checked: new Map([...verdict.checked, [promises.process_died, crew.size]]),
    violations: [...crew.violations, ...behind, ...verdict.violations],
    faults: new Map([...counts, ...otherCounts]),
    errors,
    stored: stored.length,
    burned: last - stored.length,
    acknowledged,
  };
}

async function readAll(store: EventStore): Promise<readonly SeenEvent[]> {
  const stored: SeenEvent[] = [];
  for await (const event of store.read()) stored.push(seen(event));
  return stored;
}

/** Whoever dies of itself is followed by another, and is told of. */
async function watch(crew: Crew, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    crew.mendLosses();
    await pause(200);
  }
}

/** The state of every entity, as the library gives it when all is over. */
async function askForAll(store: EventStore, entityIds: Iterable<string>): Promise<readonly Fact[]> {
  const ledgers = createRepository(
    defineLedger(() => "none"),
    { adapter: store },
  );
  const facts: Fact[] = [];
  for (const entityId of entityIds) {
    const askedAt = monotonic();
    const { version = 0, state = nothing } = (await ledgers.findOne({ entityId })) ?? {};
    facts.push({ kind: "found", by: lastAsker, entityId, askedAt, version, state });
  }
  return facts;
}
