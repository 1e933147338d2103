export type { SqlConnection, SqlExecutor, SqlTransaction, SqlValue } from "../sql/executor.ts";
export type { Migration } from "../sql/migration.ts";
export { createSqliteStore } from "./create-sqlite-store.ts";
export type {
  BetterSqlite3Database,
  BunSqliteDatabase,
  LibsqlDatabase,
  NodeSqliteDatabase,
  SqliteDatabase,
} from "./executors/index.ts";
export type { SqliteExecutorOptions, SqliteStore, SqliteStoreOptions } from "./types.ts";
export { fromDrizzle } from "./from-drizzle.ts";
export { fromKnex } from "./from-knex.ts";
export { fromKysely } from "./from-kysely.ts";
export { fromPrisma } from "./from-prisma.ts";
