export type { SqlConnection, SqlExecutor, SqlTransaction, SqlValue } from "../sql/executor.ts";
export type { Migration } from "../sql/migration.ts";
export { createMysqlStore, type MysqlStore, type MysqlStoreOptions } from "./create-mysql-store.ts";
export type { MysqlClientOf, MysqlDatabase } from "./executors/index.ts";
