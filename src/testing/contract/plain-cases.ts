import { ConcurrencyError, UnsupportedError } from "../../errors/index.ts";
import { createRepository } from "../../repository/create-repository.ts";
import type { AnyAdapter } from "../../repository/types.ts";
import type { BaseEventType } from "../../schema/event.ts";
import { equal, matches, ok, rejects } from "../expect.ts";
import { noon, thing, upTo, versions } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Gadget, Thing } from "./thing.ts";
import { awkwardBodies } from "./values.ts";

/** The other two methods, which an adapter may have. */
interface PlainSnapshots {
  getSnapshot?(args: object): Promise<{ state: unknown; version: number } | null>;
  saveSnapshot?(args: object): Promise<void>;
}

/** What an adapter of two methods promises. */
export function plainCases({ describe, test }: Suite<AnyAdapter>, keepsTimeText: boolean): void {
  describe("an adapter", () => {
    test("gives nothing where there is no such entity", async ({ createStore }) => {
      const adapter = await createStore();
      equal(await adapter.getEventsByEntityId(thing), []);
      await commit(adapter, "t", [1]);
      equal(await adapter.getEventsByEntityId({ ...thing, entityId: "u" }), []);
    });

    test("gives back what was committed, with all seven keys", async ({ createStore }) => {
      const adapter = await createStore();
      const events = await commit(adapter, "t", [1]);
      matches(await adapter.getEventsByEntityId(thing), events);
    });

    test("writes a batch whole", async ({ createStore }) => {
      const adapter = await createStore();
      const events = await commit(adapter, "t", upTo(20));
      matches(await adapter.getEventsByEntityId(thing), events);
    });

    test("gives the events of several batches, oldest first", async ({ createStore }) => {
      const adapter = await createStore();
      const events = [];
      for (const batch of [[1], [2, 3], [4], upTo(12).slice(4)]) events.push(...(await commit(adapter, "t", batch)));
      matches(await adapter.getEventsByEntityId(thing), events);
    });

    test("keeps entities apart by name and by id", async ({ createStore }) => {
      const adapter = await createStore();
      await commit(adapter, "t", [1, 2]);
      await commit(adapter, "T", [1]);
      await commit(adapter, "t", [1, 2, 3], { entityName: "gadget" });
      const find = async (entityName: string, entityId: string) =>
        (await adapter.getEventsByEntityId({ entityName, entityId })).map(({ eventId }) => eventId);
      equal(await find("thing", "t"), ["thing-t-1", "thing-t-2"]);
      equal(await find("thing", "T"), ["thing-T-1"]);
      equal(await find("gadget", "t"), ["gadget-t-1", "gadget-t-2", "gadget-t-3"]);
      equal(await find("gadget", "T"), []);
    });

    test("asked for what came after a version gives that, and perhaps what came before it", async ({ createStore }) => {
      const adapter = await createStore();
      const events = await commit(adapter, "t", upTo(4));
      const found: BaseEventType[] = await adapter.getEventsByEntityId({ ...thing, afterVersion: 2 });
      matches(found, found.length === 2 ? events.slice(2) : events);
    });

    const keepsTime = keepsTimeText
      ? "keeps the text of the time as it was given"
      : "keeps the millisecond of the time, in UTC";
    test(keepsTime, async ({ createStore }) => {
      const adapter = await createStore();
      const eventCreatedAt = "2024-01-01T21:00:00.123456+09:00";
      await commit(adapter, "t", [1], { eventCreatedAt });
      const kept = keepsTimeText ? eventCreatedAt : "2024-01-01T12:00:00.123Z";
      matches(await adapter.getEventsByEntityId(thing), [{ eventCreatedAt: kept }]);
    });

    for (const [title, body] of awkwardBodies) {
      test(`gives a body back unchanged: ${title}`, async ({ createStore }) => {
        const adapter = await createStore();
        await commit(adapter, "t", [1], { body });
        const [event] = await adapter.getEventsByEntityId(thing);
        equal(event?.body, body);
      });
    }
  });

  describe("a repository over an adapter", () => {
    async function open(createStore: () => Promise<AnyAdapter>) {
      const adapter = withoutStore(await createStore());
      const things = createRepository(Thing, { adapter });
      const entityId = "t";
      await things.create({ entityId, body: { text: "one" }, eventCreatedAt: "2023-12-01T12:00:00Z" });
      await things.mutate({ entityId }, (entity) => {
        entity.rename("two");
        entity.tag("x");
      });
      return { adapter, things, entityId };
    }

    test("creates, loads and changes entities", async ({ createStore }) => {
      const { adapter, things, entityId } = await open(createStore);
      const gadgets = createRepository(Gadget, { adapter });
      await gadgets.create({ entityId, body: { count: 1 } });
      matches(await things.findOneOrThrow({ entityId }), { version: 3, state: { text: "two", tags: ["x"] } });
      matches(await gadgets.findOneOrThrow({ entityId }), { version: 1, state: { count: 1 } });
      equal(await things.findOne({ entityId: "none" }), null);
    });

    test("travels in time and tells what changed", async ({ createStore }) => {
      const { things, entityId } = await open(createStore);
      matches(await things.findOneOrThrow({ entityId, version: 1 }), { state: { text: "one" } });
      matches(await things.findOneOrThrow({ entityId, at: "2024-01-01T00:00:00Z" }), { version: 1 });
      equal(await things.findOne({ entityId, at: "2023-01-01T00:00:00Z" }), null);
      matches(await things.history({ entityId }), [
        { event: { version: 1 }, before: null, after: { text: "one" } },
        { event: { version: 2 }, after: { text: "two" } },
        { event: { version: 3 }, changes: [{ op: "add", value: "x" }] },
      ]);
    });

    test("cannot commit several entities at once: they would not be written whole", async ({ createStore }) => {
      const { adapter } = await open(createStore);
      const things = createRepository(Thing, { adapter });
      const both = ["v", "w"].map((entityId) => Thing.create({ entityId, body: { text: "one of two" } }));
      // The type says so too: an adapter has no commit of several.
      await rejects(things.commit(both as never), UnsupportedError);
      equal(await adapter.getEventsByEntityId({ ...thing, entityId: "v" }), []);
    });

    test("is unsupported where it would need a log: points of the store's own, idempotency keys, transactions", async ({
      createStore,
    }) => {
      const { things, entityId } = await open(createStore);
      for (const point of [{ knownAt: noon }, { position: 1 }]) {
        await rejects(things.findOne({ entityId, ...point } as { entityId: string }), UnsupportedError);
      }
      for (const option of [{ idempotencyKey: "k" }, { transaction: {} }]) {
        const change = things.mutate({ entityId }, (entity) => entity.rename("three"), option as object);
        await rejects(change, UnsupportedError);
      }
      matches(await things.findOneOrThrow({ entityId }), { version: 3 });
    });

    test("keeps who and why and can roll back, if the adapter keeps metadata; else both are refused", async ({
      createStore,
    }) => {
      const { adapter, things, entityId } = await open(createStore);
      const who = { actor: "alice", reason: "because", metadata: { ip: "::1" } };
      const change = things.mutate({ entityId }, (entity) => entity.rename("three"), who);
      const rollback = () => things.rollback({ entityId, toVersion: 1 }, who);
      if (adapter.storesMetadata !== true) {
        await rejects(change, UnsupportedError);
        await rejects(rollback(), UnsupportedError);
        equal(versions(await adapter.getEventsByEntityId(thing)), [1, 2, 3]);
        return;
      }
      await change;
      await rollback();
      matches(await things.findOneOrThrow({ entityId }), { version: 5, state: { text: "one", tags: [] } });
      const metadata = { actor: "alice", reason: "because", ip: "::1" };
      matches((await adapter.getEventsByEntityId(thing)).slice(3), [{ metadata }, { metadata }]);
    });
  });
}

