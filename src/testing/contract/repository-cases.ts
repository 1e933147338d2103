import { UnsupportedError } from "../../errors/index.ts";
import { createRepository } from "../../repository/create-repository.ts";
import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { equal, matches, rejects } from "../expect.ts";
import { readAll, upTo } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Gadget, Thing } from "./thing.ts";

const who = { actor: "alice", reason: "because" };

/** What a repository over the store promises: history, time travel, rollback. */
export function repositoryCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite;
  const attributed = suite.where(can.metadata, "the store keeps no metadata");

  /** A thing that was made, renamed twice and tagged, a day after the other, by the clock of the store too. */
  async function open(createStore: (options: { now: () => Date }) => Promise<EventStore>) {
    let day = 1;
    const now = () => new Date(`2024-01-0${day}T12:00:00Z`);
    const store = await createStore({ now });
    const things = createRepository(Thing, { adapter: store });
    const entityId = "t";
    const eventCreatedAt = (happened: number) => `2023-12-0${happened}T12:00:00Z`;
    await things.create({ entityId, body: { text: "one" }, eventCreatedAt: eventCreatedAt(1) });
    day = 2;
    await things.mutate({ entityId }, (entity) => entity.rename("two"));
    day = 3;
    await things.mutate({ entityId }, (entity) => entity.rename("three"));
    const gadgets = createRepository(Gadget, { adapter: store });
    await gadgets.create({ entityId, body: { count: 1 } });
    day = 4;
    await things.mutate({ entityId }, (entity) => entity.tag("x"));
    return { store, things, entityId };
  }

  describe("a repository over the store", () => {
    test("creates, loads and changes entities", async ({ createStore }) => {
      const { things, entityId } = await open(createStore);
      const found = await things.findOneOrThrow({ entityId });
      matches(found, { version: 4, state: { text: "three", tags: ["x"] } });
      equal(await things.findOne({ entityId: "none" }), null);
      const [none, first] = await things.findMany({ entityIds: ["none", entityId] });
      equal([none, first?.version], [null, 4]);
    });

    test("retries what loses a race, so that no change is lost", async ({ createStore }) => {
      const things = createRepository(Thing, { adapter: await createStore() });
      const { entity } = await things.create({ body: { text: "one" } });
      const { entityId } = entity;
      const tags = upTo(5).map((n) => `tag ${n}`);
      await Promise.all(tags.map((tag) => things.mutate({ entityId }, (racing) => racing.tag(tag), { retries: 20 })));
      const { state } = await things.findOneOrThrow({ entityId });
      equal(state.tags.toSorted(), tags);
    });

    test("gives every version as it was", async ({ createStore }) => {
      const { things, entityId } = await open(createStore);
      const texts = ["one", "two", "three", "three"];
      for (const [index, text] of texts.entries()) {
        const then = await things.findOneOrThrow({ entityId, version: index + 1 });
        matches(then, { version: index + 1, state: { text } });
      }
      equal(await things.findOne({ entityId, version: 5 }), null);
    });

    test("gives what had happened by an instant, and what was known by one", async ({ createStore }) => {
      const { store, things, entityId } = await open(createStore);
      // It happened in December, but was told the store in January.
      matches(await things.findOneOrThrow({ entityId, at: "2023-12-01T12:00:00Z" }), { version: 1 });
      equal(await things.findOne({ entityId, knownAt: "2023-12-31T12:00:00Z" }), null);
      for (const event of await store.loadHistory({ entityName: "thing", entityId })) {
        matches(await things.findOneOrThrow({ entityId, knownAt: event.recordedAt }), { version: event.version });
      }
    });

    test("gives what stood at a position of the log", async ({ createStore }) => {
      const { store, things, entityId } = await open(createStore);
      const log = await readAll(store);
      const found = [];
      for (const { position } of log) found.push((await things.findOneOrThrow({ entityId, position })).version);
      equal(found, [1, 2, 3, 3, 4]);
    });

    test("tells what each event changed", async ({ createStore }) => {
      const { things, entityId } = await open(createStore);
      const history = await things.history({ entityId });
      equal(
        history.map(({ event, after }) => [event.version, after]),
        [
          [1, { text: "one", tags: [] }],
          [2, { text: "two", tags: [] }],
          [3, { text: "three", tags: [] }],
          [4, { text: "three", tags: ["x"] }],
        ],
      );
      matches(history[1], {
        before: { text: "one", tags: [] },
        changes: [{ op: "replace", path: "/text", value: "two", previous: "one" }],
        effective: true,
      });
      const page = await things.history({ entityId, after: 1, limit: 2, order: "desc" });
      matches(page, [{ event: { version: 4 } }, { event: { version: 3 } }]);
    });

    attributed.test("tells of every event who and why", async ({ createStore }) => {
      const things = createRepository(Thing, { adapter: await createStore(), attribution: "required" });
      await things.create({ entityId: "t", body: { text: "one" } }, who);
      await things.mutate({ entityId: "t" }, (entity) => entity.tag("x"), { actor: "bob", reason: "a test" });
      matches(await things.history({ entityId: "t" }), [
        { event: { metadata: who } },
        { event: { metadata: { actor: "bob", reason: "a test" } } },
      ]);
    });

    attributed.test("rolls an entity back by an event that says so, and deletes nothing", async ({ createStore }) => {
      const { store, things, entityId } = await open(createStore);
      const before = await readAll(store);
      await things.rollback({ entityId, toVersion: 2 }, who);
      matches(await things.findOneOrThrow({ entityId }), { version: 5, state: { text: "two", tags: [] } });
      const after = await readAll(store);
      equal(after.slice(0, before.length), before);
      matches(after.slice(before.length), [
        { eventName: "thing:$rolled_back", version: 5, body: { toVersion: 2 }, metadata: who },
      ]);
      const history = await things.history({ entityId });
      equal(
        history.slice(0, 4).map(({ effective }) => effective),
        [true, true, false, false],
      );
    });

    attributed.test("rolls a rollback back, and still gives every version as it was", async ({ createStore }) => {
      const { things, entityId } = await open(createStore);
      await things.rollback({ entityId, toVersion: 1 }, who);
      await things.rollback({ entityId, toVersion: 4 }, who);
      const texts = [];
      for (const version of upTo(6)) texts.push((await things.findOneOrThrow({ entityId, version })).state.text);
      equal(texts, ["one", "two", "three", "three", "one", "three"]);
      matches(await things.findOneOrThrow({ entityId }), { state: { text: "three", tags: ["x"] } });
    });

    attributed.test("names what belongs together with what a rollback would undo", async ({ createStore }) => {
      const { store, things, entityId } = await open(createStore);
      const together = { correlationId: "order 1" };
      await things.mutate({ entityId }, (entity) => entity.tag("y"), together);
      const gadgets = createRepository(Gadget, { adapter: store });
      await gadgets.mutate({ entityId }, (gadget) => gadget.use(2), together);
      const preview = await things.previewRollback({ entityId, toVersion: 4 });
      matches(preview, { undone: [{ version: 5 }], related: [{ entityName: "gadget", version: 2 }] });
    });

    if (can.metadata) return;
    test("that asks for an actor, or rolls back, is unsupported: who and why would be lost", async ({
      createStore,
    }) => {
      const { store, things, entityId } = await open(createStore);
      await rejects(things.rollback({ entityId, toVersion: 1 }, who), UnsupportedError);
      const asking = createRepository(Thing, { adapter: store, attribution: "actor" });
      await rejects(asking.create({ body: { text: "one" } }, who), UnsupportedError);
      equal((await readAll(store)).length, 5);
    });
  });
}
