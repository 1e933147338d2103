import { type BetterSqlite3Database, betterSqlite3 } from "./better-sqlite3.ts";
import type { SqliteExecutor } from "./executor.ts";
import { existingFile } from "./existing-file.ts";
import { lend } from "./lend.ts";

/** An open database of libsql, on a file: better-sqlite3's interface, with a few differences. */
export interface LibsqlDatabase extends BetterSqlite3Database {
  sync(): unknown;
}

export const libsql: SqliteExecutor<LibsqlDatabase> = {
  ...betterSqlite3,
  owns: (value): value is LibsqlDatabase =>
    betterSqlite3.owns(value) && typeof (value as Partial<LibsqlDatabase>).sync === "function",
  prepare(database, sql) {
    const statement = betterSqlite3.prepare(database, sql);
    // As a list: a single NULL would pass for an object of named parameters.
    return { all: (...params) => statement.all(params), run: (...params) => statement.run(params) };
  },
  open(database, file, { readonly }) {
    const Database = database.constructor as new (file: string) => LibsqlDatabase;
    return new Database(existingFile(file, readonly));
  },
  lend,
};
