import path from "node:path";
import { describe, expect, test } from "vitest";
import { readAll, upTo } from "../../src/testing/contract/events.ts";
import { startTogether, Worker } from "../support/worker.ts";
import type { Fact } from "./process.ts";
import { openDatabase, servers } from "./servers.ts";

const script = path.join(import.meta.dirname, "process.ts");

describe.each(servers)("$name", (server) => {
  test("twenty processes that migrate a new database at once: it is migrated once, and all go on", async () => {
    const { url, store, run } = await openDatabase(server, { migrated: false });
    const workers = upTo(20).map((n) => new Worker<Fact>(script, "migrate", server.kind, url, `e${n}`));
    await startTogether(workers);
    await Promise.all(workers.map((worker) => worker.finish()));

    const applied = (await run("SELECT id FROM ventyd_migrations ORDER BY id")).map(({ id }) => id);
    expect(applied.length).toBeGreaterThan(0);
    expect(applied).toEqual(upTo(applied.length));
    for (const { facts } of workers) expect(facts.at(-1)).toEqual({ migrated: applied.length });
    const stored = await readAll(store);
    expect(stored.map(({ entityId }) => entityId).sort()).toEqual(
      upTo(20)
        .map((n) => `e${n}`)
        .sort(),
    );
    expect(stored.map(({ position }) => position)).toEqual(
      stored.map(({ position }) => position).sort((a, b) => a - b),
    );
  });
});
