import { describe, expect, test } from "vitest";
import { createMemoryStore } from "../adapters/memory/index.ts";
import { UnsupportedError } from "../errors/index.ts";
import type { StoredEvent } from "../schema/event.ts";
import type {
  EntitiesOptions,
  EntityCommit,
  EventStore,
  LoadQuery,
  ReadOptions,
  StoreStatus,
  TransactionOption,
} from "../storage/index.ts";
import { adapterContract } from "./adapter-contract.ts";
import type { ContractCapabilities, ContractStoreOptions, CreateContractStore } from "./contract/backend.ts";

const memory = { durable: false, applicationTransactions: false, migrations: false };

/** The contract as a runner gets to see it: its cases by their title. */
async function casesOf(createStore: CreateContractStore, capabilities?: ContractCapabilities) {
  const groups: unknown[] = [];
  const cases = new Map<string, (...context: unknown[]) => Promise<void>>();
  adapterContract(
    {
      describe: (_, body) => groups.push(body()),
      test: (title, body) => cases.set(title, body),
    },
    createStore,
    capabilities,
  );
  await Promise.all(groups);
  return cases;
}

const { status } = Object.getPrototypeOf(createMemoryStore());
const statusOf = (store: EventStore): Promise<StoreStatus> => status.call(store);

describe("adapterContract", () => {
  const migrated = "may be called again, also by several at once, and leaves what is stored alone";

  test("tells a store from an adapter of two methods, and gives each its cases", async () => {
    const store = createMemoryStore();
    const adapter = {
      getEventsByEntityId: store.getEventsByEntityId.bind(store),
      commitEvents: store.commitEvents.bind(store),
    };
    const [ofStore, ofAdapter] = [await casesOf(() => createMemoryStore(), memory), await casesOf(() => adapter)];
    expect(ofStore.size).toBeGreaterThan(250);
    expect(ofAdapter.size).toBeGreaterThan(25);
    expect(ofAdapter.has(migrated)).toBe(false);
    expect([...ofAdapter.keys()].filter((title) => !ofStore.has(title))).toEqual([]);
  });

  test("gives every case a store of its own, and closes the store, then its backend", async () => {
    const log: string[] = [];
    let opened = 0;
    const create = (options: ContractStoreOptions) => {
      const name = `${opened++}`;
      const store = createMemoryStore(options);
      const close = store.close.bind(store);
      store.close = () => {
        log.push(`store ${name}`);
        return close();
      };
      return { store, close: () => void log.push(`backend ${name}`) };
    };
    const cases = await casesOf(create, memory);
    expect(log).toEqual(["store 0", "backend 0"]);
    await cases.get(migrated)?.();
    await cases.get("of another store is refused")?.();
    expect(log.slice(2)).toEqual(["store 1", "backend 1", "store 3", "backend 3", "store 2", "backend 2"]);
  });

  test("closes the store of a case that fails, too, and fails with the error of the case", async () => {
    let isClosed = false;
    const cases = await casesOf((options) => {
      const store = Object.assign(createMemoryStore(options), { append: async () => [] });
      isClosed = false;
      const close = () => {
        isClosed = true;
      };
      return { store, close };
    }, memory);
    await expect(cases.get("0 and nothing is stored: written from version 1")?.()).rejects.toThrow("0 rows");
    expect(isClosed).toBe(true);
  });

  test("skips what the backend is said not to do, with the reason, by whatever the runner hands a case", async () => {
    const reasons: string[] = [];
    const context = { skip: (reason: string) => reasons.push(reason) };
    const cases = await casesOf(() => createMemoryStore(), memory);
    const skipped = [...cases.keys()].filter((title) => title.includes("(not run: "));
    for (const title of skipped) await cases.get(title)?.(context);
    expect(new Set(reasons)).toEqual(
      new Set([
        "the backend has no transactions of its own to join",
        "the backend has no tables",
        "the contents end with the store",
        "the contents belong to one store at a time",
      ]),
    );
    // Bun hands a case nothing.
    await cases.get(skipped[0] as string)?.();
  });

  test("fails, and skips nothing of it, where what is claimed is not there", async () => {
    const claimed = { durable: true, applicationTransactions: true, migrations: true, newerBuilds: true };
    const cases = await casesOf((options) => createMemoryStore(options), claimed);
    expect([...cases.keys()].filter((title) => title.includes("(not run: "))).toEqual([]);
    for (const title of [
      "is there for the next store on the same contents",
      "takes in what is appended with its handle: stored when it is committed, gone when it is aborted",
      "must have been called: every other call says so before",
    ]) {
      await expect(cases.get(title)?.(), title).rejects.toThrow();
    }
  });

  test("skips, with the reason, what it is given no means to show", async () => {
    const cases = await casesOf(() => createMemoryStore(), { migrations: false });
    const skipped = [...cases.keys()].filter((title) => title.includes("(not run: "));
    expect(skipped).toContainEqual(expect.stringContaining("is there for the next store on the same contents"));
    expect(skipped).toContainEqual(expect.stringContaining("takes in what is appended with its handle"));
    const reasons: string[] = [];
    const bare = [...cases.values()].map((run) => run({ skip: (reason: string) => reasons.push(reason) }));
    await Promise.all(bare);
    expect(reasons).toContain("createStore takes no options");
  });

  test("skips the look before migrate() at a store that createStore has migrated", async () => {
    const store = async (options: ContractStoreOptions) => {
      const made = createMemoryStore(options);
      return Object.assign(made, { status: async () => ({ ...(await statusOf(made)), schemaVersion: 1 }) });
    };
    const cases = await casesOf(store, { durable: false });
    const reasons: string[] = [];
    const title = "must have been called: every other call says so before";
    await cases.get(title)?.({ skip: (reason: string) => reasons.push(reason) });
    expect(reasons).toEqual(["createStore has migrated the store"]);
  });

  test("tries over a store with fewer capabilities what happens instead", async () => {
    const create = (options: ContractStoreOptions) => {
      const store = createMemoryStore(options);
      const forget = (event: StoredEvent): StoredEvent => ({ ...event, metadata: {} });
      const { append, loadHistory, read, entities } = Object.fromEntries(
        (["append", "loadHistory", "read", "entities"] as const).map((name) => [name, store[name].bind(store)]),
      ) as unknown as typeof store;
      return Object.assign(store, {
        capabilities: { metadata: false, atomicBatches: false },
        storesMetadata: false,
        async append(commits: readonly EntityCommit[], options?: TransactionOption) {
          if (commits.length > 1) throw new UnsupportedError("atomicBatches", "One entity at a time.");
          const rows = await append(commits, options as object);
          return rows.map((row) => ("events" in row ? { ...row, events: row.events.map(forget) } : row));
        },
        loadHistory: async (query: LoadQuery) => (await loadHistory(query)).map(forget),
        async *read(options?: ReadOptions) {
          for await (const event of read(options as object)) yield forget(event);
        },
        entities: async (options: EntitiesOptions) =>
          (await entities(options as never)).map((entity) => ({ ...entity, lastActor: undefined })),
      });
    };
    const cases = await casesOf(create, memory);
    const failed: string[] = [];
    for (const [title, work] of cases) await work().catch((error: Error) => failed.push(`${title}: ${error.message}`));
    expect(failed).toEqual([]);
    expect(cases.has("committing several entities at once is unsupported: they would not be written whole")).toBe(true);
    expect(cases.has("that asks for an actor, or rolls back, is unsupported: who and why would be lost")).toBe(true);
  });
});
