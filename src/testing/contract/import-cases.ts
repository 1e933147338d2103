import { createRepository } from "../../repository/create-repository.ts";
import type { EventStore, ImportedEvent, StoreCapabilities } from "../../storage/index.ts";
import { equal, matches, ok, rejects } from "../expect.ts";
import { commitOf, ids, noon, readAll, storedIds, thing, upTo, versions, write } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Gadget, Thing } from "./thing.ts";

const who = { actor: "alice", reason: "because" };

/** An event from elsewhere; a text stands for its id. */
function imported(given: string | Partial<ImportedEvent>): ImportedEvent {
  const overrides = typeof given === "string" ? { eventId: given } : given;
  return { ...thing, eventId: "a", eventName: "thing:happened", eventCreatedAt: noon, body: {}, ...overrides };
}

/** e1, e2 ... one after the other of three entities. */
function manyEvents(count: number): ImportedEvent[] {
  return upTo(count).map((n) => imported({ eventId: `e${n}`, entityId: `t${n % 3}`, body: { n } }));
}

/** Events that come one by one, and end in an error after so many. */
async function* breakingOff(events: readonly ImportedEvent[], after: number): AsyncGenerator<ImportedEvent> {
  yield* events.slice(0, after);
  throw new Error("broke off");
}

/** What `import` promises. */
export function importCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite.where(
    can.metadata && can.atomicBatches,
    "the store cannot keep what an import brings",
  );
  const conflict = { code: "import_conflict" };

  describe("import", () => {
    test("keeps the order given, also where entities take turns", async ({ createStore }) => {
      const store = await createStore();
      equal(await store.import(manyEvents(20)), { imported: 20, skipped: 0 });
      equal(
        ids(await readAll(store)),
        upTo(20).map((n) => `e${n}`),
      );
    });

    test("keeps ids, names, versions, times, bodies and metadata", async ({ createStore }) => {
      const store = await createStore();
      const metadata = { actor: "alice", reason: "why", correlationId: "c", causationId: "e0", ip: "::1" };
      const events = [
        imported({ version: 1, body: { n: 1 }, metadata, recordedAt: "2023-01-01T00:00:00.000Z" }),
        imported({
          eventId: "b",
          eventName: "thing:else",
          eventCreatedAt: "2024-01-01T21:00:00+09:00",
          version: 2,
          body: null,
          metadata: {},
          recordedAt: "2023-01-02T00:00:00.000Z",
        }),
      ];
      await store.import(events);
      matches(await store.loadHistory(thing), events);
    });

    test("makes up what is not given: versions per entity, the time of recording by the store's clock", async ({
      createStore,
    }) => {
      const store = await createStore({ now: () => new Date("2024-02-01T00:00:00Z") });
      await store.import([imported("a"), imported({ eventId: "u", entityId: "u" }), imported("b")]);
      const recordedAt = "2024-02-01T00:00:00.000Z";
      matches(await store.loadHistory(thing), [
        { eventId: "a", version: 1, metadata: {}, recordedAt },
        { eventId: "b", version: 2, metadata: {}, recordedAt },
      ]);
      matches(await store.load({ ...thing, entityId: "u" }), [{ version: 1 }]);
    });

    test("takes lists, and events that come one by one", async ({ createStore }) => {
      const store = await createStore();
      equal(await store.import([]), { imported: 0, skipped: 0 });
      equal(await store.import(new Set(manyEvents(2))), { imported: 2, skipped: 0 });
      async function* later() {
        yield imported({ eventId: "x", entityId: "x" });
      }
      equal(await store.import(later()), { imported: 1, skipped: 0 });
      equal(ids(await readAll(store)), ["e1", "e2", "x"]);
    });

    test("goes on over many pages, and run again skips everything", async ({ createStore }) => {
      const store = await createStore();
      equal(await store.import(manyEvents(1_200)), { imported: 1_200, skipped: 0 });
      const first = await readAll(store);
      equal(
        ids(first),
        upTo(1_200).map((n) => `e${n}`),
      );
      equal(await store.import(manyEvents(1_200)), { imported: 0, skipped: 1_200 });
      equal(await readAll(store), first);
    });

    test("of one entity of many pages gives it versions without holes", async ({ createStore }) => {
      const store = await createStore();
      const events = upTo(1_200).map((n) => imported(`e${n}`));
      equal(await store.import(events), { imported: 1_200, skipped: 0 });
      equal(versions(await store.load(thing)), upTo(1_200));
    });

    test("that broke off and is run again brings the rest", async ({ createStore }) => {
      const store = await createStore();
      const events = manyEvents(1_200);
      await rejects(store.import(breakingOff(events, 1_100)), { message: "broke off" });
      const { length } = await readAll(store);
      ok(length > 0 && length < 1_200, `${length} events are a part of 1,200`);
      equal(await store.import(events), { imported: 1_200 - length, skipped: length });
      equal(
        ids(await readAll(store)),
        upTo(1_200).map((n) => `e${n}`),
      );
    });

    test("adds what has come since", async ({ createStore }) => {
      const store = await createStore();
      await store.import(manyEvents(10));
      equal(await store.import(manyEvents(13)), { imported: 3, skipped: 10 });
      equal(
        ids(await readAll(store)),
        upTo(13).map((n) => `e${n}`),
      );
    });

    const refusals: readonly (readonly [string, ImportedEvent])[] = [
      ["another event has the version", imported({ eventId: "x", version: 1 })],
      ["versions before it are missing", imported({ eventId: "x", version: 4 })],
      ["the id is another entity's", imported({ eventId: "other", version: 3 })],
    ];
    for (const [title, event] of refusals) {
      test(`is refused when ${title}: nothing of its page is written`, async ({ createStore }) => {
        const store = await createStore();
        await write(store, commitOf("t", 0, ["a", "b"]));
        await write(store, commitOf("u", 0, ["other"]));
        const before = await readAll(store);
        await rejects(store.import([imported({ eventId: "y", entityId: "y" }), event]), conflict);
        equal(await readAll(store), before);
      });
    }

    test("that is refused keeps the pages before the one that was", async ({ createStore }) => {
      const store = await createStore();
      const events = [...manyEvents(1_200), imported({ eventId: "x", entityId: "t0", version: 9_999 })];
      await rejects(store.import(events), conflict);
      const stored = ids(await readAll(store));
      ok(stored.length > 0 && stored.length <= 1_200, `${stored.length} events are the pages before`);
      equal(
        stored,
        upTo(stored.length).map((n) => `e${n}`),
      );
    });

    test("refuses what no store could keep apart, or read as a time", async ({ createStore }) => {
      const store = await createStore();
      await rejects(store.import([imported({ entityId: "" })]), { code: "invalid_text" });
      await rejects(store.import([imported({ eventCreatedAt: "yesterday" })]), { code: "invalid_instant" });
      await rejects(store.import([imported({ recordedAt: "yesterday" })]), { code: "invalid_instant" });
      equal(await readAll(store), []);
    });

    const unfit: readonly (readonly [string, object, string])[] = [
      ["a version of 0", { version: 0 }, "invalid_option"],
      ["a version that is no whole number", { version: 1.5 }, "invalid_option"],
      ["metadata that is a text", { metadata: "alice" }, "invalid_metadata"],
      ["metadata that is a list", { metadata: ["alice"] }, "invalid_metadata"],
      ["metadata under a name of ours", { metadata: { tenant: "x" } }, "reserved_metadata"],
      ["metadata under a name that begins with $", { metadata: { $x: 1 } }, "reserved_metadata"],
      ["a Date for the time of an event", { eventCreatedAt: new Date(0) }, "invalid_text"],
    ];
    for (const [title, wrong, code] of unfit) {
      test(`refuses ${title}, and writes nothing of its page`, async ({ createStore }) => {
        const store = await createStore();
        const event = { ...imported("b"), entityId: "u", ...wrong } as ImportedEvent;
        await rejects(store.import([imported("a"), event]), { code });
        equal(await readAll(store), []);
      });
    }

    test("never records later than now, so that what comes after it can still say when it was known", async ({
      createStore,
    }) => {
      const now = "2024-02-01T00:00:00.000Z";
      const store = await createStore({ now: () => new Date(now) });
      await store.import([
        imported({ eventId: "a", recordedAt: "2023-01-01T00:00:00.000Z" }),
        imported({ eventId: "b", recordedAt: "2999-01-01T00:00:00.000Z" }),
      ]);
      await write(store, commitOf("t", 2, ["c"]));
      const recorded = (await store.loadHistory(thing)).map(({ recordedAt }) => recordedAt);
      equal(recorded, ["2023-01-01T00:00:00.000Z", now, now]);
    });

    test("counts an event that comes twice, pages apart, once", async ({ createStore }) => {
      const store = await createStore();
      const again = imported({ eventId: "e1", entityId: "t1", version: 1, body: { n: 1 } });
      equal(await store.import([...manyEvents(1_100), again]), { imported: 1_100, skipped: 1 });
      equal((await readAll(store)).length, 1_100);
    });

    test("is not bound by the store's own attribution policy: what happened elsewhere cannot say more", async ({
      createStore,
    }) => {
      const store = await createStore({ attribution: "required" });
      equal(await store.import([imported("a")]), { imported: 1, skipped: 0 });
    });

    test("inside a transaction is taken back with it, all of its pages", async ({ createStore }) => {
      const store = await createStore();
      const work = store.transaction(async () => {
        await store.import(manyEvents(600));
        equal((await readAll(store)).length, 600);
        throw new Error("aborted");
      });
      await rejects(work, { message: "aborted" });
      equal(await readAll(store), []);
    });

    test("joins a transaction by its handle", async ({ createStore }) => {
      const store = await createStore();
      const work = store.transaction(async (transaction) => {
        await store.import([imported("a")], { transaction });
        throw new Error("aborted");
      });
      await rejects(work, { message: "aborted" });
      equal(await storedIds(store, "t"), []);
    });

    test("can be added to: what follows has the next version", async ({ createStore }) => {
      const store = await createStore();
      await store.import([imported("a"), imported("b")]);
      matches(await write(store, commitOf("t", 2, ["c"])), [{ version: 3 }]);
    });
  });

  describe("a copy of another store", () => {
    /** A store with a history: changes of two classes, a rollback, and an entity that was erased. */
    async function fill(store: EventStore): Promise<void> {
      const [things, gadgets] = [
        createRepository(Thing, { adapter: store }),
        createRepository(Gadget, { adapter: store }),
      ];
      await things.create({ entityId: "t", body: { text: "one" } }, who);
      await gadgets.create({ entityId: "g", body: { count: 1 } }, who);
      await things.mutate({ entityId: "t" }, (entity) => entity.rename("two"), who);
      await gadgets.mutate({ entityId: "g" }, (entity) => entity.use(3), who);
      await things.create({ entityId: "erased", body: { text: "secret" } }, who);
      await things.rollback({ entityId: "t", toVersion: 1 }, who);
      await store.erase({ entityName: "thing", entityId: "erased" }, who);
    }

    test("has the same histories, positions apart", async ({ createStore }) => {
      const [source, target] = [await createStore(), await createStore()];
      await write(target, commitOf("earlier", 0, ["x"]));
      await fill(source);
      await target.import(source.read());
      for (const entityId of ["t", "g", "erased"]) {
        const stream = { entityName: entityId === "g" ? "gadget" : "thing", entityId };
        const [there, here] = [await source.loadHistory(stream), await target.loadHistory(stream)];
        equal(
          here.map(({ position: _, ...event }) => event),
          there.map(({ position: _, ...event }) => event),
        );
      }
    });

    test("gives the same states, now and at every version", async ({ createStore }) => {
      const [source, target] = [await createStore(), await createStore()];
      await fill(source);
      await target.import(source.read());
      const states = async (store: EventStore) => {
        const [things, gadgets] = [
          createRepository(Thing, { adapter: store }),
          createRepository(Gadget, { adapter: store }),
        ];
        const found: unknown[] = [];
        for (const version of upTo(3)) found.push((await things.findOne({ entityId: "t", version }))?.state);
        found.push((await things.findOneOrThrow({ entityId: "t" })).state);
        found.push((await gadgets.findOneOrThrow({ entityId: "g" })).state);
        return found;
      };
      equal(await states(target), await states(source));
    });

    test("keeps what was erased erased", async ({ createStore }) => {
      const [source, target] = [await createStore(), await createStore()];
      await fill(source);
      await target.import(source.read());
      const things = createRepository(Thing, { adapter: target });
      await rejects(things.findOne({ entityId: "erased" }), { code: "entity_erased" });
      await rejects(target.append([commitOf("erased", "any", ["x"])]), { code: "entity_erased" });
    });

    test("copied again skips everything", async ({ createStore }) => {
      const [source, target] = [await createStore(), await createStore()];
      await fill(source);
      const { imported: count } = await target.import(source.read());
      equal(await target.import(source.read()), { imported: 0, skipped: count });
    });
  });
}
