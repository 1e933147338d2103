import path from "node:path";
import { expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { checkHistory, type Fact, type SeenEvent } from "../faults/check-history.ts";
import { startTogether, Worker } from "../support/worker.ts";
import type { Failure } from "./overlapping-process.ts";
import { openDatabase, sideBySide } from "./servers.ts";

type Said = Fact | Failure | { readonly ready: true };

const script = path.join(import.meta.dirname, "overlapping-process.ts");
const seconds = Number(process.env.VENTYD_STRESS_SECONDS ?? 60);

test("overlapping commits over several entities, from eight writers in two processes: every one is decided, and no deadlock reaches a caller", {
  timeout: (seconds + 60) * 1000,
}, async () => {
  await sideBySide(async (server) => {
    const { url, store } = await openDatabase(server);
    const workers = ["p", "q"].map((name, index) => new Worker<Said>(script, server.kind, url, name, index * 100));
    const saw: Fact[] = [];
    const reading = new AbortController();
    const reader = (async () => {
      for await (const { position, eventId, entityId, version } of store.subscribe({
        after: 0,
        signal: reading.signal,
      }))
        saw.push({ kind: "saw", reader: "r", event: { position, eventId, entityId, version } });
    })();
    await startTogether(workers as unknown as Worker<{ readonly ready?: boolean }>[]);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    for (const worker of workers) worker.tell("stop");
    await Promise.all(workers.map((worker) => worker.finish()));

    const stored = (await readAll(store)).map(
      ({ position, eventId, entityId, version }): SeenEvent => ({ position, eventId, entityId, version }),
    );
    await expect.poll(() => saw.length, { timeout: 10_000 }).toBe(stored.length);
    reading.abort();
    await reader;
    const said = workers.flatMap(({ facts }) => facts);
    expect(
      new Set(
        said.flatMap((fact) => ("kind" in fact && fact.kind === "failed" ? `${fact.code}: ${fact.message}` : [])),
      ),
    ).toEqual(new Set());
    const facts = said.filter((fact): fact is Fact => "kind" in fact && fact.kind !== "failed");
    const count = (kind: Fact["kind"]) => facts.filter((fact) => fact.kind === kind).length;
    expect(count("acknowledged") + count("refused")).toBe(count("intent"));
    expect(checkHistory([...facts, ...saw], stored)).toEqual([]);
    // They did meet.
    expect(count("acknowledged")).toBeGreaterThan(10 * seconds);
    expect(count("refused")).toBeGreaterThan(seconds);
  });
});
