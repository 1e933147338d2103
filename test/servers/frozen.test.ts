import path from "node:path";
import { expect, test } from "vitest";
import { commitOf, take, write } from "../../src/testing/contract/events.ts";
import { Worker } from "../support/worker.ts";
import type { Fact } from "./process.ts";
import { openDatabase, sideBySide } from "./servers.ts";

const script = path.join(import.meta.dirname, "process.ts");

test("a process that freezes while it holds an append: other entities are free at once, its own within 15 s, and readers go past it", async () => {
  await sideBySide(async (server) => {
    const { url, store, run } = await openDatabase(server);
    await write(store, commitOf("held", 0, ["h1"]));
    const worker = new Worker<Fact>(script, "hold", server.kind, url, "held");
    worker.tell("go");
    await worker.until((facts) => facts.some(({ holds }) => holds === "held"));
    worker.child.kill("SIGSTOP");
    const frozenAt = performance.now();
    const since = () => performance.now() - frozenAt;

    // Far more than they take, and less than whoever waits for the entity has to.
    const others = Array.from({ length: 20 }, (_, n) => write(store, commitOf(`free${n}`, 0, [`f${n}`])));
    await Promise.all(others);
    expect(since()).toBeLessThan(4_000);
    const tailer = store.subscribe({ after: 0 });
    expect(await take(tailer, 1)).toMatchObject([{ eventId: "h1" }]);

    // Its own: whoever waits is told that it is busy, and comes again.
    let row: unknown;
    while (row === undefined) {
      row = await store.append([commitOf("held", 1, ["h2"])]).then(
        ([first]) => first,
        (error) => {
          if (error.code !== "database_busy") throw error;
          expect(since()).toBeLessThan(15_000);
        },
      );
    }
    expect(row).toMatchObject({ status: "written", version: 2 });
    expect(since()).toBeLessThan(15_000);

    const seen = await take(tailer, 21);
    expect(seen.map(({ eventId }) => eventId).sort()).toEqual(
      [...Array.from({ length: 20 }, (_, n) => `f${n}`), "h2"].sort(),
    );
    // It stood still with what it held: that has become a hole, which was decided.
    const tombstones = await run("SELECT position FROM ventyd_log WHERE entity_name = ''");
    expect(tombstones.length).toBeGreaterThan(0);
    await tailer.return?.();
    worker.child.kill("SIGCONT");
    worker.tell("go on");
    // Awake again, it is not told that it has committed.
    await expect(worker.finish()).rejects.toThrow(/VentydError/);
    expect((await store.load({ entityName: "thing", entityId: "held" })).map(({ eventId }) => eventId)).toEqual([
      "h1",
      "h2",
    ]);
  });
});
