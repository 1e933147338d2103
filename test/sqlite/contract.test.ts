import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { createSqliteStore } from "ventyd/sqlite";
import { adapterContract, type ContractStoreOptions } from "ventyd/testing";
import { describe, test } from "vitest";

/** A database that the application has opened, and what it does with it. */
function open(file: string, options: ContractStoreOptions) {
  const database = new Database(file);
  return {
    store: createSqliteStore(database, options),
    async openTransaction() {
      database.exec("BEGIN IMMEDIATE");
      const end = (statement: string) => async () => void database.exec(statement);
      return { client: database, commit: end("COMMIT"), abort: end("ROLLBACK") };
    },
    addMigration({ breaking }: { breaking: boolean }) {
      const insert =
        "INSERT INTO ventyd_migrations (id, name, breaking, applied_at) VALUES (999, 'of tomorrow', ?, '')";
      database.prepare(insert).run(breaking ? 1 : 0);
    },
    close: () => void database.close(),
  };
}

describe("a SQLite file", () => {
  adapterContract({ describe, test }, (options) => {
    const folder = mkdtempSync(path.join(tmpdir(), "ventyd-test-"));
    const file = path.join(folder, "test.db");
    const backend = open(file, options);
    const close = () => {
      backend.close();
      rmSync(folder, { recursive: true });
    };
    return { ...backend, reopen: (again) => open(file, again), close };
  });
});

describe("SQLite in memory", () => {
  adapterContract({ describe, test }, (options) => open(":memory:", options), { durable: false });
});
