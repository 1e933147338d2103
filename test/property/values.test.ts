import fc from "fast-check";
import type { EventStore, Json } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { commitOf, thing, write } from "../../src/testing/contract/events.ts";
import { openMemoryStore, openStore } from "../support/temp-database.ts";

const stores: readonly (readonly [string, () => EventStore | Promise<EventStore>])[] = [
  ["a SQLite file", async () => (await openStore()).store],
  ["SQLite in memory", async () => (await openMemoryStore()).store],
  ["the memory store", () => createMemoryStore()],
];

test.for(stores)(
  "in %s any JSON comes back unchanged, as a body, in metadata and in a snapshot",
  async ([, create]) => {
    const store = await create();
    await store.migrate();
    let version = 0;
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ stringUnit: "binary", noUnicodeString: false } as object), async (json) => {
        const value = json as Json;
        await write(store, commitOf("t", version, [{ body: value, metadata: { custom: value } }]));
        await store.saveSnapshot({ ...thing, version: version + 1, state: value });
        const [loaded] = await store.load({ ...thing, afterVersion: version });
        const [recounted] = await store.loadHistory({ ...thing, afterVersion: version });
        const text = JSON.stringify(value);
        expect(JSON.stringify(loaded?.body)).toBe(text);
        expect(JSON.stringify(recounted?.metadata.custom)).toBe(text);
        expect(JSON.stringify((await store.getSnapshot(thing))?.state)).toBe(text);
        version++;
      }),
      { numRuns: 200 },
    );
  },
);
