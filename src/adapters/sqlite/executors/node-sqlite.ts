import type { SqliteExecutor, SqliteHandle, SqliteStatement } from "./executor.ts";
import { existingFile } from "./existing-file.ts";

interface Statement extends SqliteStatement {
  setReadBigInts(on: boolean): unknown;
  setReturnArrays(on: boolean): unknown;
}

/** An open database of `node:sqlite`, as far as we use it. */
export interface NodeSqliteDatabase extends SqliteHandle {
  readonly isOpen: boolean;
  readonly isTransaction: boolean;
  prepare(sql: string): Statement;
  location(): string | null;
}

export const nodeSqlite: SqliteExecutor<NodeSqliteDatabase> = {
  owns(value): value is NodeSqliteDatabase {
    const database = value as Partial<NodeSqliteDatabase>;
    return (
      typeof database.prepare === "function" &&
      typeof database.location === "function" &&
      // Not its value: a closed database throws.
      "isTransaction" in database
    );
  },
  isOpen: ({ isOpen }) => isOpen,
  inTransaction: (database) => database.isOpen && database.isTransaction,
  prepare(database, sql) {
    const statement = database.prepare(sql);
    statement.setReadBigInts(false);
    statement.setReturnArrays(false);
    return {
      // Its rows have no prototype, and some of them go to the application as events.
      all: (...params) => statement.all(...params).map((row) => ({ ...(row as object) })),
      run: (...params) => statement.run(...params),
    };
  },
  open(database, file, { readonly }) {
    const Database = database.constructor as new (file: string) => NodeSqliteDatabase;
    return new Database(existingFile(file, readonly));
  },
};
