import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSqliteStore } from "ventyd/sqlite";
import { adapterContract, type ContractStoreOptions, type TestRunner } from "ventyd/testing";
import type { DriverUnderTest } from "./executor-contract.ts";

/** The whole contract of a store, on SQLite through one driver. */
export function storeContract(runner: TestRunner, driver: DriverUnderTest): void {
  /** A database that the application has opened, and what it does with it. */
  const open = (file: string, options: ContractStoreOptions) => {
    const database = driver.open(file);
    return {
      store: createSqliteStore(database, options),
      async openTransaction() {
        database.exec("BEGIN IMMEDIATE");
        const end = (statement: string) => async () => void database.exec(statement);
        return { client: database, commit: end("COMMIT"), abort: end("ROLLBACK") };
      },
      addMigration({ breaking }: { breaking: boolean }) {
        database.exec(
          `INSERT INTO ventyd_migrations (id, name, breaking, applied_at) VALUES (999, 'of tomorrow', ${breaking ? 1 : 0}, '')`,
        );
      },
      close: () => void database.close(),
    };
  };

  runner.describe("a SQLite file", () => {
    adapterContract(runner, (options) => {
      const folder = mkdtempSync(path.join(tmpdir(), "ventyd-test-"));
      const file = path.join(folder, "test.db");
      const remove = () => rmSync(folder, { recursive: true });
      try {
        const backend = open(file, options);
        const close = () => {
          backend.close();
          remove();
        };
        return { ...backend, reopen: (again) => open(file, again), close };
      } catch (error) {
        // Some cases are about a store that cannot be made.
        remove();
        throw error;
      }
    });
  });

  runner.describe("SQLite in memory", () => {
    adapterContract(runner, (options) => open(":memory:", options), { durable: false });
  });
}
