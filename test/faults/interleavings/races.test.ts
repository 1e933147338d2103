import { describe, expect, test } from "vitest";
import { commitOf, readAll, take } from "../../../src/testing/contract/events.ts";
import { openDatabase, servers } from "../../servers/servers.ts";
import { paused, someoneWaits } from "./race.ts";

const idsOf = (events: readonly { readonly eventId: string }[]) => events.map(({ eventId }) => eventId);

describe.each(servers)("$name:", (server) => {
  async function open() {
    const database = await openDatabase(server);
    return { database, store: database.store, other: await database.open() };
  }

  test("a position that is committed after a higher one is not skipped, and stands before it", async () => {
    const { store, other } = await open();
    await store.append([commitOf("a", 0, ["a1"])]);
    const tailer = other.subscribe({ after: 0 });
    expect(idsOf(await take(tailer, 1))).toEqual(["a1"]);
    const lower = await paused(store, () => store.append([commitOf("b", 0, ["b1"])]));
    await other.append([commitOf("c", 0, ["c1"])]);
    // Whoever looks now has to stop before it.
    expect(idsOf(await readAll(other))).toEqual(["a1"]);
    await lower.commit();
    expect(idsOf(await take(tailer, 2))).toEqual(["b1", "c1"]);
    expect(idsOf(await readAll(other))).toEqual(["a1", "b1", "c1"]);
    await tailer.return?.();
  });

  test("a position that was drawn for nothing below a higher one holds nobody up", async () => {
    const { store, other } = await open();
    const lower = await paused(store, () => store.append([commitOf("b", 0, ["b1"])]));
    await other.append([commitOf("c", 0, ["c1"])]);
    expect(await readAll(other)).toEqual([]);
    await lower.abort();
    // Whoever has found it held looks again only after a while.
    await expect.poll(async () => idsOf(await readAll(other)), { interval: 10 }).toEqual(["c1"]);
    expect(idsOf(await readAll(store))).toEqual(["c1"]);
  });

  describe("of two appends that stand on the same version, the one that comes later waits for the other, and", () => {
    test.each([
      ["one that is there", 1],
      ["none", 0],
    ])("is a conflict with what that has stored: %s", async (_title, version) => {
      const { database, store, other } = await open();
      if (version === 1) await store.append([commitOf("t", 0, ["t1"])]);
      const first = await paused(store, () => store.append([commitOf("t", version, ["first"])]));
      // Of two entities, so that it is decided by itself and not together with others.
      const second = other.append([commitOf("t", version, ["second"]), commitOf("u", 0, ["u1"])]);
      await someoneWaits(server, database);
      await first.commit();
      expect(await second).toMatchObject([{ status: "conflict", actualVersion: version + 1 }, { status: "held_back" }]);
      expect(idsOf(await readAll(other)).filter((id) => id !== "t1")).toEqual(["first"]);
    });

    test("is written where that came to nothing", async () => {
      const { database, store, other } = await open();
      const first = await paused(store, () => store.append([commitOf("t", 0, ["first"])]));
      const second = other.append([commitOf("t", 0, ["second"]), commitOf("u", 0, ["u1"])]);
      await someoneWaits(server, database);
      await first.abort();
      expect(await second).toMatchObject([{ status: "written" }, { status: "written" }]);
      expect(idsOf(await readAll(other)).sort()).toEqual(["second", "u1"]);
    });

    test("is answered with the other's events where it has the same idempotency key", async () => {
      const { database, store, other } = await open();
      await store.append([commitOf("t", 0, ["t1"])]);
      const key = { idempotencyKey: "once" };
      const first = await paused(store, () => store.append([commitOf("t", "any", ["t2"], key)]));
      const second = other.append([commitOf("t", "any", ["t2"], key)]);
      await someoneWaits(server, database);
      await first.commit();
      expect(await second).toMatchObject([{ status: "duplicate", version: 2, events: [{ eventId: "t2" }] }]);
      expect(idsOf(await readAll(other))).toEqual(["t1", "t2"]);
    });
  });

  test("a snapshot that was on its way while its entity was erased is not kept", async () => {
    const { database, store, other } = await open();
    await store.append([commitOf("t", 0, ["t1"])]);
    const stream = { entityName: "thing", entityId: "t" };
    const erasing = await paused(store, () => store.erase(stream, { actor: "alice", reason: "asked for" }));
    const saving = other.saveSnapshot({ ...stream, version: 1, eventId: "t1", state: { secret: true } });
    await someoneWaits(server, database);
    await erasing.commit();
    await saving;
    expect(await other.getSnapshot(stream)).toBeNull();
  });
});
