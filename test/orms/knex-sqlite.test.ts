import knexNewest, { type Knex } from "knex";
import knexOldest from "knex-oldest";
import { expect, test } from "vitest";
import { fromKnex } from "../../src/adapters/sqlite/from-knex.ts";
import { executorContract, type OpenExecutor } from "../sql/executor-contract.ts";
import { dialect, sqliteWords as words } from "../sql/sqlite-words.ts";
import { openKnexExecutor } from "./open-knex.ts";
import { createSqliteFile } from "./temp-sqlite.ts";

async function open(make: typeof knexNewest, options: Knex.Config = {}): Promise<OpenExecutor> {
  const { file, drop } = createSqliteFile();
  // Of the newest version only, whose types do not say it.
  const connection = { filename: file, options: { safeIntegers: true } } as Knex.StaticConnectionConfig;
  const db = make({ client: "better-sqlite3", connection, useNullAsDefault: true, ...options });
  return openKnexExecutor(db, fromKnex(db), drop);
}

executorContract("Knex on better-sqlite3", { open: () => open(knexNewest), words, dialect });
executorContract("Knex on better-sqlite3, the oldest version", {
  open: () => open(knexOldest as unknown as typeof knexNewest),
  words,
  dialect,
});
executorContract("Knex on better-sqlite3 with names and rows of the application's making", {
  open: () =>
    open(knexNewest, {
      postProcessResponse: (rows) => (Array.isArray(rows) ? rows.map((row) => ({ ...row, more: 1 })) : {}),
      wrapIdentifier: (name, wrap) => wrap(`${name}_`),
    }),
  words,
  dialect,
});

test("several connections of better-sqlite3 are refused: one would block the process while it waits for another", async () => {
  const db = knexNewest({
    client: "better-sqlite3",
    connection: { filename: ":memory:" },
    pool: { min: 0, max: 2 },
    useNullAsDefault: true,
  });
  expect(() => fromKnex(db)).toThrow(expect.objectContaining({ code: "unsupported", ability: "knex-pool" }));
  await db.destroy();
});
