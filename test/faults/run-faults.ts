import path from "node:path";
import { Worker } from "../support/worker.ts";
import { checkHistory, type Fact, type SeenEvent, type Violation } from "./check-history.ts";
import { openStore } from "./stores.ts";

type Said = Worker<Fact | { readonly ready: true }>;

/** What a run of the harness is made of. */
export interface FaultsOptions {
  readonly kind: string;
  readonly place: string;
  /** Processes, of which each writes in four lanes at once. */
  readonly writers: number;
  readonly readers: number;
  readonly seconds: number;
  readonly seed: number;
  /** Which share of the transactions stays open for up to 1.2 s; default none. */
  readonly slow?: number;
  /** What is done to the server every now and then. */
  readonly disturb?: (() => Promise<void>) | undefined;
}

/** What a run came to. */
export interface FaultsReport {
  readonly violations: readonly Violation[];
  readonly stored: number;
  /** Positions that were drawn for nothing, below the last one. */
  readonly burned: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly killed: number;
}

const script = path.join(import.meta.dirname, "process.ts");

/** Lets processes write and read, kills writers as they go, and holds what all of them said against what is stored in the end. */
export async function runFaults(options: FaultsOptions): Promise<FaultsReport> {
  const { kind, place, seconds, slow = 0 } = options;
  const { store, close } = await openStore(kind, place);
  await store.migrate();
  let started = 0;
  const start = (task: "writer" | "reader"): Said => {
    const number = started++;
    return new Worker(script, task, kind, place, `${task[0]}${number}`, options.seed + number * 1000, slow);
  };
  const readers = Array.from({ length: options.readers }, () => start("reader"));
  const everyWriter: Said[] = [];
  const startWriter = () => {
    const writer = start("writer");
    everyWriter.push(writer);
    return writer;
  };
  const writers = Array.from({ length: options.writers }, startWriter);
  const isReady = (facts: readonly object[]) => facts.some((fact) => "ready" in fact);
  await Promise.all([...readers, ...writers].map((worker) => worker.until(isReady)));

  let killed = 0;
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const victim = killed % writers.length;
    const writer = writers[victim] as Said;
    // Killed in the midst of its work: after it has got somewhere.
    const before = writer.facts.length;
    await writer.until((facts) => facts.length > before + 40);
    await options.disturb?.();
    await writer.kill();
    killed++;
    writers[victim] = startWriter();
  }
  for (const writer of writers) writer.tell("stop");
  await Promise.all(writers.map((writer) => writer.finish()));

  const stored: SeenEvent[] = [];
  for await (const { position, eventId, entityId, version } of store.read())
    stored.push({ position, eventId, entityId, version });
  const last = stored.at(-1)?.position ?? 0;
  await Promise.all(
    readers.map(async (reader) => {
      await reader.until((facts) => facts.some((fact) => "event" in fact && fact.event.position === last));
      reader.tell("stop");
      await reader.finish();
    }),
  );
  await close();
  const facts = [...everyWriter, ...readers].flatMap((worker) => worker.facts.filter((fact) => "kind" in fact));
  const count = (kind: Fact["kind"]) => facts.filter((fact) => fact.kind === kind).length;
  return {
    violations: checkHistory(facts, stored),
    stored: stored.length,
    burned: last - stored.length,
    acknowledged: count("acknowledged"),
    refused: count("refused"),
    killed,
  };
}
