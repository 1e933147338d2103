import { mysqlDialect } from "../../src/adapters/sql/dialects/mysql.ts";
import type { SqlWords } from "../sql/executor-contract.ts";

export const mysqlWords: SqlWords = {
  // Text travels as bytes, which are text where they are said to be.
  param: (_n, type) => (type === "text" ? "CONVERT(? USING utf8mb4)" : "?"),
  createTable: "CREATE TABLE t (id bigint PRIMARY KEY, s longtext CHARACTER SET utf8mb4) ENGINE=InnoDB",
  connectionId: "SELECT CONNECTION_ID() AS id",
  kill: (id) => `KILL ${id}`,
  shortPatience: "SET SESSION innodb_lock_wait_timeout = 1",
  quote: (name) => `\`${name}\``,
  failureAborts: false,
};

const name = "t";

/** For what it makes of errors. */
export const dialect = mysqlDialect({
  database: undefined,
  guard: name,
  log: name,
  content: name,
  entities: name,
  snapshots: name,
  frontier: name,
  times: name,
  append: name,
  migrations: name,
  migrationsName: name,
});
