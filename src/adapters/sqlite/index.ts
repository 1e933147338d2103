export type { BetterSqlite3Database } from "./better-sqlite3.ts";
export { createSqliteStore, type SqliteStore, type SqliteStoreOptions } from "./sqlite-store.ts";
