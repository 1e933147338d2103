import { EntityExistsError, ValidationError } from "../../errors/index.ts";
import type { EventStore } from "../../storage/index.ts";
import { equal, matches, ok, rejects } from "../expect.ts";
import { appendOne, commitOf, readAll, storedIds, thing, upTo, versions, write } from "./events.ts";
import type { Suite } from "./suite.ts";

/** What `append` promises of one entity. */
export function appendCases({ describe, test }: Suite<EventStore>): void {
  describe("append", () => {
    test("answers with the events as they are then read back", async ({ createStore }) => {
      const store = await createStore();
      const commit = commitOf("t", 0, [
        { body: { text: "one" }, metadata: { actor: "alice", reason: "why not", correlationId: "c-1" } },
        { body: null, eventCreatedAt: "2024-01-01T13:00:00+01:00" },
      ]);
      const events = await write(store, commit);
      equal(events, await store.loadHistory(thing));
      equal(events, await readAll(store));
      matches(
        events,
        commit.events.map(({ eventId, eventName, eventCreatedAt, body }, index) => ({
          eventId,
          eventName,
          eventCreatedAt,
          body,
          ...thing,
          version: index + 1,
        })),
      );
    });

    test("answers the same retry with the original versions, positions and times", async ({ createStore }) => {
      let clock = Date.parse("2024-01-01T00:00:00Z");
      const store = await createStore({ now: () => new Date(clock) });
      const commit = commitOf("t", 0, ["a", "b"]);
      const first = await write(store, commit);
      clock += 60_000;
      await write(store, commitOf("t", 2, ["c"]));
      await write(store, commitOf("other", 0, ["d"]));

      equal(await appendOne(store, commit), { status: "duplicate", version: 2, events: first });
      equal((await readAll(store)).length, 4);
    });

    test("completes a stored prefix, and answers all of it: its old part as it was stored", async ({ createStore }) => {
      let clock = Date.parse("2024-01-01T00:00:00Z");
      const store = await createStore({ now: () => new Date(clock) });
      const [first] = await write(store, commitOf("t", 0, ["a"]));
      clock += 60_000;
      const events = await write(store, commitOf("t", 0, ["a", "b"]));
      equal(events[0], first);
      matches(events[1], { eventId: "b", version: 2, recordedAt: "2024-01-01T00:01:00.000Z" });
    });

    test("answers a retry with the body that was stored, whatever the retry carries", async ({ createStore }) => {
      const store = await createStore();
      const first = await write(store, commitOf("t", 0, [{ eventId: "a", body: { n: 1 } }]));
      const row = await appendOne(store, commitOf("t", 0, [{ eventId: "a", body: { n: 2 } }]));
      equal(row, { status: "duplicate", version: 1, events: first });
      matches(await store.load(thing), [{ body: { n: 1 } }]);
    });

    test("refuses an id that another entity has, and writes nothing", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      for (const expectedVersion of [0, "any"] as const) {
        const row = await appendOne(store, commitOf("other", expectedVersion, ["x", "a"]));
        equal(row, { status: "corrupt_retry", actualVersion: 0 });
      }
      equal(await storedIds(store, "other"), []);
      // "x" was not kept in secret either.
      equal((await appendOne(store, commitOf("third", 0, ["x"]))).status, "written");
    });

    test("refuses an id of another entity name, for ids are unique in the whole store", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      const row = await appendOne(store, commitOf("t", 0, ["a"], { entityName: "gadget" }));
      equal(row, { status: "corrupt_retry", actualVersion: 0 });
    });

    test("refuses, at the current version, an id that the entity already has", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a", "b"]));
      const row = await appendOne(store, commitOf("t", 2, ["c", "a"]));
      equal(row, { status: "corrupt_retry", actualVersion: 2 });
      equal(await storedIds(store, "t"), ["a", "b"]);
    });

    test("refuses an id that stands twice in one append, and writes nothing", async ({ createStore }) => {
      const store = await createStore();
      await rejects(store.append([commitOf("t", 0, ["a", "a"])]), ValidationError);
      await rejects(store.append([commitOf("t", 0, ["b"]), commitOf("u", 0, ["b"])]), Error);
      equal(await readAll(store), []);
    });

    test("B8: a conflict names the version that is stored", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a", "b", "c"]));
      equal(await appendOne(store, commitOf("t", 0, ["x"])), { status: "conflict", actualVersion: 3 });
      equal(await appendOne(store, commitOf("t", 9, ["x"])), { status: "conflict", actualVersion: 3 });
      equal(await appendOne(store, commitOf("u", 9, ["x"])), { status: "conflict", actualVersion: 0 });
    });

    test("B1: of 200 racing appends to an entity that must not exist one is written", async ({ createStore }) => {
      const store = await createStore();
      const rows = await Promise.all(upTo(200).map((n) => appendOne(store, commitOf("t", 0, [`e${n}`]))));
      equal(rows.filter(({ status }) => status === "written").length, 1, "written");
      equal(rows.filter(({ status }) => status === "conflict").length, 199, "conflicts");
      equal((await storedIds(store, "t")).length, 1);
    });

    test("A4: of 50 racing appends to one version of an entity one is written", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["first"]));
      const rows = await Promise.all(upTo(50).map((n) => appendOne(store, commitOf("t", 1, [`e${n}`]))));
      equal(rows.filter(({ status }) => status === "written").length, 1, "written");
      for (const row of rows.filter(({ status }) => status !== "written")) {
        equal(row, { status: "conflict", actualVersion: 2 });
      }
    });

    test("numbers racing appends with any version 1, 2, 3 without holes", async ({ createStore }) => {
      const store = await createStore();
      await Promise.all(upTo(50).map((n) => write(store, commitOf("t", "any", [`a${n}`, `b${n}`]))));
      const events = await store.loadHistory(thing);
      equal(versions(events), upTo(100));
      // Each commit stayed together.
      for (let index = 0; index < events.length; index += 2) {
        equal(events[index]?.eventId.slice(1), events[index + 1]?.eventId.slice(1));
      }
    });

    test("takes an append of nothing for what it is", async ({ createStore }) => {
      const store = await createStore();
      equal(await store.append([]), []);
      equal(await readAll(store), []);
    });

    test("refuses a commit without events, and writes nothing", async ({ createStore }) => {
      const store = await createStore();
      await rejects(store.append([commitOf("t", 0, [])]), { code: "invalid_option" });
      equal(await readAll(store), []);
    });

    for (const expectedVersion of [-1, 0.5, Number.NaN]) {
      test(`refuses an expected version of ${expectedVersion}`, async ({ createStore }) => {
        const store = await createStore();
        await rejects(store.append([commitOf("t", expectedVersion, ["a"])]), { code: "invalid_option" });
        equal(await readAll(store), []);
      });
    }

    test("refuses ids and names that no store could keep apart, and writes nothing", async ({ createStore }) => {
      const store = await createStore();
      for (const bad of ["\ud800", "a\u0000b", "", "x".repeat(256)]) {
        const commits = [
          commitOf(bad, 0, ["a"]),
          commitOf("t", 0, [bad]),
          commitOf("t", 0, ["a"], { entityName: bad }),
          commitOf("t", 0, [{ eventName: bad }]),
          commitOf("t", 0, [{ metadata: { actor: bad } }]),
          commitOf("t", 0, ["a"], { idempotencyKey: bad }),
        ];
        for (const commit of commits) {
          await rejects(store.append([commit]), { code: "invalid_text" }, JSON.stringify(bad));
        }
      }
      equal(await readAll(store), []);
    });
  });

  describe("as an adapter of two methods", () => {
    const event = { ...thing, eventName: "thing:happened", eventCreatedAt: "2024-01-01T00:00:00Z", body: { n: 1 } };
    const commit = (store: EventStore, eventId: string, expectedVersion?: number) =>
      store.commitEvents({
        ...thing,
        events: [{ ...event, eventId }],
        state: {},
        ...(expectedVersion !== undefined && { expectedVersion }),
      });

    test("A4, G4: a store refuses a stale writer and a second creation", async ({ createStore }) => {
      const store = await createStore();
      await commit(store, "a", 0);
      const second = await rejects(commit(store, "b", 0), { code: "entity_exists", actualVersion: 1 });
      ok(second instanceof EntityExistsError, "a second creation is an EntityExistsError");
      await rejects(commit(store, "c", 2), { code: "concurrency_conflict", actualVersion: 1 });
      // The same events again are what they were: stored.
      await commit(store, "a", 0);
      // Who expects nothing gets no check, and the next version.
      await commit(store, "d");
      equal(
        (await store.load(thing)).map(({ eventId, version }) => [eventId, version]),
        [
          ["a", 1],
          ["d", 2],
        ],
      );
    });

    test("D5: a store takes an empty batch for what it is", async ({ createStore }) => {
      const store = await createStore();
      await store.commitEvents({ ...thing, events: [], state: {}, expectedVersion: 0 });
      await write(store, commitOf("t", 0, ["a"]));
      await store.commitEvents({ ...thing, events: [], state: {}, expectedVersion: 0 });
      equal((await readAll(store)).length, 1);
      matches(await appendOne(store, commitOf("t", 1, ["b"])), { status: "written" });
    });
  });
}
