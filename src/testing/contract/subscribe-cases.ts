import { CursorAheadError } from "../../errors/index.ts";
import type { StoredEvent } from "../../schema/event.ts";
import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { pause } from "../../util/timers.ts";
import { equal, matches, rejects } from "../expect.ts";
import { commitOf, ids, noon, numbered, readAll, soon, take, upTo, write } from "./events.ts";
import type { Suite } from "./suite.ts";

/** What `subscribe` promises. */
export function subscribeCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite;

  async function fill(store: EventStore, from: number, to: number): Promise<void> {
    for (const id of numbered(from, to)) await write(store, commitOf("t", "any", [id]));
  }

  describe("subscribe", () => {
    test("catches up from a position, then tells of what is stored", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 1, 3);
      const subscription = store.subscribe({ after: 0 });
      equal(ids(await take(subscription, 3)), numbered(1, 3));
      await fill(store, 4, 5);
      equal(ids(await take(subscription, 2)), numbered(4, 5));
      await subscription.return?.();
    });

    test("gives events as they are read from the log", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, [{ body: { n: 1 }, metadata: { actor: "alice" } }, {}]));
      const subscription = store.subscribe({ after: 0 });
      equal(await take(subscription, 2), await readAll(store));
      await subscription.return?.();
    });

    test("starts behind the position that it is given", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 1, 3);
      const [, second] = await readAll(store);
      const subscription = store.subscribe({ after: (second as StoredEvent).position });
      equal(ids(await take(subscription, 1)), ["e3"]);
      await subscription.return?.();
    });

    test("without a position tells of what is stored after the call, also if the loop begins later", async ({
      createStore,
    }) => {
      const store = await createStore();
      await fill(store, 1, 2);
      const subscription = store.subscribe();
      await fill(store, 3, 4);
      const next = take(subscription, 3);
      await fill(store, 5, 7);
      equal(ids(await next), ["e3", "e4", "e5"]);
      await subscription.return?.();
    });

    test("wakes up from waiting when something is stored", async ({ createStore }) => {
      const store = await createStore();
      const subscription = store.subscribe();
      const next = take(subscription, 1);
      await pause(0);
      await fill(store, 1, 1);
      equal(ids(await next), ["e1"]);
      await subscription.return?.();
    });

    test("catches up over many pages", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, numbered(1, 1_200)));
      const subscription = store.subscribe({ after: 0 });
      equal(ids(await take(subscription, 1_200)), numbered(1, 1_200));
      await subscription.return?.();
    });

    test("gives each event once and in order, however many write at once", async ({ createStore }) => {
      const store = await createStore();
      const subscription = store.subscribe();
      const seen = take(subscription, 200);
      await Promise.all(upTo(100).map((n) => write(store, commitOf(`t${n % 10}`, "any", [`a${n}`, `b${n}`]))));
      equal(ids(await seen), ids(await readAll(store)));
      await fill(store, 1, 1);
      equal(ids(await take(subscription, 1)), ["e1"]);
      await subscription.return?.();
    });

    test("lets through what its filters let through, each narrowing the other", async ({ createStore }) => {
      const store = await createStore();
      const subscriptions = [
        { entityNames: ["gadget"] },
        { eventNames: ["thing:used"] },
        { entityNames: ["thing"], eventNames: ["thing:made", "gadget:made"] },
      ].map((filters) => store.subscribe({ after: 0, ...filters }));
      await write(store, commitOf("t", 0, [{ eventId: "e1", eventName: "thing:made" }]));
      const gadget = { entityName: "gadget" };
      await write(store, commitOf("g", 0, [{ eventId: "e2", eventName: "gadget:made" }], gadget));
      await write(store, commitOf("t", 1, [{ eventId: "e3", eventName: "thing:used" }]));
      const first = await Promise.all(subscriptions.map((subscription) => take(subscription, 1)));
      equal(first.map(ids), [["e2"], ["e3"], ["e1"]]);
      for (const subscription of subscriptions) await subscription.return?.();
    });

    suite
      .where(can.metadata, "the store keeps no metadata")
      .test("filters by actor and by correlation id", async ({ createStore }) => {
        const store = await createStore();
        const byActor = store.subscribe({ after: 0, actors: ["bob"] });
        const together = store.subscribe({ after: 0, correlationIds: ["c"] });
        await write(store, commitOf("t", 0, [{ eventId: "e1", metadata: { actor: "alice", correlationId: "c" } }]));
        await write(store, commitOf("t", 1, [{ eventId: "e2", metadata: { actor: "bob" } }]));
        equal(ids(await take(byActor, 1)), ["e2"]);
        equal(ids(await take(together, 1)), ["e1"]);
        for (const subscription of [byActor, together]) await subscription.return?.();
      });

    test("filters by the time of recording, across what was there and what comes", async ({ createStore }) => {
      let clock = noon;
      const store = await createStore({ now: () => new Date(clock) });
      const at = async (time: string, ...eventIds: string[]) => {
        clock = time;
        for (const id of eventIds) await write(store, commitOf(id, 0, [id]));
      };
      await at("2024-01-01T00:00:00.000Z", "e1");
      await at("2024-01-02T00:00:00.000Z", "e2");
      const subscription = store.subscribe({ after: 0, recordedFrom: "2024-01-02T00:00:00Z" });
      equal(ids(await take(subscription, 1)), ["e2"]);
      await at("2024-01-01T23:59:59.999Z", "e3");
      await at("2024-01-03T00:00:00.000Z", "e4");
      equal(ids(await take(subscription, 1)), ["e4"]);
      await subscription.return?.();
    });

    test("finds what a filter lets through after much that it does not", async ({ createStore }) => {
      const store = await createStore();
      const subscription = store.subscribe({ eventNames: ["thing:rare"] });
      const next = take(subscription, 2);
      for (const batch of upTo(3)) {
        await write(store, commitOf("t", "any", numbered(batch * 1_000, batch * 1_000 + 400)));
        await write(store, commitOf("t", "any", [{ eventId: `rare${batch}`, eventName: "thing:rare" }]));
      }
      equal(ids(await next), ["rare1", "rare2"]);
      equal(ids(await take(subscription, 1)), ["rare3"]);
      await subscription.return?.();
    });

    test("ends without an error when its signal says so, also while it waits", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 1, 2);
      const controller = new AbortController();
      const subscription = store.subscribe({ after: 0, signal: controller.signal });
      await take(subscription, 2);
      const waiting = subscription.next();
      await pause(0);
      controller.abort();
      matches(await soon(waiting, "the end"), { done: true });
    });

    test("ends at once when its signal has been given before, or between two events", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 1, 3);
      const before = store.subscribe({ after: 0, signal: AbortSignal.abort() });
      matches(await soon(before.next(), "the end"), { done: true });
      const controller = new AbortController();
      const seen: StoredEvent[] = [];
      for await (const event of store.subscribe({ after: 0, signal: controller.signal })) {
        seen.push(event);
        if (seen.length === 2) controller.abort();
      }
      equal(ids(seen), ["e1", "e2"]);
    });

    test("ends when its loop is left, and the store goes on", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 1, 3);
      for await (const event of store.subscribe({ after: 0 })) if (event.eventId === "e2") break;
      await fill(store, 4, 4);
      equal((await readAll(store)).length, 4);
    });

    test("ends at once when it is left while it waits, and tells whoever waits so", async ({ createStore }) => {
      const store = await createStore();
      const subscription = store.subscribe();
      const waiting = subscription.next();
      await pause(0);
      matches(await soon(subscription.return?.() ?? waiting, "the end of return()"), { done: true });
      matches(await soon(waiting, "the end of next()"), { done: true });
      await fill(store, 1, 1);
      matches(await subscription.next(), { done: true });
    });

    test("whose signal has been given before ends without an error, also over a closed store", async ({
      createStore,
    }) => {
      const store = await createStore();
      await store.close();
      matches(await soon(store.subscribe({ signal: AbortSignal.abort() }).next(), "the end"), { done: true });
    });

    test("that has ended listens to its signal no more, whichever way it ended", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 1, 2);
      const listeners = new Set<unknown>();
      const watched = {
        aborted: false,
        addEventListener: (_type: "abort", listener: () => void) => void listeners.add(listener),
        removeEventListener: (_type: "abort", listener: () => void) => void listeners.delete(listener),
      };
      for await (const _ of store.subscribe({ after: 0, signal: watched })) break;
      equal(listeners.size, 0, "listeners once its loop was left");
      const left = store.subscribe({ signal: watched });
      const waiting = left.next();
      await pause(0);
      await left.return?.();
      await soon(waiting, "the end");
      equal(listeners.size, 0, "listeners once it was left while it waited");
      const { frontier } = await store.status();
      const ahead = store.subscribe({ after: frontier + 1, signal: watched });
      await rejects(soon(ahead.next(), "the error"), CursorAheadError);
      equal(listeners.size, 0, "listeners once it was rejected");
      await store.subscribe({ signal: watched }).return?.();
      equal(listeners.size, 0, "listeners of one whose loop never began");
    });

    test("of several at once tells each of everything, at its own pace", async ({ createStore }) => {
      const store = await createStore();
      const [fast, slow] = [store.subscribe(), store.subscribe()];
      await fill(store, 1, 2);
      equal(ids(await take(fast, 2)), ["e1", "e2"]);
      await fill(store, 3, 3);
      equal(ids(await take(fast, 1)), ["e3"]);
      equal(ids(await take(slow, 3)), numbered(1, 3));
      for (const subscription of [fast, slow]) await subscription.return?.();
    });

    test("lets its reader write, and tells it of that", async ({ createStore }) => {
      const store = await createStore();
      const seen: string[] = [];
      await fill(store, 1, 1);
      for await (const { eventId } of store.subscribe({ after: 0 })) {
        seen.push(eventId);
        if (seen.length === 3) break;
        await fill(store, seen.length + 1, seen.length + 1);
      }
      equal(seen, numbered(1, 3));
    });

    test("never shows what a transaction took back, nor anything of one before its end", async ({ createStore }) => {
      const store = await createStore();
      const subscription = store.subscribe();
      const next = take(subscription, 2);
      const aborted = store.transaction(async () => {
        await write(store, commitOf("t", 0, ["aborted"]));
        await pause(0);
        throw new Error("aborted");
      });
      await rejects(aborted, { message: "aborted" });
      await store.transaction(async () => {
        await write(store, commitOf("t", 0, ["e1"]));
        await write(store, commitOf("u", 0, ["e2"]));
      });
      equal(ids(await next), ["e1", "e2"]);
      await subscription.return?.();
    });

    test("after a position above the head is an error that names both", async ({ createStore }) => {
      const store = await createStore();
      await fill(store, 1, 1);
      const { frontier: head } = await store.status();
      const error = await rejects(soon(store.subscribe({ after: head + 1 }).next(), "the error"), CursorAheadError);
      matches(error, { after: head + 1, head });
    });

    test("is rejected when the store is closed under it", async ({ createStore }) => {
      const store = await createStore();
      const subscription = store.subscribe();
      const next = subscription.next();
      await pause(0);
      await store.close();
      await rejects(soon(next, "the error"), { code: "store_closed" });
    });
  });
}
