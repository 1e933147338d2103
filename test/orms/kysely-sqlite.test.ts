import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { Kysely as OldestKysely, SqliteDialect as OldestSqliteDialect } from "kysely-oldest";
import { fromKysely } from "ventyd/sqlite";
import { expect, test } from "vitest";
import { executorContract } from "../sql/executor-contract.ts";
import { dialect, sqliteWords as words } from "../sql/sqlite-words.ts";
import { oldestPlugins, openKyselyExecutor, openOldestKyselyExecutor, plugins } from "./open-kysely.ts";
import { createSqliteFile } from "./temp-sqlite.ts";

async function open() {
  const { file, drop } = createSqliteFile();
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(file) }), plugins });
  return openKyselyExecutor(db, fromKysely(db), () => db.destroy().then(drop));
}

async function openOldest() {
  const { file, drop } = createSqliteFile();
  const dialect = new OldestSqliteDialect({ database: new Database(file) });
  const db = new OldestKysely<unknown>({ dialect, plugins: oldestPlugins });
  return openOldestKyselyExecutor(db, fromKysely(db), () => db.destroy().then(drop));
}

executorContract("Kysely on better-sqlite3", { open, words, dialect });
executorContract("Kysely on better-sqlite3, the oldest version", { open: openOldest, words, dialect });

test("what is no Kysely makes no executor", () => {
  expect(() => fromKysely({} as never)).toThrow(expect.objectContaining({ code: "unsupported" }));
});
