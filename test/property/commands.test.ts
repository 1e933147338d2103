import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { createMemoryStore } from "ventyd/memory";
import { createSqliteStore } from "ventyd/sqlite";
import { test } from "vitest";
import { Model } from "./commands/model.ts";
import { beginning, steps } from "./commands/steps.ts";
import { type Backend, World } from "./commands/world.ts";
import { longest, runs } from "./runs.ts";

function sqliteIn(file: string): Backend {
  const databases: Database.Database[] = [];
  return {
    canReopen: file !== ":memory:",
    async open(now) {
      const database = new Database(file);
      databases.push(database);
      // What a loss of power takes is not what is tried here.
      database.pragma("journal_mode = WAL");
      database.pragma("synchronous = OFF");
      const store = createSqliteStore(database, { now, onWarning: () => {} });
      await store.migrate();
      return store;
    },
    close: () => {
      for (const database of databases) database.close();
    },
  };
}

function sqliteFile(): Backend {
  const folder = mkdtempSync(path.join(tmpdir(), "ventyd-test-"));
  const backend = sqliteIn(path.join(folder, "test.db"));
  return {
    ...backend,
    async close() {
      await backend.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const memory = (): Backend => ({
  canReopen: false,
  open: async (now) => createMemoryStore({ now }),
  close: () => {},
});

test.for([
  ["the memory store", memory, 200],
  ["SQLite in memory", () => sqliteIn(":memory:"), 80],
  ["a SQLite file", sqliteFile, 60],
] as const)(
  "whatever is done, in any order, %s answers and keeps what a model of arrays does",
  { timeout: longest },
  async ([, open, usual]) => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 40, size: "max" }), async (commands) => {
        const world = new World(open());
        await world.open();
        try {
          const model = new Model();
          for (const step of beginning) await step.run(model, world);
          await fc.asyncModelRun(() => ({ model, real: world }), commands);
        } catch (error) {
          await world.dispose();
          throw error;
        }
        await world.close();
      }),
      { numRuns: runs(usual) },
    );
  },
);
