export type { SqlConnection, SqlExecutor, SqlTransaction, SqlValue } from "../sql/executor.ts";
export type { Migration } from "../sql/migration.ts";
export { createPostgresStore, type PostgresStore, type PostgresStoreOptions } from "./create-postgres-store.ts";
export type { PostgresClientOf, PostgresDatabase } from "./executors/index.ts";
