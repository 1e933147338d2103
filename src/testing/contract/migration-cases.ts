import type { EventStore } from "../../storage/index.ts";
import { equal, rejects } from "../expect.ts";
import type { Able } from "./backend.ts";
import { appendOne, commitOf, storedIds, upTo, write } from "./events.ts";
import type { Suite } from "./suite.ts";

/** What `migrate` promises where several builds, and several processes, meet on the same tables. */
export function migrationCases(suite: Suite<EventStore>, able: Able): void {
  const { describe } = suite;
  const { test: testTogether } = suite
    .where(able.migrations, "the backend has no tables")
    .where(able.concurrentStores, "the contents belong to one store at a time");
  const { test } = suite
    .where(able.migrations, "the backend has no tables")
    .where(able.durable && able.reopens && able.newerBuilds, "no newer build can be played on these contents");

  describe("tables", () => {
    testTogether("of twenty stores that migrate at once one makes them, and all go on", async ({ createBackend }) => {
      const { store, reopen } = await createBackend({ migrated: false });
      const stores = [store, ...(await Promise.all(upTo(19).map(() => reopen())))];
      await Promise.all(stores.map((each) => each.migrate()));
      await Promise.all(stores.map((each, index) => write(each, commitOf(`t${index}`, 0, [`e${index}`]))));
      for (const each of stores) equal(await storedIds(each, "t7"), ["e7"]);
    });

    test("that newer code has added to serve older code as before", async ({ createBackend }) => {
      const { store, reopen, addMigration } = await createBackend();
      await write(store, commitOf("t", 0, ["a"]));
      await addMigration({ breaking: false });
      await store.close();
      const older = await reopen();
      await older.migrate();
      await write(older, commitOf("t", 1, ["b"]));
      equal(await storedIds(older, "t"), ["a", "b"]);
    });

    test("that newer code has changed for good are refused by older code", async ({ createBackend }) => {
      const { store, reopen, addMigration } = await createBackend();
      await addMigration({ breaking: true });
      await store.close();
      const older = await reopen();
      await rejects(older.migrate(), { code: "stale_build" });
      await rejects(appendOne(older, commitOf("t", 0, ["a"])), { code: "stale_build" });
    });
  });
}
