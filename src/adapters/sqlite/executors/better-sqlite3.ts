import type { SqliteExecutor, SqliteHandle, SqliteStatement } from "./executor.ts";

/** A statement that can be told how to give integers. */
export interface NumberStatement extends SqliteStatement {
  safeIntegers(on: boolean): unknown;
}

/** An open database of better-sqlite3, as far as we use it. */
export interface BetterSqlite3Database extends SqliteHandle {
  readonly open: boolean;
  readonly inTransaction: boolean;
  prepare(sql: string): NumberStatement;
  pragma(source: string): unknown;
}

export const betterSqlite3: SqliteExecutor<BetterSqlite3Database> = {
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
  inTransaction: (database) => database.open && database.inTransaction,
  prepare: withNumbers,
  open(database, file, { readonly }) {
    const Database = database.constructor as new (file: string, options: object) => BetterSqlite3Database;
    return new Database(file, { readonly, fileMustExist: true });
  },
};

export function withNumbers(database: { prepare(sql: string): NumberStatement }, sql: string): SqliteStatement {
  const statement = database.prepare(sql);
  statement.safeIntegers(false);
  return statement;
}
