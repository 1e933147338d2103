import { isEventStore } from "../../repository/plain-adapter.ts";
import type { AnyAdapter } from "../../repository/types.ts";
import { pause } from "../../util/timers.ts";
import { ok } from "../expect.ts";
import {
  type ApplicationTransaction,
  asBackend,
  type ContractBackend,
  type ContractStoreOptions,
  type CreateContractStore,
} from "./backend.ts";

/** The two functions that every test runner has. */
export interface TestRunner {
  describe(title: string, body: () => void | Promise<void>): unknown;
  test(title: string, body: (...context: unknown[]) => Promise<void>): unknown;
}

/** What the backend of a case can do, besides holding its store. */
export interface CaseBackend<TStore> {
  readonly store: TStore;
  /** Opens another store on the same contents; closed when the case has ended. */
  reopen(options?: ContractStoreOptions): Promise<TStore>;
  openTransaction(): Promise<ApplicationTransaction>;
  /** Does as a newer build would. */
  addMigration(migration: { readonly breaking: boolean }): Promise<void>;
}

/** What a case is handed. */
export interface CaseContext<TStore> {
  /** A store with nothing in it, migrated; closed when the case has ended. */
  createStore(options?: ContractStoreOptions): Promise<TStore>;
  /** The same in its backend; not migrated where that is said. */
  createBackend(options?: ContractStoreOptions & { readonly migrated?: boolean }): Promise<CaseBackend<TStore>>;
  /** Ends the case: it is about something that this backend does not let one try. */
  skip(reason: string): never;
}

/** Thrown by a case that is skipped while it runs. */
class Skipped {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

function skipCase(reason: string): never {
  throw new Skipped(reason);
}

/** Where cases are written down. */
export interface Suite<TStore> {
  describe(title: string, body: () => void): void;
  test(title: string, body: (context: CaseContext<TStore>) => Promise<void>): void;
  /** The same suite; its cases are skipped where the backend cannot do what they are about. */
  where(isAble: boolean, reason: string): Suite<TStore>;
}

/** A suite whose cases each get a fresh store. */
export function createSuite<TStore extends AnyAdapter>(
  { describe, test }: TestRunner,
  createStore: CreateContractStore,
): Suite<TStore> {
  const suite: Suite<TStore> = {
    describe,
    // No parameter that counts: Bun would take it for the callback of a test in the old style.
    test: (title, body) =>
      void test(title, async (...[context]) => {
        try {
          await runCase(createStore, body);
        } catch (error) {
          if (!(error instanceof Skipped)) throw error;
          skip(context, error.reason);
        }
      }),
    where(isAble, reason) {
      if (isAble) return suite;
      const skipping: Suite<TStore> = {
        describe,
        // Bun has no way to say it from inside a test: the title says it too.
        test: (title) => void test(`${title} (not run: ${reason})`, async (...[context]) => skip(context, reason)),
        where: () => skipping,
      };
      return skipping;
    },
  };
  return suite;
}

/** Vitest and node:test hand a test something to skip it with. */
function skip(context: unknown, reason: string): void {
  (context as { skip?: (reason: string) => void } | undefined)?.skip?.(reason);
}

async function runCase<TStore extends AnyAdapter>(
  createStore: CreateContractStore,
  body: (context: CaseContext<TStore>) => Promise<void>,
): Promise<void> {
  const closings: (() => unknown)[] = [];
  const closeAll = async () => {
    for (const close of closings.splice(0).toReversed()) await close();
  };
  /** Has it closed when the case has ended, the store before its backend. */
  const keep = async (created: ReturnType<CreateContractStore>): Promise<ContractBackend> => {
    const backend = asBackend(await created);
    const { store } = backend;
    closings.push(() => backend.close?.());
    if (isEventStore(store)) closings.push(() => store.close());
    return backend;
  };
  const createBackend: CaseContext<TStore>["createBackend"] = async ({ migrated = true, ...options } = {}) => {
    if (createStore.length === 0 && Object.keys(options).length > 0) skipCase("createStore takes no options");
    const backend = await keep(createStore(options));
    if (migrated && isEventStore(backend.store)) await backend.store.migrate();
    return {
      store: backend.store as TStore,
      async reopen(again = {}) {
        ok(backend.reopen, "createStore returns { reopen }, or the backend is said not to be durable");
        return (await keep(backend.reopen(again))).store as TStore;
      },
      async openTransaction() {
        ok(backend.openTransaction, "createStore returns { openTransaction }, or is said to have none to join");
        return backend.openTransaction();
      },
      async addMigration(migration) {
        ok(backend.addMigration, "createStore returns { addMigration }, or is said to have no migrations");
        await backend.addMigration(migration);
      },
    };
  };
  try {
    await body({
      createBackend,
      createStore: async (options) => (await createBackend(options)).store,
      skip: skipCase,
    });
  } catch (error) {
    // What a failed case left open may never end; its own error is what counts.
    await Promise.race([closeAll().catch(() => {}), pause(1_000)]);
    throw error;
  }
  await closeAll();
}
