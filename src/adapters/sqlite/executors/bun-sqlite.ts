import { type NumberStatement, withNumbers } from "./better-sqlite3.ts";
import type { SqliteExecutor, SqliteHandle } from "./executor.ts";
import { lend } from "./lend.ts";

/** An open database of `bun:sqlite`, as far as we use it. */
export interface BunSqliteDatabase extends SqliteHandle {
  readonly filename: string;
  readonly inTransaction: boolean;
  prepare(sql: string): NumberStatement;
  query(sql: string): unknown;
}

export const bunSqlite: SqliteExecutor<BunSqliteDatabase> = {
  owns(value): value is BunSqliteDatabase {
    const database = value as Partial<BunSqliteDatabase>;
    return (
      typeof database.prepare === "function" &&
      typeof database.query === "function" &&
      "inTransaction" in database &&
      typeof database.filename === "string"
    );
  },
  isOpen: (database) => tells(() => typeof database.inTransaction === "boolean"),
  inTransaction: (database) => tells(() => database.inTransaction),
  prepare: withNumbers,
  open(database, file, { readonly }) {
    const Database = database.constructor as new (file: string, options: object) => BunSqliteDatabase;
    return new Database(file, readonly ? { readonly } : { readwrite: true, create: false });
  },
  lend,
};

/** It has no word for being closed: whatever it is asked then, it throws. */
function tells(ask: () => boolean): boolean {
  try {
    return ask();
  } catch {
    return false;
  }
}
