import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { equal, matches } from "../expect.ts";
import { appendOne, commitOf, ids, readAll, storedIds, write, writeAll } from "./events.ts";
import type { Suite } from "./suite.ts";

/** What "the same" means for ids and names. */
export function idCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite;
  const alike = [
    "a",
    "A",
    "a ",
    " a",
    "á",
    "a\u0301",
    "ａ",
    "a\t",
    "ä",
    "ae",
    "æ",
    "ß",
    "ss",
    "SS",
    "i",
    "I",
    "İ",
    "ı",
  ];

  describe("ids", () => {
    test("are compared byte for byte: case, accents, blanks and look-alikes are different entities", async ({
      createStore,
    }) => {
      const store = await createStore();
      await writeAll(
        store,
        alike.map((id, index) => commitOf(id, 0, [`e${index}`])),
      );
      for (const [index, id] of alike.entries()) equal(await storedIds(store, id), [`e${index}`], id);
      const listed = await store.entities({ entityName: "thing" });
      equal(new Set(listed.map(({ entityId }) => entityId)), new Set(alike));
    });

    test("of events, keys and names are compared byte for byte too", async ({ createStore }) => {
      const store = await createStore();
      await writeAll(
        store,
        alike.map((text) =>
          commitOf("t", 0, [{ eventId: text, eventName: `${text}:x` }], { entityName: text, idempotencyKey: text }),
        ),
      );
      for (const text of alike) {
        equal(ids(await readAll(store, { entityNames: [text] })), [text], text);
        equal(ids(await readAll(store, { eventNames: [`${text}:x`] })), [text], text);
        const found = await store.findByIdempotencyKey({ entityName: text, entityId: "t", idempotencyKey: "a" });
        equal(found !== null, text === "a", text);
      }
    });

    suite
      .where(can.metadata, "the store keeps no metadata")
      .test("of actors and of what belongs together are compared byte for byte too", async ({ createStore }) => {
        const store = await createStore();
        const events = alike.map((text) => ({ eventId: text, metadata: { actor: text, correlationId: text } }));
        await write(store, commitOf("t", 0, events));
        for (const text of alike) {
          equal(ids(await readAll(store, { actors: [text] })), [text], text);
          equal(ids(await readAll(store, { correlationIds: [text] })), [text], text);
        }
      });

    test("of 255 bytes are kept whole", async ({ createStore }) => {
      const store = await createStore();
      const long = ["x".repeat(255), `${"x".repeat(254)}y`, "é".repeat(127), `${"\u{1f600}".repeat(63)}abc`];
      await writeAll(
        store,
        long.map((id) =>
          commitOf(id, 0, [{ eventId: id, metadata: { actor: id, correlationId: id, causationId: id } }]),
        ),
      );
      for (const id of long) equal(await storedIds(store, id), [id]);
      if (!can.metadata) return;
      for (const key of ["actor", "correlationId", "causationId"]) {
        equal(
          (await readAll(store)).map(({ metadata }) => metadata[key]),
          long,
          key,
        );
      }
    });

    test("one id in two entity names is two entities", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["e1", "e2"]));
      await write(store, commitOf("t", 0, ["e3"], { entityName: "gadget" }));
      matches(await appendOne(store, commitOf("t", 1, ["e4"], { entityName: "gadget" })), { version: 2 });
      equal(await storedIds(store, "t"), ["e1", "e2"]);
      equal(await storedIds(store, "t", "gadget"), ["e3", "e4"]);
      matches(await store.entities({ entityName: "gadget" }), [{ entityId: "t", version: 2 }]);
    });

    test("of a name and an id that look alike when they are put together are two entities", async ({ createStore }) => {
      const store = await createStore();
      const pairs = [
        ["a:b", "c"],
        ["a", "b:c"],
        ["ab", "c"],
        ["a", "bc"],
        ["a/b", "c"],
        ["a", "b/c"],
      ] as const;
      for (const [index, [entityName, entityId]] of pairs.entries()) {
        await write(store, commitOf(entityId, 0, [`e${index}`], { entityName }));
      }
      for (const [index, [entityName, entityId]] of pairs.entries()) {
        equal(await storedIds(store, entityId, entityName), [`e${index}`], `${entityName} ${entityId}`);
      }
    });

    test("that are no Unicode find nothing, not the entity that they look like", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("\ufffd", 0, ["e1"]));
      const find = async (entityId: string) => store.load({ entityName: "thing", entityId }).catch(() => []);
      equal((await find("\ufffd")).length, 1);
      equal(await find("\ud800"), []);
      equal(await find("\udfff"), []);
    });
  });
}
