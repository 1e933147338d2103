import { isEventStore } from "../repository/plain-adapter.ts";
import type { AnyAdapter } from "../repository/types.ts";
import type { EventStore } from "../storage/index.ts";
import { asBackend, type ContractCapabilities, type CreateContractStore } from "./contract/backend.ts";
import { plainCases, plainSnapshotCases, staleWriterCases } from "./contract/plain-cases.ts";
import { storeCases } from "./contract/store-cases.ts";
import { createSuite, type TestRunner } from "./contract/suite.ts";

/**
 * The contract of whatever keeps events, as tests: those of an adapter with two methods for an adapter, and some 300 more for a store.
 *
 * Every case gets a fresh store from `createStore`, with nothing in it; the suite migrates it, and closes it at the end. Entities are called
 * `thing` and `gadget`, and by other names where names are what a case is about.
 *
 * @param runner `{ describe, test }` of Vitest, `node:test` or Bun. Some cases write a thousand events: give each 30 seconds.
 * @param createStore makes the store or the adapter; `{ store, close, reopen, openTransaction }` where there is more to say.
 * A `createStore` that takes no argument is not asked for a clock, a limit or a policy: those cases are skipped.
 * @param capabilities what the backend can do. What it cannot is skipped, and what must happen instead is tried.
 *
 * @example
 * adapterContract({ describe, test }, (options) => createSqliteStore(new Database(":memory:"), options), { durable: false });
 */
export function adapterContract(
  runner: TestRunner,
  createStore: CreateContractStore,
  capabilities: ContractCapabilities = {},
): void {
  // Only a store that is there tells what it is.
  runner.describe("keeps the contract", async () => {
    const backend = asBackend(await createStore({}));
    const { store } = backend;
    const can = isEventStore(store) ? store.capabilities : undefined;
    // Who returns the means to show something says that it is so; a store says by itself what its contents survive.
    const survives = isEventStore(store) ? (await store.status()).durability.survives : "none";
    const { durable = survives !== "none", migrations = true } = capabilities;
    const reopens = capabilities.durable === true || backend.reopen !== undefined;
    const { concurrentStores = durable && reopens, newerBuilds = backend.addMigration !== undefined } = capabilities;
    const { applicationTransactions = backend.openTransaction !== undefined } = capabilities;
    const { refusesStaleVersions = true, keepsTimeText = true } = capabilities;
    const hasSnapshots = "getSnapshot" in store && "saveSnapshot" in store;
    if (isEventStore(store)) await store.close();
    await backend.close?.();

    const plain = createSuite<AnyAdapter>(runner, createStore);
    plainCases(plain, keepsTimeText);
    staleWriterCases(plain, refusesStaleVersions);
    if (hasSnapshots) plainSnapshotCases(plain as never);
    if (can === undefined) return;
    const able = {
      durable,
      reopens,
      concurrentStores,
      applicationTransactions,
      migrations,
      newerBuilds,
      refusesStaleVersions,
      keepsTimeText,
    };
    storeCases(createSuite<EventStore>(runner, createStore), can, able);
  });
}
