import Database from "better-sqlite3";
import { createSqliteStore } from "ventyd/sqlite";
import { type FileDatabase, openFiles } from "../file-repository.ts";
import { InputError } from "../history.ts";
import { rowsOfFile, textOf } from "./stored-rows.ts";

/** A file of SQLite, new or not, and the application's own handle on it. */
export async function openSqlite(path: string): Promise<FileDatabase & { readonly database: Database.Database }> {
  const database = openFile(path);
  const files = await openFiles(createSqliteStore(database), {
    place: path,
    isKept: true,
    storedRows: async (entityId) => database.prepare(rowsOfFile("?")).all(entityId).map(textOf),
    close: async () => void database.close(),
  });
  return { ...files, database };
}

function openFile(path: string): Database.Database {
  try {
    const database = new Database(path);
    database.pragma("journal_mode = WAL");
    // Said aloud: a file that is in WAL mode already opens with NORMAL, which may lose the last commits when the power goes.
    database.pragma("synchronous = FULL");
    return database;
  } catch (error) {
    throw new InputError(`Cannot open the database ${path}: ${(error as Error).message}`);
  }
}
