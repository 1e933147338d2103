import { createSqliteStore } from "ventyd/sqlite";
import { adapterContract } from "ventyd/testing";
import { describe, test } from "vitest";
import { Database } from "../../../examples/executor/database.ts";
import { fromDatabase } from "../../../examples/executor/from-database.ts";
import { openTransaction } from "./open-transaction.ts";

// On a file the example itself runs it.
describe("an executor on SQLite in memory", () => {
  adapterContract(
    { describe, test },
    (options) => {
      const database = new Database(":memory:");
      return {
        store: createSqliteStore(fromDatabase(database), options),
        openTransaction: () => openTransaction(database),
        close: () => database.close(),
      };
    },
    { durable: false },
  );
});
