export type { BetterSqlite3Database } from "./better-sqlite3.ts";
export { createSqliteStore, type SqliteStoreOptions } from "./create-sqlite-store.ts";
export type { SqliteStore } from "./sqlite-store.ts";
