import type { EventStore } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { adapterContract, type ContractStoreOptions } from "ventyd/testing";
import { describe, expect, test } from "vitest";
import { type Defect, storeDefects } from "./store-defects.ts";

/** Runs the contract as a test runner would, but only the cases of some titles; answers with those that fail. */
async function failures(plant: Defect, titles: readonly string[]): Promise<string[]> {
  const groups: unknown[] = [];
  const cases = new Map<string, () => Promise<void>>();
  const runner = {
    describe: (_: string, body: () => unknown) => void groups.push(body()),
    test: (title: string, body: () => Promise<void>) => void cases.set(title, body),
  };
  const createStore = (options: ContractStoreOptions) => {
    const store = createMemoryStore(options);
    // The methods as they were, which a defect calls, are taken off before it is planted.
    const names = Object.getOwnPropertyNames(Object.getPrototypeOf(store)) as (keyof EventStore)[];
    const methods = names.map((name) => [name, (store[name] as (...args: unknown[]) => unknown).bind(store)]);
    return Object.assign(store, plant(Object.fromEntries(methods)));
  };
  adapterContract(runner, createStore, { durable: false, applicationTransactions: false, migrations: false });
  await Promise.all(groups);
  const failed: string[] = [];
  for (const title of titles)
    await cases
      .get(title)?.()
      .catch(() => failed.push(title));
  return failed;
}

describe("the contract", () => {
  test.for(storeDefects)("fails a store that %s", async ([, title, plant]) => {
    expect(await failures(plant, [title])).toEqual([title]);
  });

  test("passes the same store without a defect, case by case", async () => {
    const titles = storeDefects.map(([, title]) => title);
    expect(await failures(() => ({}), titles)).toEqual([]);
  });
});
