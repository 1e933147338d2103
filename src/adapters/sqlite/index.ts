export { createSqliteStore, type SqliteStoreOptions } from "./create-sqlite-store.ts";
export type {
  BetterSqlite3Database,
  BunSqliteDatabase,
  LibsqlDatabase,
  NodeSqliteDatabase,
  SqliteDatabase,
} from "./executors/index.ts";
export type { SqliteStore } from "./sqlite-store.ts";
