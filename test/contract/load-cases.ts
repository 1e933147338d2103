import { describe, expect, test } from "vitest";
import { appendOne, type CreateStore, commitOf, readAll, upTo, write } from "./events.ts";

/** What loading one entity promises: order, points in time, recorded times, snapshots. */
export function loadCases(createStore: CreateStore): void {
  const thing = { entityName: "thing", entityId: "t" };
  const versions = (events: readonly { version: number }[]) => events.map(({ version }) => version);

  describe("load", () => {
    test("gives the events of one entity in version order, and of no other", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["t1"]));
      await write(store, commitOf("u", 0, ["u1"]));
      await write(store, commitOf("t", 0, ["g1"], { entityName: "gadget" }));
      await write(store, commitOf("t", 1, ["t2", "t3"]));
      expect((await store.load(thing)).map(({ eventId }) => eventId)).toEqual(["t1", "t2", "t3"]);
      expect((await store.loadHistory(thing)).map(({ eventId }) => eventId)).toEqual(["t1", "t2", "t3"]);
    });

    test("gives nothing where there is no such entity", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      for (const query of [
        { entityName: "thing", entityId: "T" },
        { entityName: "Thing", entityId: "t" },
      ]) {
        expect(await store.load(query)).toEqual([]);
        expect(await store.loadHistory(query)).toEqual([]);
      }
    });

    test("gives the seven keys of the envelope, nothing else", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, [{ eventId: "a", body: { n: 1 }, metadata: { actor: "alice" } }]));
      expect(await store.load(thing)).toEqual([
        {
          eventId: "a",
          eventCreatedAt: "2024-01-01T12:00:00.000Z",
          eventName: "thing:happened",
          entityName: "thing",
          entityId: "t",
          version: 1,
          body: { n: 1 },
        },
      ]);
    });

    test("gives the part between two versions: after the one, up to the other", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a", "b", "c", "d"]));
      const part = async (query: object) => versions(await store.load({ ...thing, ...query }));
      expect(await part({ afterVersion: 2 })).toEqual([3, 4]);
      expect(await part({ version: 2 })).toEqual([1, 2]);
      expect(await part({ afterVersion: 1, version: 3 })).toEqual([2, 3]);
      expect(await part({ afterVersion: 4 })).toEqual([]);
      expect(await part({ version: 9 })).toEqual([1, 2, 3, 4]);
      expect(versions(await store.loadHistory({ ...thing, afterVersion: 1, version: 3 }))).toEqual([2, 3]);
    });

    test("loads an entity of several thousand events", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, Array(5_000).fill({ body: { text: "x".repeat(20) } })));
      expect(versions(await store.load(thing))).toEqual(upTo(5_000));
    });
  });

  describe("at", () => {
    test("compares instants, not texts", async () => {
      const store = await createStore();
      // As texts the order would be: third, first, second.
      await write(store, commitOf("t", 0, [{ eventCreatedAt: "2024-01-01T09:00:00+09:00" }])); // 00:00 UTC
      await write(store, commitOf("t", 1, [{ eventCreatedAt: "2024-01-01T10:30:00+09:00" }])); // 01:30 UTC
      await write(store, commitOf("t", 2, [{ eventCreatedAt: "2023-12-31T21:00:00-05:00" }])); // 02:00 UTC
      const at = async (instant: string) => versions(await store.load({ ...thing, at: Date.parse(instant) }));
      expect(await at("2023-12-31T23:59:59.999Z")).toEqual([]);
      expect(await at("2024-01-01T00:00:00Z")).toEqual([1]);
      expect(await at("2024-01-01T01:29:59.999Z")).toEqual([1]);
      expect(await at("2024-01-01T01:30:00Z")).toEqual([1, 2]);
      expect(await at("2024-01-01T02:00:00Z")).toEqual([1, 2, 3]);
    });

    test("compares fractions of a second as such", async () => {
      const store = await createStore();
      // "...00.5Z" stands before "...00Z" in a text order, and "...00.10Z" is not ten milliseconds.
      await write(store, commitOf("t", 0, [{ eventCreatedAt: "2024-01-01T00:00:00Z" }]));
      await write(store, commitOf("t", 1, [{ eventCreatedAt: "2024-01-01T00:00:00.10Z" }]));
      await write(store, commitOf("t", 2, [{ eventCreatedAt: "2024-01-01T00:00:00.5Z" }]));
      const at = async (instant: string) => versions(await store.load({ ...thing, at: Date.parse(instant) }));
      expect(await at("2024-01-01T00:00:00.000Z")).toEqual([1]);
      expect(await at("2024-01-01T00:00:00.099Z")).toEqual([1]);
      expect(await at("2024-01-01T00:00:00.100Z")).toEqual([1, 2]);
      expect(await at("2024-01-01T00:00:00.500Z")).toEqual([1, 2, 3]);
    });

    test("means the last event not later than it, everything before that in version order included", async () => {
      const store = await createStore();
      const days = ["2024-01-01", "2024-01-20", "2024-01-10", "2024-01-30"];
      await write(
        store,
        commitOf(
          "t",
          0,
          days.map((day) => ({ eventCreatedAt: `${day}T00:00:00Z` })),
        ),
      );
      const at = async (day: string) => versions(await store.load({ ...thing, at: Date.parse(`${day}T00:00:00Z`) }));
      expect(await at("2024-01-05")).toEqual([1]);
      // Version 3 is dated the 10th: version 2, dated later, comes before it all the same.
      expect(await at("2024-01-15")).toEqual([1, 2, 3]);
      expect(await at("2024-01-25")).toEqual([1, 2, 3]);
      expect(await at("2024-01-30")).toEqual([1, 2, 3, 4]);
    });

    test("and version and afterVersion narrow each other", async () => {
      const store = await createStore();
      const days = ["2024-01-01", "2024-01-02", "2024-01-03"];
      await write(
        store,
        commitOf(
          "t",
          0,
          days.map((day) => ({ eventCreatedAt: `${day}T00:00:00Z` })),
        ),
      );
      const at = Date.parse("2024-01-02T12:00:00Z");
      expect(versions(await store.load({ ...thing, at, version: 1 }))).toEqual([1]);
      expect(versions(await store.load({ ...thing, at, version: 3 }))).toEqual([1, 2]);
      expect(versions(await store.loadHistory({ ...thing, at, afterVersion: 1 }))).toEqual([2]);
    });

    test("keeps the text of the time as it was given", async () => {
      const store = await createStore();
      const texts = ["2024-01-01T09:00:00+09:00", "2024-01-01T00:00Z", "2024-01-01T00:00:00.123456789Z"];
      await write(
        store,
        commitOf(
          "t",
          0,
          texts.map((eventCreatedAt) => ({ eventCreatedAt })),
        ),
      );
      expect((await store.load(thing)).map(({ eventCreatedAt }) => eventCreatedAt)).toEqual(texts);
    });

    test("a time that is no instant is refused before anything is written", async () => {
      const store = await createStore();
      for (const eventCreatedAt of ["2024", "Jan 1 2024", "2024-01-01T00:00", "2024-02-30T00:00:00Z", "now"]) {
        const append = store.append([commitOf("u", 0, ["x"]), commitOf("t", 0, [{ eventCreatedAt }])]);
        await expect(append, eventCreatedAt).rejects.toMatchObject({ code: "invalid_instant" });
      }
      expect(await readAll(store)).toEqual([]);
    });
  });

  describe("recordedAt", () => {
    test("B10: is readable on every event, an instant in UTC with milliseconds", async () => {
      const store = await createStore({ now: () => new Date("2024-05-06T07:08:09.010Z") });
      const events = await write(store, commitOf("t", 0, ["a", "b"]));
      expect(events.map(({ recordedAt }) => recordedAt)).toEqual(Array(2).fill("2024-05-06T07:08:09.010Z"));
      expect((await readAll(store)).map(({ recordedAt }) => recordedAt)).toEqual(
        Array(2).fill("2024-05-06T07:08:09.010Z"),
      );
    });

    test("is the system's clock unless another is given", async () => {
      const store = await createStore();
      const before = Date.now();
      const [event] = await write(store, commitOf("t", 0, ["a"]));
      expect(Date.parse(event?.recordedAt as string)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(event?.recordedAt as string)).toBeLessThanOrEqual(Date.now());
    });

    test("is never less than the entity's last when the clock goes back, whatever eventCreatedAt says", async () => {
      let clock = "2024-01-02T00:00:00.000Z";
      const store = await createStore({ now: () => new Date(clock) });
      const recordedAt = async (entityId: string, expectedVersion: number) =>
        (await write(store, commitOf(entityId, expectedVersion, [{}])))[0]?.recordedAt;
      expect(await recordedAt("t", 0)).toBe("2024-01-02T00:00:00.000Z");
      clock = "2024-01-01T00:00:00.000Z";
      expect(await recordedAt("t", 1)).toBe("2024-01-02T00:00:00.000Z");
      expect(await recordedAt("u", 0)).toBe("2024-01-01T00:00:00.000Z");
      clock = "2024-01-03T00:00:00.000Z";
      expect(await recordedAt("t", 2)).toBe("2024-01-03T00:00:00.000Z");
    });
  });

  describe("snapshots", () => {
    const snapshot = (version: number, more: object = {}) => ({ ...thing, version, state: { version }, ...more });

    test("give the newest one at or below a version, or null", async () => {
      const store = await createStore();
      expect(await store.getSnapshot(thing)).toBeNull();
      await store.saveSnapshot(snapshot(3));
      await store.saveSnapshot(snapshot(7));
      expect(await store.getSnapshot(thing)).toEqual({ version: 7, state: { version: 7 } });
      expect(await store.getSnapshot({ ...thing, upToVersion: 6 })).toMatchObject({ version: 3 });
      expect(await store.getSnapshot({ ...thing, upToVersion: 2 })).toBeNull();
    });

    test("keep the two newest of each fingerprint, so that two builds do not overwrite each other", async () => {
      const store = await createStore();
      for (const version of [1, 2, 3]) await store.saveSnapshot(snapshot(version, { fingerprint: "old" }));
      await store.saveSnapshot(snapshot(9, { fingerprint: "new", state: "new" }));
      const versionOf = async (query: object) => (await store.getSnapshot({ ...thing, ...query }))?.version;
      expect(await versionOf({ fingerprint: "old" })).toBe(3);
      expect(await versionOf({ fingerprint: "old", upToVersion: 2 })).toBe(2);
      expect(await versionOf({ fingerprint: "old", upToVersion: 1 })).toBeUndefined();
      expect(await versionOf({ fingerprint: "new" })).toBe(9);
      expect(await versionOf({ fingerprint: "newer" })).toBeUndefined();
    });

    test("P7: of two entity names with one id do not overwrite each other", async () => {
      const store = await createStore();
      await store.saveSnapshot(snapshot(1));
      await store.saveSnapshot({ ...snapshot(2), entityName: "gadget" });
      expect(await store.getSnapshot(thing)).toMatchObject({ version: 1 });
      expect(await store.getSnapshot({ ...thing, entityName: "gadget" })).toMatchObject({ version: 2 });
    });

    test("of one version are replaced by the later", async () => {
      const store = await createStore();
      await store.saveSnapshot(snapshot(1, { state: "first" }));
      await store.saveSnapshot(snapshot(1, { state: "second" }));
      expect(await store.getSnapshot(thing)).toEqual({ version: 1, state: "second" });
    });
  });

  describe("as a plain adapter", () => {
    const event = { ...thing, eventName: "thing:happened", eventCreatedAt: "2024-01-01T00:00:00Z", body: { n: 1 } };

    test("a store gives back what was committed, after a version too", async () => {
      const store = await createStore();
      const events = [
        { ...event, eventId: "a", version: 1 },
        { ...event, eventId: "b", version: 2 },
      ];
      await store.commitEvents({ ...thing, events, state: {}, expectedVersion: 0 } as never);
      expect(await store.getEventsByEntityId(thing)).toMatchObject(events);
      expect(await store.getEventsByEntityId({ ...thing, afterVersion: 1 })).toMatchObject([events[1]]);
      expect(await store.getEventsByEntityId({ ...thing, entityId: "none" })).toEqual([]);
    });

    test("a store that says it keeps metadata gives it back", async () => {
      const store = await createStore();
      const metadata = { actor: "alice", reason: "why", ip: "::1" };
      const events = [{ ...event, eventId: "a", version: 1, metadata }];
      await store.commitEvents({ ...thing, events, state: {}, expectedVersion: 0 } as never);
      expect(store.storesMetadata).toBe(true);
      expect(await store.getEventsByEntityId(thing)).toMatchObject([{ eventId: "a", metadata }]);
      expect(await store.loadHistory(thing)).toMatchObject([{ eventId: "a", metadata }]);
    });

    test("A4, G4: a store refuses a stale writer and a second creation", async () => {
      const store = await createStore();
      const commit = (eventId: string, expectedVersion?: number) =>
        store.commitEvents({
          ...thing,
          events: [{ ...event, eventId }],
          state: {},
          ...(expectedVersion !== undefined && { expectedVersion }),
        } as never);
      await commit("a", 0);
      await expect(commit("b", 0)).rejects.toMatchObject({ code: "entity_exists", actualVersion: 1 });
      await expect(commit("c", 2)).rejects.toMatchObject({ code: "concurrency_conflict", actualVersion: 1 });
      // The same events again are what they were: stored.
      await commit("a", 0);
      // Who expects nothing gets no check, and the next version.
      await commit("d");
      expect((await store.load(thing)).map(({ eventId, version }) => [eventId, version])).toEqual([
        ["a", 1],
        ["d", 2],
      ]);
    });

    test("D5: a store takes an empty batch for what it is", async () => {
      const store = await createStore();
      await store.commitEvents({ ...thing, events: [], state: {}, expectedVersion: 0 } as never);
      await write(store, commitOf("t", 0, ["a"]));
      await store.commitEvents({ ...thing, events: [], state: {}, expectedVersion: 0 } as never);
      expect(await readAll(store)).toHaveLength(1);
      expect(await appendOne(store, commitOf("t", 1, ["b"]))).toMatchObject({ status: "written" });
    });
  });
}
