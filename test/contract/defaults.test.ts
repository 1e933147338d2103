import Database from "better-sqlite3";
import { createMemoryStore } from "ventyd/memory";
import { createSqliteStore } from "ventyd/sqlite";
import { adapterContract } from "ventyd/testing";
import { describe, test } from "vitest";

// As somebody begins who has read one line of the guide: no capabilities, no options, a store that is migrated already.
describe("a store that is handed over just so passes what can be shown of it:", () => {
  describe("SQLite in memory", () => {
    adapterContract({ describe, test }, async () => {
      const store = createSqliteStore(new Database(":memory:"));
      await store.migrate();
      return store;
    });
  });

  describe("the memory store", () => {
    adapterContract({ describe, test }, () => createMemoryStore(), { migrations: false });
  });
});
