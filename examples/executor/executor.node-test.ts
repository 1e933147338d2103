import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { createSqliteStore } from "ventyd/sqlite";
import { adapterContract, type ContractStoreOptions } from "ventyd/testing";
import { Database } from "./database.ts";
import { fromDatabase } from "./from-database.ts";

function open(file: string, options: ContractStoreOptions) {
  const database = new Database(file);
  return {
    store: createSqliteStore(fromDatabase(database), options),
    openTransaction: () => openTransaction(database),
    addMigration: ({ breaking }: { breaking: boolean }) =>
      database.use(async (client) => {
        await client.query(`INSERT INTO ventyd_migrations VALUES (999, 'of tomorrow', ${Number(breaking)}, '')`);
      }),
    close: () => database.close(),
  };
}

/** A transaction of the application's, which ends when the case says so. */
function openTransaction(database: Database) {
  type Opened = { client: object; commit(): Promise<void>; abort(): Promise<void> };
  return new Promise<Opened>((resolve) => {
    const over = database.use(async (client) => {
      await client.query("BEGIN");
      await new Promise<void>((giveBack) => {
        const end = (sql: string) => async () => {
          await client.query(sql);
          giveBack();
          await over;
        };
        resolve({ client, commit: end("COMMIT"), abort: end("ROLLBACK") });
      });
    });
  });
}

adapterContract(
  { describe, test },
  (options) => {
    const folder = mkdtempSync(path.join(tmpdir(), "executor-"));
    const file = path.join(folder, "test.db");
    const backend = open(file, options);
    const close = async () => {
      await backend.close();
      rmSync(folder, { recursive: true });
    };
    return { ...backend, reopen: (again) => open(file, again), close };
  },
  { applicationTransactions: true, newerBuilds: true },
);