/** What an adapter promises about two writers, or what happens where it promises nothing. */
export function staleWriterCases({ describe, test }: Suite<AnyAdapter>, refusesStaleVersions: boolean): void {
  describe("two writers over an adapter", () => {
    if (!refusesStaleVersions) {
      test("both succeed: nothing protects the entity", async ({ createStore }) => {
        const adapter = await createStore();
        await commit(adapter, "t", [1]);
        await commit(adapter, "t", [2], { eventId: "first" });
        await commit(adapter, "t", [2], { eventId: "second" });
        equal((await adapter.getEventsByEntityId(thing)).length, 3);
      });
      return;
    }

    test("A4: the one who comes too late is refused, and nothing of it is written", async ({ createStore }) => {
      const adapter = await createStore();
      await commit(adapter, "t", [1, 2]);
      for (const batch of [[2], [2, 3], [4]]) {
        const late = commit(adapter, "t", batch, { eventId: "late" });
        matches(await rejects(late, ConcurrencyError), { actualVersion: 2 });
      }
      equal(versions(await adapter.getEventsByEntityId(thing)), [1, 2]);
    });

    test("G4: an entity that is there cannot be created again", async ({ createStore }) => {
      const adapter = await createStore();
      const things = createRepository(Thing, { adapter: withoutStore(adapter) });
      await things.create({ entityId: "t", body: { text: "first" } });
      await rejects(things.create({ entityId: "t", body: { text: "second" } }), ConcurrencyError);
      matches(await things.findOneOrThrow({ entityId: "t" }), { version: 1, state: { text: "first" } });
    });

    test("B1: of 20 that race for one version one is written", async ({ createStore }) => {
      const adapter = await createStore();
      await commit(adapter, "t", [1]);
      const racing = upTo(20).map((n) => commit(adapter, "t", [2], { eventId: `racing-${n}` }));
      const settled = await Promise.allSettled(racing);
      equal(settled.filter(({ status }) => status === "fulfilled").length, 1, "written");
      for (const result of settled) {
        if (result.status === "rejected") ok(result.reason instanceof ConcurrencyError, "others: a ConcurrencyError");
      }
      equal(versions(await adapter.getEventsByEntityId(thing)), [1, 2]);
    });

    test("who do not expect the same do not disturb each other: another entity is another matter", async ({
      createStore,
    }) => {
      const adapter = await createStore();
      await Promise.all(upTo(10).map((n) => commit(adapter, `t${n}`, [1, 2])));
      for (const n of upTo(10)) {
        equal(versions(await adapter.getEventsByEntityId({ ...thing, entityId: `t${n}` })), [1, 2]);
      }
    });
  });
}

