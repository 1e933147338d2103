import type { SqliteDriver, SqliteHandle, SqliteStatement } from "./driver.ts";

interface Statement extends SqliteStatement {
  safeIntegers(on: boolean): unknown;
}

/** An open database of `bun:sqlite`, as far as we use it. */
export interface BunSqliteDatabase extends SqliteHandle {
  readonly filename: string;
  readonly inTransaction: boolean;
  prepare(sql: string): Statement;
  query(sql: string): unknown;
}

export const bunSqlite: SqliteDriver<BunSqliteDatabase> = {
  owns(value): value is BunSqliteDatabase {
    const database = value as Partial<BunSqliteDatabase>;
    return (
      typeof database.prepare === "function" &&
      typeof database.query === "function" &&
      "inTransaction" in database &&
      typeof database.filename === "string"
    );
  },
  // It does not say, but a closed one can do nothing.
  isOpen(database) {
    try {
      database.prepare("SELECT 1");
      return true;
    } catch {
      return false;
    }
  },
  isReadonly: () => undefined,
  inTransaction: ({ inTransaction }) => inTransaction,
  prepare(database, sql) {
    const statement = database.prepare(sql);
    statement.safeIntegers(false);
    return statement;
  },
  open(database, file, { readonly }) {
    const Database = database.constructor as new (file: string, options: object) => BunSqliteDatabase;
    return new Database(file, readonly ? { readonly } : { readwrite: true, create: false });
  },
};
