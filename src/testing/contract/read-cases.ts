import { CursorAheadError } from "../../errors/index.ts";
import type { StoredEvent } from "../../schema/event.ts";
import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { equal, matches, ok, rejects } from "../expect.ts";
import { commitOf, ids, noon, numbered, readAll, upTo, write, writeAll } from "./events.ts";
import type { Suite } from "./suite.ts";

/** e1, e2 ... over several entities; answers with their positions. */
async function fill(store: EventStore, count: number): Promise<number[]> {
  const commits = upTo(count).map((n) => commitOf(`t${n % 7}`, "any", [`e${n}`]));
  await writeAll(store, commits);
  return (await readAll(store)).map(({ position }) => position);
}

/** What reading the log promises: order, cursors, pages, filters. */
export function readCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite;

  describe("read", () => {
    test("yields the whole log in the order of its positions, which are safe integers and increase", async ({
      createStore,
    }) => {
      const store = await createStore();
      await write(store, commitOf("b", 0, ["e1", "e2"]));
      await write(store, commitOf("a", 0, ["e3"]));
      await write(store, commitOf("b", 2, ["e4"]));
      const events = await readAll(store);
      equal(ids(events), numbered(1, 4));
      const positions = events.map(({ position }) => position);
      ok(
        positions.every((position) => Number.isSafeInteger(position) && position > 0),
        "positions are safe integers above 0",
      );
      equal(
        positions,
        [...new Set(positions)].toSorted((a, b) => a - b),
      );
    });

    test("yields nothing of an empty log", async ({ createStore }) => {
      const store = await createStore();
      equal(await readAll(store), []);
      equal(await readAll(store, { order: "desc", after: 0 }), []);
    });

    test("takes after and before as exclusive, and order and limit on top", async ({ createStore }) => {
      const store = await createStore();
      const positions = await fill(store, 10);
      const at = (n: number) => positions[n - 1] as number;
      equal(ids(await readAll(store, { after: at(3) })), numbered(4, 10));
      equal(ids(await readAll(store, { before: at(3) })), numbered(1, 2));
      equal(ids(await readAll(store, { after: at(3), before: at(7) })), numbered(4, 6));
      equal(ids(await readAll(store, { after: at(3), limit: 2 })), numbered(4, 5));
      equal(ids(await readAll(store, { order: "desc", limit: 3 })), ["e10", "e9", "e8"]);
      equal(ids(await readAll(store, { order: "desc", before: at(5), limit: 2 })), ["e4", "e3"]);
      equal(ids(await readAll(store, { order: "desc", after: at(8) })), ["e10", "e9"]);
      equal(ids(await readAll(store, { after: at(10) })), []);
      equal(ids(await readAll(store, { limit: 0 })), []);
    });

    test("goes on over many pages, in both directions, and stops at the limit", async ({ createStore }) => {
      const store = await createStore();
      const positions = await fill(store, 1_000);
      equal(ids(await readAll(store)), numbered(1, 1_000));
      equal(ids(await readAll(store, { order: "desc" })), numbered(1, 1_000).reverse());
      for (const limit of [255, 256, 257, 499, 500, 501, 511, 512, 513, 999]) {
        equal(ids(await readAll(store, { limit })), numbered(1, limit));
        equal(ids(await readAll(store, { order: "desc", limit })), numbered(1_001 - limit, 1_000).reverse());
      }
      const middle = positions[499] as number;
      equal(ids(await readAll(store, { after: middle })), numbered(501, 1_000));
      equal(ids(await readAll(store, { before: middle, order: "desc" })), numbered(1, 499).reverse());
    });

    test("of exactly one page, or several, ends", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 512);
      equal((await readAll(store)).length, 512);
      equal((await readAll(store, { order: "desc" })).length, 512);
    });

    test("filters by entity name and event name, each narrowing the other", async ({ createStore }) => {
      const store = await createStore();
      const event = (eventId: string, eventName: string) => ({ eventId, eventName });
      await write(store, commitOf("1", 0, [event("e1", "thing:made"), event("e2", "thing:used")]));
      const gadget = { entityName: "gadget" };
      await write(store, commitOf("1", 0, [event("e3", "gadget:made"), event("e4", "gadget:used")], gadget));
      await write(store, commitOf("2", 0, [event("e5", "thing:made")]));

      equal(ids(await readAll(store, { entityNames: ["gadget"] })), ["e3", "e4"]);
      equal(ids(await readAll(store, { entityNames: ["gadget", "thing"] })), numbered(1, 5));
      equal(ids(await readAll(store, { eventNames: ["thing:made", "gadget:used"] })), ["e1", "e4", "e5"]);
      equal(ids(await readAll(store, { eventNames: ["thing:made"], order: "desc" })), ["e5", "e1"]);
      equal(ids(await readAll(store, { eventNames: ["thing:made"], entityNames: ["gadget"] })), []);
      equal(ids(await readAll(store, { eventNames: ["made"] })), []);
      equal(ids(await readAll(store, { entityNames: ["Thing"] })), []);
      for (const filter of ["entityNames", "eventNames", "actors", "correlationIds"]) {
        equal(ids(await readAll(store, { [filter]: [] })), [], filter);
      }
    });

    suite
      .where(can.metadata, "the store keeps no metadata")
      .test("filters by actor and by correlation id, each narrowing the other", async ({ createStore }) => {
        const store = await createStore();
        const event = (eventId: string, actor: string, correlationId?: string) => ({
          eventId,
          metadata: { actor, ...(correlationId !== undefined && { correlationId }) },
        });
        await write(store, commitOf("1", 0, [event("e1", "alice", "x"), event("e2", "bob")]));
        await write(store, commitOf("1", 0, [event("e3", "alice"), event("e4", "bob", "x")], { entityName: "gadget" }));
        await write(store, commitOf("2", 0, ["e5"]));

        equal(ids(await readAll(store, { actors: ["bob"] })), ["e2", "e4"]);
        equal(ids(await readAll(store, { actors: ["bob", "alice"] })), numbered(1, 4));
        equal(ids(await readAll(store, { correlationIds: ["x"] })), ["e1", "e4"]);
        equal(ids(await readAll(store, { correlationIds: ["x"], actors: ["bob"] })), ["e4"]);
        equal(ids(await readAll(store, { actors: ["bob"], entityNames: ["thing"] })), ["e2"]);
        equal(ids(await readAll(store, { actors: ["alice"], order: "desc" })), ["e3", "e1"]);
        equal(ids(await readAll(store, { actors: ["Alice"] })), []);
      });

    test("filters by the time of recording: from an instant on, and before another", async ({ createStore }) => {
      let clock = noon;
      const store = await createStore({ now: () => new Date(clock) });
      for (const n of upTo(5)) {
        clock = `2024-01-0${n}T00:00:00.000Z`;
        await write(store, commitOf(`t${n}`, 0, [`e${n}`], n % 2 === 0 ? { entityName: "gadget" } : {}));
      }
      const [second, fourth] = ["2024-01-02T00:00:00.000Z", "2024-01-04T00:00:00.000Z"];
      equal(ids(await readAll(store, { recordedFrom: second })), numbered(2, 5));
      equal(ids(await readAll(store, { recordedBefore: second })), ["e1"]);
      equal(ids(await readAll(store, { recordedFrom: second, recordedBefore: fourth })), numbered(2, 3));
      equal(ids(await readAll(store, { recordedFrom: "2024-01-02T00:00:00.001Z" })), numbered(3, 5));
      equal(ids(await readAll(store, { recordedFrom: fourth, recordedBefore: fourth })), []);
      // The same instants, said otherwise.
      const said = { recordedFrom: new Date(second), recordedBefore: "2024-01-04T02:00:00+02:00" };
      equal(ids(await readAll(store, { ...said, order: "desc" })), ["e3", "e2"]);
      equal(ids(await readAll(store, { recordedFrom: second, limit: 2 })), numbered(2, 3));
      equal(ids(await readAll(store, { recordedFrom: second, entityNames: ["gadget"] })), ["e2", "e4"]);
      const [, third] = await readAll(store, { recordedFrom: second });
      equal(ids(await readAll(store, { recordedFrom: second, after: third?.position })), numbered(4, 5));
      equal(ids(await readAll(store, { recordedFrom: second, before: third?.position })), ["e2"]);
    });

    test("finds what was recorded in a span of time wherever it stands, also after clocks that went back", async ({
      createStore,
    }) => {
      let clock = noon;
      const store = await createStore({ now: () => new Date(clock) });
      const days = ["2024-01-01", "2024-01-02", "2024-01-03", "2020-01-01", "2024-01-02", "2024-01-04"];
      for (const [n, day] of days.entries()) {
        clock = `${day}T00:00:00.000Z`;
        await write(store, commitOf(`t${n}`, 0, numbered(n * 2_000 + 1, (n + 1) * 2_000)));
      }
      const ofDay = (n: number) => numbered(n * 2_000 + 1, (n + 1) * 2_000);
      // A first look, behind which something is stored.
      const [last] = await readAll(store, { order: "desc", limit: 1 });
      clock = "2024-01-02T00:00:00.000Z";
      await write(store, commitOf("late", 0, ["late"]));
      const second = { recordedFrom: clock, recordedBefore: "2024-01-03T00:00:00.000Z" };
      const expected = [...ofDay(1), ...ofDay(4), "late"];
      equal(ids(await readAll(store, second)), expected);
      equal(ids(await readAll(store, { ...second, order: "desc" })), expected.toReversed());
      equal(ids(await readAll(store, { ...second, order: "desc", limit: 3 })), ["late", "e10000", "e9999"]);
      equal(ids(await readAll(store, { ...second, before: last?.position, limit: 2_001 })), [...ofDay(1), "e8001"]);
      equal(ids(await readAll(store, { recordedBefore: "2021-01-01T00:00:00.000Z" })), ofDay(3));
      equal(ids(await readAll(store, { recordedFrom: "2024-01-04T00:00:00.000Z" })), ofDay(5));
      equal(await readAll(store, { recordedFrom: "2025-01-01T00:00:00.000Z" }), []);
      equal(await readAll(store, { recordedBefore: "2019-01-01T00:00:00.000Z", order: "desc" }), []);
    });

    test("finds what a filter lets through beyond the first page", async ({ createStore }) => {
      const store = await createStore();
      const events = upTo(600).map((n) => ({
        eventId: `e${n}`,
        eventName: n % 300 === 0 ? "thing:rare" : "thing:usual",
      }));
      await write(store, commitOf("t", 0, events));
      equal(ids(await readAll(store, { eventNames: ["thing:rare"] })), ["e300", "e600"]);
      equal((await readAll(store, { eventNames: ["thing:usual"] })).length, 598);
      const backwards = await readAll(store, { eventNames: ["thing:usual"], order: "desc", limit: 300 });
      equal([backwards.length, backwards.at(-1)?.eventId], [300, "e299"]);
    });

    test("sees what is committed between two pages, and nothing twice", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 600);
      const seen: StoredEvent[] = [];
      for await (const event of store.read()) {
        seen.push(event);
        if (seen.length === 10) await store.append([commitOf("late", 0, numbered(601, 700))]);
      }
      equal(ids(seen), numbered(1, 700));
    });

    test("backwards does not see what is committed after it began, and nothing twice", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 600);
      const seen: StoredEvent[] = [];
      for await (const event of store.read({ order: "desc" })) {
        seen.push(event);
        if (seen.length === 10) await store.append([commitOf("late", 0, numbered(601, 700))]);
      }
      equal(ids(seen), numbered(1, 600).reverse());
    });

    test("holds no lock while its reader is slow", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 300);
      const reader = store.read();
      await reader.next();
      await write(store, commitOf("t", 0, ["written meanwhile"]));
      equal((await readAll(store)).at(-1)?.eventId, "written meanwhile");
      await reader.return?.();
    });

    test("of several readers at once gives each the whole log, while others write", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 600);
      const writing = Promise.all(upTo(50).map((n) => write(store, commitOf("late", "any", [`late${n}`]))));
      for (const events of await Promise.all([readAll(store), readAll(store), readAll(store)])) {
        const positions = events.map(({ position }) => position);
        equal(
          positions,
          [...new Set(positions)].toSorted((a, b) => a - b),
        );
        equal(ids(events).slice(0, 600), numbered(1, 600));
      }
      await writing;
    });

    test("a cursor above the head is an error that names both", async ({ createStore }) => {
      const store = await createStore();
      const empty = await rejects(readAll(store, { after: 1 }), CursorAheadError);
      matches(empty, { code: "cursor_ahead", after: 1, head: 0 });

      const head = (await fill(store, 3)).at(-1) as number;
      equal(await readAll(store, { after: head }), []);
      await rejects(readAll(store, { after: head + 1 }), { after: head + 1, head });
      await rejects(readAll(store, { after: head + 1, order: "desc" }), CursorAheadError);
      // It is about the log, not about what a filter leaves of it.
      equal(await readAll(store, { after: head, eventNames: ["thing:never"] }), []);
    });

    for (const options of [
      { after: -1 },
      { after: 1.5 },
      { after: Number.NaN },
      { before: -1 },
      { limit: -1 },
      { limit: 0.5 },
      { order: "backwards" as "asc" },
    ]) {
      const [[name, value]] = Object.entries(options) as [[string, unknown]];
      test(`refuses ${name}: ${value}`, async ({ createStore }) => {
        const store = await createStore();
        await rejects(readAll(store, options), { code: "invalid_option" });
      });
    }

    for (const name of ["recordedFrom", "recordedBefore"]) {
      test(`refuses ${name} that is no instant`, async ({ createStore }) => {
        const store = await createStore();
        for (const value of ["2024-01-01", "yesterday", "2024-02-30T00:00:00Z", new Date(Number.NaN), 5]) {
          for (const method of ["read", "subscribe"] as const)
            await rejects((async () => store[method]({ [name]: value }).next())(), { code: "invalid_instant" });
        }
      });
    }

    test("B9, B16: positions are of the whole log and never start again", async ({ createStore }) => {
      const store = await createStore();
      const [first] = await write(store, commitOf("a", 0, ["e1"]));
      const [other] = await write(store, commitOf("a", 0, ["e2"], { entityName: "gadget" }));
      await store.append([commitOf("a", 0, ["conflict"])]);
      const [last] = await write(store, commitOf("a", 1, ["e3"]));
      const positions = [first, other, last].map((event) => event?.position as number);
      equal(
        positions,
        [...new Set(positions)].toSorted((a, b) => a - b),
      );
      equal((await store.status()).frontier, positions[2]);
    });
  });
}
