import type { SqliteDriver, SqliteHandle, SqliteStatement } from "./driver.ts";

interface Statement extends SqliteStatement {
  safeIntegers(on: boolean): unknown;
}

/** An open database of better-sqlite3, as far as we use it. */
export interface BetterSqlite3Database extends SqliteHandle {
  readonly name: string;
  readonly readonly: boolean;
  readonly open: boolean;
  readonly inTransaction: boolean;
  prepare(sql: string): Statement;
  pragma(source: string): unknown;
}

export const betterSqlite3: SqliteDriver<BetterSqlite3Database> = {
  owns(value): value is BetterSqlite3Database {
    const database = value as Partial<BetterSqlite3Database>;
    return (
      typeof database.prepare === "function" &&
      typeof database.pragma === "function" &&
      "inTransaction" in database &&
      typeof database.open === "boolean"
    );
  },
  isOpen: ({ open }) => open,
  isReadonly: ({ readonly }) => readonly,
  inTransaction: ({ inTransaction }) => inTransaction,
  prepare(database, sql) {
    const statement = database.prepare(sql);
    statement.safeIntegers(false);
    return statement;
  },
  open(database, file, { readonly }) {
    const Database = database.constructor as new (file: string, options: object) => BetterSqlite3Database;
    return new Database(file, { readonly, fileMustExist: true, timeout: 0 });
  },
};
