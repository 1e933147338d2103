import Database from "better-sqlite3";
import { createRepository, type StoreRepository } from "ventyd";
import { createSqliteStore, type SqliteStore } from "ventyd/sqlite";
import { File, type fileSchema } from "./file.ts";
import { InputError } from "./history.ts";

export type FileRepository = StoreRepository<File, typeof fileSchema, Database.Database>;

/** A SQLite file with the files of a repository in it. */
export interface FileDatabase {
  readonly repository: FileRepository;
  readonly store: SqliteStore<Database.Database>;
  /** The application's own handle. */
  readonly database: Database.Database;
  close(): Promise<void>;
}

/** Opens a database, new or not. Nothing is recorded in it without saying who and why. */
export async function openFileDatabase(path: string): Promise<FileDatabase> {
  const database = openSqlite(path);
  const store = createSqliteStore(database);
  await store.migrate();
  return {
    repository: createRepository(File, { adapter: store, attribution: "required" }),
    store,
    database,
    async close() {
      await store.close();
      database.close();
    },
  };
}

function openSqlite(path: string): Database.Database {
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
