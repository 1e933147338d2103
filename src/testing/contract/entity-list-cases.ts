import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { equal, matches, rejects } from "../expect.ts";
import { commitOf, upTo, write, writeAll } from "./events.ts";
import type { Suite } from "./suite.ts";

/** What the list of entities promises. */
export function entityListCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite;

  describe("entities", () => {
    suite
      .where(can.metadata, "the store keeps no metadata")
      .test("lists the entities of one name with version, times and last actor", async ({ createStore }) => {
        const store = await createStore();
        const event = (day: number, actor?: string) => ({
          eventCreatedAt: `2024-01-0${day}T00:00:00+01:00`,
          metadata: actor === undefined ? {} : { actor },
        });
        await write(store, commitOf("b", 0, [event(1, "alice"), event(2, "bob"), event(3)]));
        await write(store, commitOf("a", 0, [event(4), event(5, "carol")]));
        await write(store, commitOf("c", 0, [event(6)], { entityName: "gadget" }));
        await write(store, commitOf("b", 3, [event(7, "dave")]));

        equal(await store.entities({ entityName: "thing" }), [
          {
            entityName: "thing",
            entityId: "a",
            version: 2,
            createdAt: "2024-01-04T00:00:00+01:00",
            updatedAt: "2024-01-05T00:00:00+01:00",
            lastActor: "carol",
          },
          {
            entityName: "thing",
            entityId: "b",
            version: 4,
            createdAt: "2024-01-01T00:00:00+01:00",
            updatedAt: "2024-01-07T00:00:00+01:00",
            lastActor: "dave",
          },
        ]);
        matches(await store.entities({ entityName: "gadget" }), [{ entityId: "c", lastActor: undefined }]);
        equal(await store.entities({ entityName: "nothing" }), []);
      });

    test("are listed page by page: 100 unless told otherwise, after an id, that id excluded", async ({
      createStore,
    }) => {
      const store = await createStore();
      const all = upTo(250).map((n) => `t${String(n).padStart(3, "0")}`);
      const commits = all.toReversed().map((id) => commitOf(id, 0, [{}, {}]));
      await writeAll(store, commits);
      const page = async (options: object) =>
        (await store.entities({ entityName: "thing", ...options })).map(({ entityId }) => entityId);
      equal(await page({}), all.slice(0, 100));
      equal(await page({ after: "t100" }), all.slice(100, 200));
      equal(await page({ after: "t200" }), all.slice(200));
      equal(await page({ after: "t250" }), []);
      // The id need not exist.
      equal(await page({ after: "t1005", limit: 1 }), ["t101"]);
      equal(await page({ limit: 3 }), all.slice(0, 3));
      equal(await page({ limit: 1_000 }), all);
    });

    for (const limit of [0, -1, 1.5, Number.NaN]) {
      test(`refuse a limit of ${limit}`, async ({ createStore }) => {
        const store = await createStore();
        await rejects(store.entities({ entityName: "thing", limit }), { code: "invalid_option" });
      });
    }

    test("stand in the order of the UTF-8 bytes of their ids", async ({ createStore }) => {
      const store = await createStore();
      // U+FF5E is below U+1F600 in code points and bytes, above it in the units that JavaScript compares.
      const inOrder = ["A", "Z", "a", "a ", "aa", "z", "\u00e4", "\u00e9", "\uff5e", "\uffff", "\u{1f600}"];
      const commits = inOrder.toSorted().map((id) => commitOf(id, 0, [{}]));
      await writeAll(store, commits);
      const listed = await store.entities({ entityName: "thing" });
      equal(
        listed.map(({ entityId }) => entityId),
        inOrder,
      );

      const paged: string[] = [];
      for (;;) {
        const [next] = await store.entities({ entityName: "thing", limit: 1, after: paged.at(-1) });
        if (next === undefined) break;
        paged.push(next.entityId);
      }
      equal(paged, inOrder);
    });
  });
}
