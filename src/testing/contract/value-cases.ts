import type { Metadata } from "../../attribution/metadata.ts";
import type { StoredEvent } from "../../schema/event.ts";
import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import type { Json } from "../../util/json.ts";
import { equal, matches, ok, rejects } from "../expect.ts";
import { commitOf, readAll, thing, write } from "./events.ts";
import type { Suite } from "./suite.ts";
import { awkwardBodies } from "./values.ts";

/** What "unchanged" means for bodies and metadata. */
export function valueCases(suite: Suite<EventStore>, can: StoreCapabilities): void {
  const { describe, test } = suite;

  describe("values", () => {
    for (const [title, body] of awkwardBodies) {
      test(`a body comes back unchanged: ${title}`, async ({ createStore }) => {
        const store = await createStore();
        const text = JSON.stringify(body);
        const [written] = await write(store, commitOf("t", 0, [{ body }]));
        const [loaded] = await store.load(thing);
        const [recounted] = await store.loadHistory(thing);
        const [read] = await readAll(store);
        for (const event of [written, loaded, recounted, read]) equal(JSON.stringify(event?.body), text);
        equal(({} as { polluted?: boolean }).polluted, undefined, "the prototype of objects");
      });
    }

    test("a snapshot comes back unchanged, whatever JSON it holds", async ({ createStore }) => {
      const store = await createStore();
      for (const [index, [title, state]] of awkwardBodies.entries()) {
        await store.saveSnapshot({ ...thing, version: index + 1, state });
        equal(JSON.stringify((await store.getSnapshot(thing))?.state), JSON.stringify(state), title);
      }
    });

    test("a body of 1 MiB comes back unchanged, one byte more is refused, and nothing is written", async ({
      createStore,
    }) => {
      const mebibyte = 1024 * 1024;
      const store = await createStore();
      const fits = "x".repeat(mebibyte - 2);
      await write(store, commitOf("t", 0, [{ body: fits }]));
      ok((await store.load(thing))[0]?.body === fits, "the body is the same");
      await rejects(store.append([commitOf("t", 1, ["b", { body: `${fits}x` }])]), { code: "body_too_large" });
      equal((await readAll(store)).length, 1);
    });

    test("the size of a body is counted in bytes of its JSON in UTF-8", async ({ createStore }) => {
      const store = await createStore({ maxBodyBytes: 10 });
      // Quotes are two bytes: eight are left.
      const fitting = ["12345678", "éééé", "\u{1f600}\u{1f600}", "\u20ac\u20acab", "\n\n\n\n", "\u0000ab"];
      const larger = ["123456789", "ééééa", "\u{1f600}\u{1f600}a", "\u20ac\u20acabc", "\n\n\n\na", "\u0000abc"];
      for (const body of fitting) await write(store, commitOf("t", "any", [{ body }]));
      for (const body of larger) {
        const append = store.append([commitOf("t", "any", [{ body }])]);
        await rejects(append, { code: "body_too_large" }, JSON.stringify(body));
      }
      equal(
        (await store.load(thing)).map(({ body }) => body),
        fitting,
      );
    });

    test("whether a body is what its schema made of the input comes back with each event", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, [{ bodyIsOutput: true }, { bodyIsOutput: false }]));
      await write(store, commitOf("t", 2, [{ bodyIsOutput: false }, { bodyIsOutput: true }]));
      const flags = (await store.load(thing)).map(({ bodyIsOutput }) => bodyIsOutput);
      equal(flags, [true, false, false, true]);
    });

    test("no two events share an object, neither with each other nor with what was handed in", async ({
      createStore,
    }) => {
      const store = await createStore();
      const body = { list: [1] };
      const metadata = { custom: { a: 1 } };
      await write(
        store,
        commitOf("t", 0, [
          { body, metadata },
          { body, metadata },
        ]),
      );
      body.list.push(2);
      metadata.custom.a = 2;
      const [first, second] = (await store.loadHistory(thing)) as [StoredEvent, StoredEvent];
      equal(first.body, { list: [1] });
      if (can.metadata) equal(first.metadata, { custom: { a: 1 } });
      (first.body as unknown as { list: number[] }).list.push(3);
      equal(second.body, { list: [1] });
      matches((await store.load(thing))[0], { body: { list: [1] } });
      matches((await readAll(store))[0], { body: { list: [1] } });
    });

    test("what a caller does to an answer changes nothing that is stored", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, [{ body: { list: [1] } }]));
      await store.saveSnapshot({ ...thing, version: 1, state: { list: [1] } });
      const answers = [
        ...(await store.load(thing)).map(({ body }) => body),
        ...(await readAll(store)).map(({ body }) => body),
        (await store.getSnapshot(thing))?.state as unknown as Json,
      ];
      for (const answer of answers as unknown as { list: number[] }[]) answer.list.push(2);
      matches(await store.load(thing), [{ body: { list: [1] } }]);
      matches(await store.getSnapshot(thing), { state: { list: [1] } });
    });
  });

  suite.where(can.metadata, "the store keeps no metadata").describe("metadata", () => {
    const { test } = suite.where(can.metadata, "the store keeps no metadata");

    test("comes back unchanged, each key in its place", async ({ createStore }) => {
      const store = await createStore();
      const custom = JSON.parse(
        '{"__proto__":{"polluted":true},"constructor":1,"ip":"::1","nested":{"b":1,"a":[null,"\\u0000","\\ud800"]},"":0,"position":5,"body":"no"}',
      ) as Metadata;
      const all: Metadata = {
        actor: "alice",
        reason: "a\nb ' \" \\",
        correlationId: "c-1",
        causationId: "e-0",
        ...custom,
      };
      const given: Metadata[] = [
        {},
        { actor: "alice" },
        { reason: "only why" },
        { correlationId: "c" },
        { causationId: "e" },
        custom,
        all,
      ];
      const events = given.map((metadata) => ({ metadata }));
      const written = await write(store, commitOf("t", 0, events));
      for (const stored of [written, await store.loadHistory(thing), await readAll(store)]) {
        equal(
          stored.map(({ metadata }) => metadata),
          given,
        );
        const hostile = stored[5]?.metadata as Metadata;
        ok(Object.hasOwn(hostile, "__proto__"), "__proto__ is a key like others");
        equal(Object.getPrototypeOf(hostile), Object.prototype);
      }
      equal(({} as { polluted?: boolean }).polluted, undefined, "the prototype of objects");
    });

    test("is not what a fold is given", async ({ createStore }) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, [{ metadata: { actor: "alice" } }]));
      const [event] = await store.load(thing);
      ok(event !== undefined && !("metadata" in event), "load gives no metadata");
    });
  });
}
