import { sqliteDialect } from "../../src/adapters/sql/dialects/sqlite.ts";
import type { SqlWords } from "./executor-contract.ts";

export const sqliteWords: SqlWords = {
  param: () => "?",
  createTable: "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)",
  shortPatience: "PRAGMA busy_timeout = 50",
  quote: (name) => `"${name}"`,
  failureAborts: false,
};

/** For what it makes of errors. */
export const dialect = sqliteDialect({ busyTimeout: 0 });
