import { createRepository } from "../../repository/create-repository.ts";
import type { StoredEvent } from "../../schema/event.ts";
import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { equal, matches, rejects } from "../expect.ts";
import { commitOf, noon, numbered, readAll, thing, upTo, write } from "./events.ts";
import type { Suite } from "./suite.ts";
import { Thing } from "./thing.ts";

const who = { actor: "officer", reason: "asked to be forgotten" };

/** What `import` promises of an entity that is erased where it comes from. */
export function importErasedCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite.where(
    can.metadata && can.atomicBatches,
    "the store cannot keep what an import brings",
  );

  /** Two stores; in the first a thing of so many events, each with metadata of the application's own, and another thing. */
  async function open(createStore: () => Promise<EventStore>, count = 3) {
    const [source, target] = [await createStore(), await createStore()];
    const metadata = { actor: "alice", ip: "::1" };
    await write(
      source,
      commitOf(
        "t",
        0,
        numbered(1, count).map((eventId) => ({ eventId, body: { secret: eventId }, metadata })),
      ),
    );
    await write(source, commitOf("u", 0, [{ eventId: "kept", body: { kept: true }, metadata }]));
    return { source, target };
  }

  /** Everything of the thing is gone but who did what and when; the other thing is untouched. */
  async function assertErased(store: EventStore, count: number): Promise<void> {
    const events = await store.loadHistory(thing);
    equal(
      events.map(({ body, isErased }) => ({ body, isErased })),
      upTo(count).map(() => ({ body: null, isErased: true })),
    );
    equal(
      events.slice(0, -1).filter(({ metadata }) => Object.keys(metadata).join() !== "actor"),
      [],
    );
    matches(events.at(-1), { eventName: "thing:$erased", metadata: who });
    const log = await readAll(store);
    equal(
      log.filter(({ entityId, isErased }) => entityId === "t" && isErased !== true),
      [],
    );
    matches(
      log.filter(({ entityId }) => entityId === "u"),
      [{ body: { kept: true }, metadata: { ip: "::1" }, isErased: undefined }],
    );
    await rejects(createRepository(Thing, { adapter: store }).findOne({ entityId: "t" }), { code: "entity_erased" });
  }

  describe("an import of an entity that was erased at its source", () => {
    test("after a first import erases it here too: bodies, metadata and snapshots", async ({ createStore }) => {
      const { source, target } = await open(createStore);
      await target.import(source.read());
      for (const fingerprint of ["", "build"]) {
        await target.saveSnapshot({ ...thing, version: 3, fingerprint, state: { secret: 1 } });
      }
      await target.saveSnapshot({ ...thing, entityId: "u", version: 1, state: { kept: true } });
      await source.erase(thing, who);
      equal(await target.import(source.read()), { imported: 1, skipped: 4 });
      await assertErased(target, 4);
      for (const fingerprint of ["", "build"]) equal(await target.getSnapshot({ ...thing, fingerprint }), null);
      matches(await target.getSnapshot({ ...thing, entityId: "u" }), { state: { kept: true } });
    });

    test("after a part of it was imported erases that part too", async ({ createStore }) => {
      const { source, target } = await open(createStore);
      await target.import((await readAll(source)).slice(0, 2));
      await source.erase(thing, who);
      await target.import(source.read());
      await assertErased(target, 4);
    });

    test("while it was being read erases what had come over before", async ({ createStore }) => {
      const { source, target } = await open(createStore, 600);
      async function* erasedUnderway() {
        let isFirst = true;
        for await (const event of source.read()) {
          yield event;
          if (isFirst) await source.erase(thing, who);
          isFirst = false;
        }
      }
      await target.import(erasedUnderway());
      await target.import(source.read());
      await assertErased(target, 601);
    });

    test("in the middle of a page erases what stands before it in the same page", async ({ createStore }) => {
      const { source, target } = await open(createStore);
      const before = await readAll(source);
      await source.erase(thing, who);
      const after = await readAll(source, { after: (before[0] as StoredEvent).position });
      equal(await target.import([before[0] as StoredEvent, ...after]), { imported: 5, skipped: 0 });
      await assertErased(target, 4);
    });

    test("keeps no body and no metadata of the application's that comes with events said to be erased", async ({
      createStore,
    }) => {
      const store = await createStore();
      const event = { ...thing, eventName: "thing:happened", eventCreatedAt: noon, isErased: true } as const;
      const spoken = { body: { secret: 1 }, metadata: { actor: "alice", ip: "::1" } };
      await store.import([{ ...event, eventId: "a", body: null, metadata: { actor: "alice" } }]);
      await store.import([{ ...event, eventId: "b", ...spoken, version: 2 }]);
      await store.import([{ ...event, eventId: "c", ...spoken, body: null, version: 3 }]);
      equal(
        (await store.loadHistory(thing)).map(({ body, metadata }) => ({ body, metadata })),
        Array(3).fill({ body: null, metadata: { actor: "alice" } }),
      );
    });

    test("inside a transaction that aborts erases nothing", async ({ createStore }) => {
      const { source, target } = await open(createStore);
      await target.import(source.read());
      await target.saveSnapshot({ ...thing, version: 3, state: { secret: 1 } });
      const before = await readAll(target);
      await source.erase(thing, who);
      const work = target.transaction(async () => {
        await target.import(source.read());
        matches(await target.loadHistory(thing), Array(4).fill({ body: null, isErased: true }));
        throw new Error("aborted");
      });
      await rejects(work, { message: "aborted" });
      equal(await readAll(target), before);
      matches(await target.getSnapshot(thing), { state: { secret: 1 } });
    });

    test("of which only a part came over can be completed by an erasure of its own", async ({ createStore }) => {
      const { source, target } = await open(createStore);
      await source.erase(thing, who);
      const events = await readAll(source);
      await target.import(events.filter(({ eventName }) => eventName !== "thing:$erased"));
      const result = await target.erase(thing, who);
      matches(result, { version: 4, duplicate: false, events: [{ eventName: "thing:$erased", metadata: who }] });
      await assertErased(target, 4);
      matches(await target.erase(thing, who), { version: 4, duplicate: true });
    });
  });
}
