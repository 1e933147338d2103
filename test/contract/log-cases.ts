import { CursorAheadError, type EventStore, type StoredEvent } from "ventyd";
import { describe, expect, test } from "vitest";
import { type CreateStore, commitOf, readAll, upTo, write } from "./events.ts";

/** What the log promises: order, cursors, filters, pages; and the list of entities. */
export function logCases(createStore: CreateStore): void {
  const ids = (events: readonly StoredEvent[]) => events.map(({ eventId }) => eventId);
  const numbered = (from: number, to: number) =>
    upTo(to)
      .slice(from - 1)
      .map((n) => `e${n}`);

  /** e1, e2 ... over several entities; answers with their positions. */
  async function fill(store: EventStore, count: number): Promise<number[]> {
    await store.append(upTo(count).map((n) => commitOf(`t${n % 7}`, "any", [`e${n}`])));
    return (await readAll(store)).map(({ position }) => position);
  }

  describe("read", () => {
    test("yields the whole log in the order of its positions, which are safe integers and increase", async () => {
      const store = await createStore();
      await write(store, commitOf("b", 0, ["e1", "e2"]));
      await write(store, commitOf("a", 0, ["e3"]));
      await write(store, commitOf("b", 2, ["e4"], { entityName: "thing" }));
      const events = await readAll(store);
      expect(ids(events)).toEqual(["e1", "e2", "e3", "e4"]);
      expect(events.every(({ position }) => Number.isSafeInteger(position) && position > 0)).toBe(true);
      expect(events.map(({ position }) => position)).toEqual(
        events.map(({ position }) => position).toSorted((a, b) => a - b),
      );
      expect(new Set(events.map(({ position }) => position)).size).toBe(4);
    });

    test("yields nothing of an empty log", async () => {
      const store = await createStore();
      expect(await readAll(store)).toEqual([]);
      expect(await readAll(store, { order: "desc", after: 0 })).toEqual([]);
    });

    test("takes after and before as exclusive, and order and limit on top", async () => {
      const store = await createStore();
      const positions = await fill(store, 10);
      const at = (n: number) => positions[n - 1] as number;
      expect(ids(await readAll(store, { after: at(3) }))).toEqual(numbered(4, 10));
      expect(ids(await readAll(store, { before: at(3) }))).toEqual(numbered(1, 2));
      expect(ids(await readAll(store, { after: at(3), before: at(7) }))).toEqual(numbered(4, 6));
      expect(ids(await readAll(store, { after: at(3), limit: 2 }))).toEqual(numbered(4, 5));
      expect(ids(await readAll(store, { order: "desc", limit: 3 }))).toEqual(["e10", "e9", "e8"]);
      expect(ids(await readAll(store, { order: "desc", before: at(5), limit: 2 }))).toEqual(["e4", "e3"]);
      expect(ids(await readAll(store, { order: "desc", after: at(8) }))).toEqual(["e10", "e9"]);
      expect(ids(await readAll(store, { after: at(10) }))).toEqual([]);
      expect(ids(await readAll(store, { limit: 0 }))).toEqual([]);
    });

    test("goes on over many pages, in both directions, and stops at the limit", async () => {
      const store = await createStore();
      const positions = await fill(store, 1_000);
      expect(ids(await readAll(store))).toEqual(numbered(1, 1_000));
      expect(ids(await readAll(store, { order: "desc" }))).toEqual(numbered(1, 1_000).reverse());
      for (const limit of [255, 256, 257, 511, 512, 513, 999]) {
        expect(ids(await readAll(store, { limit }))).toEqual(numbered(1, limit));
        expect(ids(await readAll(store, { order: "desc", limit }))).toEqual(numbered(1_001 - limit, 1_000).reverse());
      }
      const middle = positions[499] as number;
      expect(ids(await readAll(store, { after: middle }))).toEqual(numbered(501, 1_000));
      expect(ids(await readAll(store, { before: middle, order: "desc" }))).toEqual(numbered(1, 499).reverse());
    });

    test("of exactly one page, or several, ends", async () => {
      const store = await createStore();
      await fill(store, 512);
      expect(await readAll(store)).toHaveLength(512);
      expect(await readAll(store, { order: "desc" })).toHaveLength(512);
    });

    test("filters by entity name, event name, actor and correlation id, each narrowing the other", async () => {
      const store = await createStore();
      const event = (eventId: string, eventName: string, actor: string, correlationId?: string) => ({
        eventId,
        eventName,
        metadata: { actor, ...(correlationId !== undefined && { correlationId }) },
      });
      await write(store, commitOf("1", 0, [event("e1", "thing:made", "alice", "x"), event("e2", "thing:used", "bob")]));
      await write(
        store,
        commitOf("1", 0, [event("e3", "gadget:made", "alice"), event("e4", "gadget:used", "bob", "x")], {
          entityName: "gadget",
        }),
      );
      await write(store, commitOf("2", 0, ["e5"]));

      expect(ids(await readAll(store, { entityNames: ["gadget"] }))).toEqual(["e3", "e4"]);
      expect(ids(await readAll(store, { entityNames: ["gadget", "thing"] }))).toEqual(numbered(1, 5));
      expect(ids(await readAll(store, { eventNames: ["thing:made", "gadget:used"] }))).toEqual(["e1", "e4"]);
      expect(ids(await readAll(store, { actors: ["bob"] }))).toEqual(["e2", "e4"]);
      expect(ids(await readAll(store, { actors: ["bob", "alice"] }))).toEqual(numbered(1, 4));
      expect(ids(await readAll(store, { correlationIds: ["x"] }))).toEqual(["e1", "e4"]);
      expect(ids(await readAll(store, { correlationIds: ["x"], actors: ["bob"] }))).toEqual(["e4"]);
      expect(ids(await readAll(store, { actors: ["alice"], order: "desc" }))).toEqual(["e3", "e1"]);
      expect(ids(await readAll(store, { actors: ["Alice"] }))).toEqual([]);
      expect(ids(await readAll(store, { eventNames: ["made"] }))).toEqual([]);
      for (const filter of ["entityNames", "eventNames", "actors", "correlationIds"]) {
        expect(ids(await readAll(store, { [filter]: [] })), filter).toEqual([]);
      }
    });

    test("finds what a filter lets through beyond the first page", async () => {
      const store = await createStore();
      await store.append(
        upTo(600).map((n) =>
          commitOf("t", "any", [{ eventId: `e${n}`, metadata: { actor: n % 300 === 0 ? "rare" : "usual" } }]),
        ),
      );
      expect(ids(await readAll(store, { actors: ["rare"] }))).toEqual(["e300", "e600"]);
      expect(await readAll(store, { actors: ["usual"] })).toHaveLength(598);
      expect(ids(await readAll(store, { actors: ["usual"], order: "desc", limit: 300 })).at(-1)).toBe(
        "e300".replace("300", "299"),
      );
    });

    test("sees what is committed between two pages, and nothing twice", async () => {
      const store = await createStore();
      await fill(store, 300);
      const seen: StoredEvent[] = [];
      for await (const event of store.read()) {
        seen.push(event);
        if (seen.length === 10) await store.append([commitOf("late", 0, numbered(301, 400))]);
      }
      expect(ids(seen)).toEqual(numbered(1, 400));
    });

    test("backwards does not see what is committed after it began, and nothing twice", async () => {
      const store = await createStore();
      await fill(store, 300);
      const seen: StoredEvent[] = [];
      for await (const event of store.read({ order: "desc" })) {
        seen.push(event);
        if (seen.length === 10) await store.append([commitOf("late", 0, numbered(301, 400))]);
      }
      expect(ids(seen)).toEqual(numbered(1, 300).reverse());
    });

    test("holds no lock while its reader is slow", async () => {
      const store = await createStore();
      await fill(store, 300);
      const reader = store.read();
      await reader.next();
      await write(store, commitOf("t", 0, ["written meanwhile"]));
      expect((await readAll(store)).at(-1)?.eventId).toBe("written meanwhile");
      await reader.return?.();
    });

    test("of several readers at once gives each the whole log, while others write", async () => {
      const store = await createStore();
      await fill(store, 600);
      const writing = Promise.all(upTo(50).map((n) => write(store, commitOf("late", "any", [`late${n}`]))));
      for (const events of await Promise.all([readAll(store), readAll(store), readAll(store)])) {
        const positions = events.map(({ position }) => position);
        expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
        expect(ids(events).slice(0, 600)).toEqual(numbered(1, 600));
      }
      await writing;
    });

    test("a cursor above the head is an error that names both", async () => {
      const store = await createStore();
      const empty = await readAll(store, { after: 1 }).catch((error: unknown) => error);
      expect(empty).toBeInstanceOf(CursorAheadError);
      expect(empty).toMatchObject({ code: "cursor_ahead", after: 1, head: 0 });

      const head = (await fill(store, 3)).at(-1) as number;
      expect(await readAll(store, { after: head })).toEqual([]);
      await expect(readAll(store, { after: head + 1 })).rejects.toMatchObject({ after: head + 1, head });
      await expect(readAll(store, { after: head + 1, order: "desc" })).rejects.toBeInstanceOf(CursorAheadError);
      // It is about the log, not about what a filter leaves of it.
      expect(await readAll(store, { after: head, actors: ["nobody"] })).toEqual([]);
    });

    test.for([{ after: -1 }, { after: 1.5 }, { after: Number.NaN }, { before: -1 }, { limit: -1 }, { limit: 0.5 }])(
      "refuses %j",
      async (options) => {
        const store = await createStore();
        const read = async () => readAll(store, options);
        await expect(read()).rejects.toMatchObject({ code: "invalid_option" });
      },
    );

    test("B9, B16: positions are of the whole log and never start again", async () => {
      const store = await createStore();
      const [first] = await write(store, commitOf("a", 0, ["e1"]));
      const [other] = await write(store, commitOf("a", 0, ["e2"], { entityName: "gadget" }));
      await store.append([commitOf("a", 0, ["conflict"])]);
      const [last] = await write(store, commitOf("a", 1, ["e3"]));
      expect((other as StoredEvent).position).toBeGreaterThan((first as StoredEvent).position);
      expect((last as StoredEvent).position).toBeGreaterThan((other as StoredEvent).position);
      expect((await store.status()).frontier).toBe((last as StoredEvent).position);
    });
  });

  describe("entities", () => {
    test("lists the entities of one name with version, times and last actor", async () => {
      const store = await createStore();
      const event = (day: number, actor?: string) => ({
        eventCreatedAt: `2024-01-0${day}T00:00:00+01:00`,
        metadata: actor === undefined ? {} : { actor },
      });
      await write(store, commitOf("b", 0, [event(1, "alice"), event(2, "bob"), event(3)]));
      await write(store, commitOf("a", 0, [event(4), event(5, "carol")]));
      await write(store, commitOf("c", 0, [event(6)], { entityName: "gadget" }));
      await write(store, commitOf("b", 3, [event(7, "dave")]));

      expect(await store.entities({ entityName: "thing" })).toEqual([
        {
          entityName: "thing",
          entityId: "a",
          version: 2,
          createdAt: "2024-01-04T00:00:00+01:00",
          updatedAt: "2024-01-05T00:00:00+01:00",
          lastActor: "carol",
        },
        {
          entityName: "thing",
          entityId: "b",
          version: 4,
          createdAt: "2024-01-01T00:00:00+01:00",
          updatedAt: "2024-01-07T00:00:00+01:00",
          lastActor: "dave",
        },
      ]);
      expect(await store.entities({ entityName: "gadget" })).toMatchObject([{ entityId: "c", lastActor: undefined }]);
      expect(await store.entities({ entityName: "nothing" })).toEqual([]);
    });

    test("are listed page by page: 100 unless told otherwise, after an id, that id excluded", async () => {
      const store = await createStore();
      const all = upTo(250).map((n) => `t${String(n).padStart(3, "0")}`);
      await store.append(all.toReversed().map((id) => commitOf(id, 0, [{}, {}])));
      const page = async (options: object) =>
        (await store.entities({ entityName: "thing", ...options })).map(({ entityId }) => entityId);
      expect(await page({})).toEqual(all.slice(0, 100));
      expect(await page({ after: "t100" })).toEqual(all.slice(100, 200));
      expect(await page({ after: "t200" })).toEqual(all.slice(200));
      expect(await page({ after: "t250" })).toEqual([]);
      // The id need not exist.
      expect(await page({ after: "t1005", limit: 1 })).toEqual(["t101"]);
      expect(await page({ limit: 3 })).toEqual(all.slice(0, 3));
      expect(await page({ limit: 1_000 })).toEqual(all);
    });

    test.for([0, -1, 1.5, Number.NaN])("refuse a limit of %d", async (limit) => {
      const store = await createStore();
      await expect(store.entities({ entityName: "thing", limit })).rejects.toMatchObject({ code: "invalid_option" });
    });

    test("stand in the order of the UTF-8 bytes of their ids", async () => {
      const store = await createStore();
      // U+FF5E is below U+1F600 in code points and bytes, above it in the units that JavaScript compares.
      const inOrder = ["", "A", "Z", "a", "a ", "aa", "z", "\u00e4", "\u00e9", "\uff5e", "\uffff", "\u{1f600}"].slice(
        1,
      );
      expect(inOrder.toSorted()).not.toEqual(inOrder);
      expect(inOrder.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))).toEqual(inOrder);
      await store.append(inOrder.toSorted().map((id) => commitOf(id, 0, [{}])));
      const listed = await store.entities({ entityName: "thing" });
      expect(listed.map(({ entityId }) => entityId)).toEqual(inOrder);

      const paged: string[] = [];
      for (;;) {
        const after = paged.at(-1);
        const [next] = await store.entities({ entityName: "thing", limit: 1, ...(after !== undefined && { after }) });
        if (next === undefined) break;
        paged.push(next.entityId);
      }
      expect(paged).toEqual(inOrder);
    });
  });
}
