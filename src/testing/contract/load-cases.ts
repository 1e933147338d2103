import type { EventStore } from "../../storage/index.ts";
import { equal, rejects } from "../expect.ts";
import { commitOf, ids, noon, readAll, thing, upTo, versions, write } from "./events.ts";
import type { Suite } from "./suite.ts";

/** What loading one entity promises: order, parts, the time when events happened. */
export function loadCases({ describe, test }: Suite<EventStore>): void {
  describe("load", () => {
    test("gives the events of one entity in version order, and of no other", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["t1"]));
      await write(store, commitOf("u", 0, ["u1"]));
      await write(store, commitOf("t", 0, ["g1"], { entityName: "gadget" }));
      await write(store, commitOf("t", 1, ["t2", "t3"]));
      equal(ids(await store.load(thing)), ["t1", "t2", "t3"]);
      equal(ids(await store.loadHistory(thing)), ["t1", "t2", "t3"]);
    });

    test("gives nothing where there is no such entity", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      for (const query of [
        { entityName: "thing", entityId: "T" },
        { entityName: "Thing", entityId: "t" },
      ]) {
        equal(await store.load(query), []);
        equal(await store.loadHistory(query), []);
      }
    });

    test("gives the seven keys of the envelope and where the body comes from, nothing else", async ({
      createStore,
    }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, [{ eventId: "a", body: { n: 1 }, metadata: { actor: "alice" } }]));
      equal(await store.load(thing), [
        {
          eventId: "a",
          eventCreatedAt: noon,
          eventName: "thing:happened",
          entityName: "thing",
          entityId: "t",
          version: 1,
          body: { n: 1 },
          bodyIsOutput: true,
        },
      ]);
    });

    test("gives the part between two versions: after the one, up to the other", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a", "b", "c", "d"]));
      const part = async (query: object) => versions(await store.load({ ...thing, ...query }));
      equal(await part({ afterVersion: 2 }), [3, 4]);
      equal(await part({ version: 2 }), [1, 2]);
      equal(await part({ afterVersion: 1, version: 3 }), [2, 3]);
      equal(await part({ afterVersion: 4 }), []);
      equal(await part({ version: 9 }), [1, 2, 3, 4]);
      equal(versions(await store.loadHistory({ ...thing, afterVersion: 1, version: 3 })), [2, 3]);
    });

    test("loads an entity of several thousand events", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, Array(5_000).fill({ body: { text: "x".repeat(20) } })));
      equal(versions(await store.load(thing)), upTo(5_000));
    });
  });

  describe("at", () => {
    test("compares instants, not texts", async ({ createStore }) => {
      const store = await createStore();
      // As texts the order would be: third, first, second.
      await write(store, commitOf("t", 0, [{ eventCreatedAt: "2024-01-01T09:00:00+09:00" }])); // 00:00 UTC
      await write(store, commitOf("t", 1, [{ eventCreatedAt: "2024-01-01T10:30:00+09:00" }])); // 01:30 UTC
      await write(store, commitOf("t", 2, [{ eventCreatedAt: "2023-12-31T21:00:00-05:00" }])); // 02:00 UTC
      const at = async (instant: string) => versions(await store.load({ ...thing, at: Date.parse(instant) }));
      equal(await at("2023-12-31T23:59:59.999Z"), []);
      equal(await at("2024-01-01T00:00:00Z"), [1]);
      equal(await at("2024-01-01T01:29:59.999Z"), [1]);
      equal(await at("2024-01-01T01:30:00Z"), [1, 2]);
      equal(await at("2024-01-01T02:00:00Z"), [1, 2, 3]);
    });

    test("compares fractions of a second as such", async ({ createStore }) => {
      const store = await createStore();
      // "...00.5Z" stands before "...00Z" in a text order, and "...00.10Z" is not ten milliseconds.
      await write(store, commitOf("t", 0, [{ eventCreatedAt: "2024-01-01T00:00:00Z" }]));
      await write(store, commitOf("t", 1, [{ eventCreatedAt: "2024-01-01T00:00:00.10Z" }]));
      await write(store, commitOf("t", 2, [{ eventCreatedAt: "2024-01-01T00:00:00.5Z" }]));
      const at = async (instant: string) => versions(await store.load({ ...thing, at: Date.parse(instant) }));
      equal(await at("2024-01-01T00:00:00.000Z"), [1]);
      equal(await at("2024-01-01T00:00:00.099Z"), [1]);
      equal(await at("2024-01-01T00:00:00.100Z"), [1, 2]);
      equal(await at("2024-01-01T00:00:00.500Z"), [1, 2, 3]);
    });

    test("means the last event not later than it, everything before that in version order included", async ({
      createStore,
    }) => {
      const store = await createStore();
      const days = ["2024-01-01", "2024-01-20", "2024-01-10", "2024-01-30"];
      const events = days.map((day) => ({ eventCreatedAt: `${day}T00:00:00Z` }));
      await write(store, commitOf("t", 0, events));
      const at = async (day: string) => versions(await store.load({ ...thing, at: Date.parse(`${day}T00:00:00Z`) }));
      equal(await at("2024-01-05"), [1]);
      // Version 3 is dated the 10th: version 2, dated later, comes before it all the same.
      equal(await at("2024-01-15"), [1, 2, 3]);
      equal(await at("2024-01-25"), [1, 2, 3]);
      equal(await at("2024-01-30"), [1, 2, 3, 4]);
    });

    test("and version and afterVersion narrow each other", async ({ createStore }) => {
      const store = await createStore();
      const events = ["2024-01-01", "2024-01-02", "2024-01-03"].map((day) => ({ eventCreatedAt: `${day}T00:00:00Z` }));
      await write(store, commitOf("t", 0, events));
      const at = Date.parse("2024-01-02T12:00:00Z");
      equal(versions(await store.load({ ...thing, at, version: 1 })), [1]);
      equal(versions(await store.load({ ...thing, at, version: 3 })), [1, 2]);
      equal(versions(await store.loadHistory({ ...thing, at, afterVersion: 1 })), [2]);
    });

    test("keeps the text of the time as it was given", async ({ createStore }) => {
      const store = await createStore();
      const texts = ["2024-01-01T09:00:00+09:00", "2024-01-01T00:00Z", "2024-01-01T00:00:00.123456789Z"];
      const events = texts.map((eventCreatedAt) => ({ eventCreatedAt }));
      await write(store, commitOf("t", 0, events));
      const found = (await store.load(thing)).map(({ eventCreatedAt }) => eventCreatedAt);
      equal(found, texts);
    });

    test("a time that is no instant is refused before anything is written", async ({ createStore }) => {
      const store = await createStore();
      for (const eventCreatedAt of ["2024", "Jan 1 2024", "2024-01-01T00:00", "2024-02-30T00:00:00Z", "now"]) {
        const append = store.append([commitOf("t", 0, ["x", { eventCreatedAt }])]);
        await rejects(append, { code: "invalid_instant" }, eventCreatedAt);
      }
      equal(await readAll(store), []);
    });
  });
}
