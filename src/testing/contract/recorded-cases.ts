import { CursorAheadError } from "../../errors/index.ts";
import type { StoredEvent } from "../../schema/event.ts";
import type { EventStore } from "../../storage/index.ts";
import { equal, matches, ok, rejects } from "../expect.ts";
import { commitOf, ids, readAll, thing, versions, write } from "./events.ts";
import type { Suite } from "./suite.ts";

/** What the store's own order promises: when it recorded an event, and at which position. */
export function recordedCases({ describe, test }: Suite<EventStore>): void {
  describe("recordedAt", () => {
    test("B10: is readable on every event, an instant in UTC with milliseconds", async ({ createStore }) => {
      const store = await createStore({ now: () => new Date("2024-05-06T07:08:09.010Z") });
      const events = await write(store, commitOf("t", 0, ["a", "b"]));
      const expected = Array(2).fill({ recordedAt: "2024-05-06T07:08:09.010Z" });
      matches(events, expected);
      matches(await readAll(store), expected);
    });

    test("is the system's clock unless another is given", async ({ createStore }) => {
      const store = await createStore();
      const before = Date.now();
      const [event] = await write(store, commitOf("t", 0, ["a"]));
      const recordedMs = Date.parse(event?.recordedAt as string);
      ok(recordedMs >= before && recordedMs <= Date.now(), `${event?.recordedAt} is the time of the append`);
    });

    test("is never less than the entity's last when the clock goes back, whatever eventCreatedAt says", async ({
      createStore,
    }) => {
      let clock = "2024-01-02T00:00:00.000Z";
      const store = await createStore({ now: () => new Date(clock) });
      const recordedAt = async (entityId: string, expectedVersion: number) =>
        (await write(store, commitOf(entityId, expectedVersion, [{}])))[0]?.recordedAt;
      equal(await recordedAt("t", 0), "2024-01-02T00:00:00.000Z");
      clock = "2024-01-01T00:00:00.000Z";
      equal(await recordedAt("t", 1), "2024-01-02T00:00:00.000Z");
      equal(await recordedAt("u", 0), "2024-01-01T00:00:00.000Z");
      clock = "2024-01-03T00:00:00.000Z";
      equal(await recordedAt("t", 2), "2024-01-03T00:00:00.000Z");
    });

    test("that comes with an event from another store is kept, but never less than the one before", async ({
      createStore,
    }) => {
      const store = await createStore({ now: () => new Date("2024-01-05T00:00:00Z") });
      const given = ["2023-01-02T00:00:00.000Z", "2023-01-01T00:00:00.000Z", undefined, "2023-06-01T00:00:00.000Z"];
      const events = await write(
        store,
        commitOf(
          "t",
          0,
          given.map((recordedAt) => ({ recordedAt })),
        ),
      );
      equal(
        events.map(({ recordedAt }) => recordedAt),
        [
          "2023-01-02T00:00:00.000Z",
          "2023-01-02T00:00:00.000Z",
          "2024-01-05T00:00:00.000Z",
          "2024-01-05T00:00:00.000Z",
        ],
      );
      equal(await store.loadHistory(thing), events);
      await rejects(store.append([commitOf("u", 0, [{ recordedAt: "yesterday" }])]), { code: "invalid_instant" });
    });
  });

  describe("knownAt", () => {
    /** Four events, recorded a day apart, of which the third was recorded while the clock was back by a day. */
    async function fill(store: EventStore, setClock: (day: number) => void): Promise<readonly StoredEvent[]> {
      for (const [version, day] of [1, 3, 2, 4].entries()) {
        setClock(day);
        // What happened when has nothing to do with when it became known.
        const eventCreatedAt = `2023-12-0${9 - version}T00:00:00Z`;
        await write(store, commitOf("t", version, [{ eventCreatedAt }]));
      }
      return store.loadHistory(thing);
    }
    const day = (number: number, time = "00:00:00.000") => Date.parse(`2024-01-0${number}T${time}Z`);

    async function open(createStore: (options: { now: () => Date }) => Promise<EventStore>) {
      let clock = day(1);
      const store = await createStore({ now: () => new Date(clock) });
      const events = await fill(store, (number) => {
        clock = day(number);
      });
      const known = async (knownAt: number) => versions(await store.load({ ...thing, knownAt }));
      return { store, events, known };
    }

    test("means everything up to the last event that was stored by then", async ({ createStore }) => {
      const { known } = await open(createStore);
      equal(await known(day(1) - 1), []);
      equal(await known(day(1)), [1]);
      equal(await known(day(2, "23:59:59.999")), [1]);
      equal(await known(day(4)), [1, 2, 3, 4]);
    });

    test("never shows an event without those before it, though the clock went back", async ({ createStore }) => {
      const { known } = await open(createStore);
      equal(await known(day(2)), [1]);
      equal(await known(day(3)), [1, 2, 3]);
    });

    test("includes the very event whose recordedAt it is", async ({ createStore }) => {
      const { store, events } = await open(createStore);
      for (const { recordedAt, eventId } of events) {
        const found = await store.loadHistory({ ...thing, knownAt: Date.parse(recordedAt) });
        ok(ids(found).includes(eventId), `${eventId} is known at ${recordedAt}`);
      }
    });

    test("includes the event that was just stored, by the system's clock", async ({ createStore }) => {
      const store = await createStore();
      const [event] = await write(store, commitOf("t", 0, ["a"]));
      equal(ids(await store.load({ ...thing, knownAt: Date.parse(event?.recordedAt as string) })), ["a"]);
    });

    test("and version, afterVersion and at narrow each other", async ({ createStore }) => {
      const { store } = await open(createStore);
      const part = async (query: object) => versions(await store.load({ ...thing, knownAt: day(3), ...query }));
      equal(await part({ version: 2 }), [1, 2]);
      equal(await part({ version: 9 }), [1, 2, 3]);
      equal(await part({ afterVersion: 1 }), [2, 3]);
      equal(await part({ at: Date.parse("2023-12-01T00:00:00Z") }), []);
      equal(await part({ at: Date.parse("2024-01-01T00:00:00Z") }), [1, 2, 3]);
    });
  });

  describe("position", () => {
    test("means the events of the entity that stand at it or before it", async ({ createStore }) => {
      const store = await createStore();
      const [a1] = await write(store, commitOf("t", 0, ["t1"]));
      const [other] = await write(store, commitOf("u", 0, ["u1"]));
      const [a2] = await write(store, commitOf("t", 1, ["t2"]));
      const at = async (position: number) => ids(await store.load({ ...thing, position }));
      equal(await at(0), []);
      equal(await at((a1 as StoredEvent).position), ["t1"]);
      equal(await at((other as StoredEvent).position), ["t1"]);
      equal(await at((a2 as StoredEvent).position), ["t1", "t2"]);
      equal(ids(await store.loadHistory({ ...thing, position: (other as StoredEvent).position })), ["t1"]);
    });

    test("above the last one is an error that names both: what will stand there is not decided", async ({
      createStore,
    }) => {
      const store = await createStore();
      const [event] = await write(store, commitOf("u", 0, ["u1"]));
      const { position: head } = event as StoredEvent;
      for (const load of [store.load.bind(store), store.loadHistory.bind(store)]) {
        const error = await rejects(load({ ...thing, position: head + 1 }), CursorAheadError);
        matches(error, { code: "cursor_ahead", after: head + 1, head });
        equal(await load({ ...thing, position: head }), []);
      }
    });

    test("and version and afterVersion narrow each other", async ({ createStore }) => {
      const store = await createStore();
      const events = await write(store, commitOf("t", 0, ["a", "b", "c", "d"]));
      const { position } = events[2] as StoredEvent;
      equal(versions(await store.load({ ...thing, position, version: 2 })), [1, 2]);
      equal(versions(await store.load({ ...thing, position, version: 4 })), [1, 2, 3]);
      equal(versions(await store.load({ ...thing, position, afterVersion: 2 })), [3]);
    });
  });
}