/** What snapshots promise over an adapter that has them. */
export function plainSnapshotCases({ describe, test }: Suite<AnyAdapter & Required<PlainSnapshots>>): void {
  describe("snapshots over an adapter", () => {
    test("are found by the name and the id of their entity, the newest one", async ({ createStore }) => {
      const adapter = await createStore();
      equal(await adapter.getSnapshot(thing), null);
      await adapter.saveSnapshot({ ...thing, version: 1, state: { text: "one", tags: [] } });
      await adapter.saveSnapshot({ ...thing, version: 2, state: { text: "two", tags: ["x"] } });
      await adapter.saveSnapshot({ ...thing, entityName: "gadget", version: 9, state: { count: 1 } });
      matches(await adapter.getSnapshot(thing), { version: 2, state: { text: "two", tags: ["x"] } });
      matches(await adapter.getSnapshot({ ...thing, entityName: "gadget" }), { version: 9, state: { count: 1 } });
      equal(await adapter.getSnapshot({ ...thing, entityId: "T" }), null);
    });

    test("give a repository the states that the events give", async ({ createStore }) => {
      const adapter = await createStore();
      const { getSnapshot, saveSnapshot } = adapter;
      const snapshots = { getSnapshot: getSnapshot.bind(adapter), saveSnapshot: saveSnapshot.bind(adapter) };
      const plain = withoutStore(adapter);
      const [with2, without] = [
        createRepository(Thing, { adapter: { ...plain, ...snapshots }, snapshot: { frequency: 2 } }),
        createRepository(Thing, { adapter: plain }),
      ];
      await with2.create({ entityId: "t", body: { text: "one" } });
      for (const tag of ["a", "b", "c"]) {
        await with2.mutate({ entityId: "t" }, (entity) => entity.tag(tag));
        const [found, expected] = [await with2.findOneOrThrow(thing), await without.findOneOrThrow(thing)];
        equal(found.toJSON(), expected.toJSON());
      }
      matches(await snapshots.getSnapshot(thing), { version: 4, state: { text: "one", tags: ["a", "b", "c"] } });
    });
  });
}

/** Commits events of some versions, as a repository would; answers with them. */
async function commit(
  adapter: AnyAdapter,
  entityId: string,
  batch: readonly number[],
  overrides: Partial<BaseEventType> = {},
): Promise<BaseEventType[]> {
  const { entityName = "thing", eventId } = overrides;
  const events = batch.map((version) => ({
    eventName: `${entityName}:happened`,
    eventCreatedAt: noon,
    entityName,
    entityId,
    version,
    body: { n: version },
    ...overrides,
    eventId: `${eventId ?? `${entityName}-${entityId}`}-${version}`,
  }));
  const expectedVersion = (batch[0] as number) - 1;
  await adapter.commitEvents({ entityName, entityId, events, state: { n: batch.at(-1) }, expectedVersion });
  return events;
}

/** A store as whoever knows two methods only sees it. */
function withoutStore(adapter: AnyAdapter): AnyAdapter {
  return {
    getEventsByEntityId: (args) => adapter.getEventsByEntityId(args),
    commitEvents: (args) => adapter.commitEvents(args),
    ...(adapter.storesMetadata !== undefined && { storesMetadata: adapter.storesMetadata }),
  };
}
