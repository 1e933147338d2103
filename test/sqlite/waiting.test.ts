import { createSqliteStore, type SqliteStoreOptions } from "ventyd/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { commitOf } from "../../src/testing/contract/events.ts";
import { rejection, tempFile } from "../support/temp-database.ts";
import { nodeDrivers } from "./executors/node-drivers.ts";

describe.each(Object.entries(nodeDrivers))("%s", (_name, driver) => {
  async function openStore(mode: "WAL" | "DELETE", options: SqliteStoreOptions) {
    const file = tempFile();
    const database = driver.open(file);
    // By itself a handle may have any patience; the store's calls have that of the store.
    database.exec(`PRAGMA journal_mode = ${mode}; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 20000`);
    const store = createSqliteStore(database, options);
    // Of the same driver: two copies of SQLite in one process do not see each other's locks.
    const stranger = driver.open(file);
    onTestFinished(async () => {
      await store.close();
      stranger.close();
      database.close();
    });
    await store.migrate();
    return { file, database, store, stranger };
  }

  test.each(["WAL", "DELETE"] as const)(
    "whoever reads the log page by page is in no writer's way (%s)",
    async (mode) => {
      // Without any patience: a writer that had to wait at all would be refused.
      const { store } = await openStore(mode, { busyTimeout: 0 });
      for (let n = 0; n < 600; n += 200) {
        await store.append(Array.from({ length: 200 }, (_, i) => commitOf(`t${n + i}`, 0, [`${n + i}`])));
      }
      let read = 0;
      for await (const event of store.read({ limit: 600 })) {
        if (read++ % 50 === 0) {
          expect(await store.append([commitOf(`while-${event.position}`, 0, [`w${event.position}`])])).toMatchObject([
            { status: "written" },
          ]);
        }
      }
      expect(read).toBe(600);
    },
  );

  test("a reader who keeps a transaction open is in no writer's way in WAL mode, and the writer not in his", async () => {
    const { store, stranger } = await openStore("WAL", { busyTimeout: 0 });
    await store.append([commitOf("t", 0, ["a"])]);
    const counting = stranger.prepare("SELECT count(*) AS n FROM ventyd_log") as { all(): { n: number }[] };
    const count = () => counting.all()[0]?.n;
    stranger.exec("BEGIN");
    expect(count()).toBe(1);
    expect(await store.append([commitOf("t", 1, ["b"])])).toMatchObject([{ status: "written" }]);
    await store.transaction(async () => {
      await store.append([commitOf("t", 2, ["c"])]);
      expect(count()).toBe(1);
      expect(await store.load({ entityName: "thing", entityId: "t" }, { transaction: null })).toHaveLength(2);
    });
    stranger.exec("COMMIT");
    expect(count()).toBe(3);
  });

  test("nobody waits longer than busyTimeout for a lock that is never let go, and the process goes on", async () => {
    const { store, stranger } = await openStore("WAL", { busyTimeout: 300 });
    await store.append([commitOf("t", 0, ["a"])]);
    stranger.exec("BEGIN IMMEDIATE");
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 10);
    const since = performance.now();
    const calls = [
      store.append([commitOf("t", 1, ["b"])]),
      store.append([commitOf("u", 0, ["c"])]),
      store.transaction(async () => {}),
      store.saveSnapshot?.({ entityName: "thing" as never, entityId: "t", version: 1, state: {} as never }),
      store.erase({ entityName: "thing", entityId: "t" }, { actor: "a", reason: "r" }),
      store.migrate(),
    ];
    for (const call of calls)
      expect(await rejection(call as Promise<unknown>)).toMatchObject({ code: "database_busy" });
    // Together, not one after the other; and far from the twenty seconds of the handle.
    expect(performance.now() - since).toBeLessThan(5_000);
    expect(ticks).toBeGreaterThan(5);
    clearInterval(ticking);
    // Readers have waited for nobody.
    expect(await store.load({ entityName: "thing", entityId: "t" })).toHaveLength(1);
    stranger.exec("ROLLBACK");
    expect(await store.append([commitOf("t", 1, ["d"])])).toMatchObject([{ status: "written" }]);
  });

  test("a store that cannot be opened in time says so, and waits no longer", async () => {
    const { file, database } = await openStore("DELETE", {});
    const holder = driver.open(file);
    onTestFinished(() => void holder.close());
    holder.exec("BEGIN EXCLUSIVE");
    const since = performance.now();
    for (const options of [{ busyTimeout: 100 }, { busyTimeout: 100, pragmas: "recommended" }] as const) {
      expect(() => createSqliteStore(database, options)).toThrow(expect.objectContaining({ code: "database_busy" }));
    }
    expect(performance.now() - since).toBeLessThan(5_000);
  });
});
