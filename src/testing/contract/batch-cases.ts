import { UnsupportedError } from "../../errors/index.ts";
import { createRepository } from "../../repository/create-repository.ts";
import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { equal, matches, rejects } from "../expect.ts";
import { appendOne, commitOf, eventsOf, ids, readAll, storedIds, write } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Thing } from "./thing.ts";

/** What `append` promises of several entities at once. */
export function batchCases(suite: Suite<EventStore>, { atomicBatches }: StoreCapabilities): void {
  const { describe, test } = suite.where(atomicBatches, "the store has no atomic batches");

  describe("an append of several entities", () => {
    test("is written whole, with one row per commit in their order", async ({ createStore }) => {
      const store = await createStore();
      const rows = await store.append([commitOf("b", 0, ["b1", "b2"]), commitOf("a", 0, ["a1"])]);
      matches(rows, [
        { status: "written", version: 2, events: [{ eventId: "b1" }, { eventId: "b2" }] },
        { status: "written", version: 1, events: [{ eventId: "a1" }] },
      ]);
      equal(ids(await readAll(store)), ["b1", "b2", "a1"]);
    });

    const refusals = [
      { refusal: commitOf("r", 0, ["x"]), status: "conflict" },
      { refusal: commitOf("r", 0, ["r1", "x"]), status: "corrupt_retry" },
      { refusal: commitOf("fresh", 0, ["r1"]), status: "corrupt_retry" },
      {
        refusal: commitOf("r", 2, [{ eventId: "x", eventName: "thing:else" }], { idempotencyKey: "k" }),
        status: "key_mismatch",
      },
    ];
    for (const { refusal, status } of refusals) {
      for (const place of [0, 1, 2]) {
        test(`writes nothing when commit ${place} is refused (${status}, ${refusal.entityId})`, async ({
          createStore,
        }) => {
          const store = await createStore();
          await write(store, commitOf("r", 0, ["r1", "r2"], { idempotencyKey: "k" }));
          const before = await readAll(store);

          const commits = [commitOf("a", 0, ["a1"]), commitOf("b", 0, ["b1"])];
          commits.splice(place, 0, refusal);
          const rows = await store.append(commits);
          equal(
            rows.map((row) => row.status),
            commits.map((commit) => (commit === refusal ? status : "held_back")),
          );
          equal(await readAll(store), before);

          // What was held back can be written afterwards.
          const again = await store.append(commits.filter((commit) => commit !== refusal));
          matches(again, [{ status: "written" }, { status: "written" }]);
        });
      }
    }

    test("of which one was stored before is written, and that one is a duplicate", async ({ createStore }) => {
      const store = await createStore();
      const known = commitOf("a", 0, ["a1"]);
      const stored = await write(store, known);
      const rows = await store.append([commitOf("b", 0, ["b1"]), known]);
      matches(rows, [{ status: "written" }, { status: "duplicate" }]);
      equal(eventsOf(rows[1]), stored);
      equal(await storedIds(store, "b"), ["b1"]);
    });

    test("may hold two commits of one entity, the second after the first", async ({ createStore }) => {
      const store = await createStore();
      const rows = await store.append([commitOf("a", 0, ["a1", "a2"]), commitOf("a", 2, ["a3"])]);
      matches(rows, [
        { status: "written", version: 2 },
        { status: "written", version: 3 },
      ]);
      equal(await storedIds(store, "a"), ["a1", "a2", "a3"]);
    });

    test("is answered whole when it is sent again", async ({ createStore }) => {
      const store = await createStore();
      const commits = [commitOf("a", 0, ["a1"]), commitOf("b", 0, ["b1", "b2"])];
      const first = await store.append(commits);
      equal(
        await store.append(commits),
        first.map((row) => ({ ...row, status: "duplicate" })),
      );
    });

    test("that is refused inside a transaction takes only itself back", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("x", 0, ["x1"]));
      await store.transaction(async () => {
        await write(store, commitOf("a", 0, ["a1"]));
        const rows = await store.append([commitOf("b", 0, ["b1"]), commitOf("x", 0, ["x2"])]);
        matches(rows, [{ status: "held_back" }, { status: "conflict" }]);
        equal(await storedIds(store, "b"), []);
      });
      equal(ids(await readAll(store)), ["x1", "a1"]);
    });

    test("leaves nothing of itself when one body is too large", async ({ createStore }) => {
      const store = await createStore({ maxBodyBytes: 10 });
      const commits = [commitOf("a", 0, ["a1"]), commitOf("b", 0, [{ body: "more than ten bytes" }])];
      await rejects(store.append(commits), { code: "body_too_large" });
      equal(await readAll(store), []);
      matches(await appendOne(store, commitOf("a", 0, ["a1"])), { status: "written" });
    });
  });

  if (atomicBatches) return;
  suite.test(
    "committing several entities at once is unsupported: they would not be written whole",
    async ({ createStore }) => {
      const store = await createStore();
      const things = createRepository(Thing, { adapter: store });
      const both = [1, 2].map(() => Thing.create({ body: { text: "one of two" } }));
      await rejects(things.commit(both), UnsupportedError);
      await rejects(store.commit(both), UnsupportedError);
      equal(await readAll(store), []);
    },
  );
}
