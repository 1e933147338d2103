import { postgresDialect } from "../../src/adapters/sql/dialects/postgres.ts";
import type { SqlWords } from "../sql/executor-contract.ts";

export const postgresWords: SqlWords = {
  param: (n, type) => `$${n}::${type}`,
  elements: (n, type) => `unnest($${n}::${type}[]) WITH ORDINALITY AS listed (value, n) ORDER BY n`,
  createTable: "CREATE TABLE t (id bigint PRIMARY KEY, s text)",
  connectionId: "SELECT pg_backend_pid() AS id",
  kill: (id) => `SELECT pg_terminate_backend(${id})`,
  shortPatience: "SET LOCAL lock_timeout = 50",
  quote: (name) => `"${name}"`,
  failureAborts: true,
};

const name = "t";

/** For what it makes of errors. */
export const dialect = postgresDialect({
  prefix: name,
  log: name,
  content: name,
  entities: name,
  snapshots: name,
  frontier: name,
  positions: name,
  migrations: name,
  guard: name,
} as Parameters<typeof postgresDialect>[0]);
