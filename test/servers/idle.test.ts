import { expect, test } from "vitest";
import { commitOf, storedIds, write } from "../../src/testing/contract/events.ts";
import { openDatabase, sideBySide } from "./servers.ts";

test("a store.transaction may be idle for as long as its timeout lets it: 11 of 15 seconds, and it commits", async () => {
  await sideBySide(async (server) => {
    const { store } = await openDatabase(server);
    const work = async () => {
      await write(store, commitOf("a", 0, ["a1"]));
      await new Promise((resolve) => setTimeout(resolve, 11_000));
      await write(store, commitOf("b", 0, ["b1"]));
    };
    await store.transaction(work, { timeout: 15_000 });
    expect([await storedIds(store, "a"), await storedIds(store, "b")]).toEqual([["a1"], ["b1"]]);
  });
}, 30_000);
