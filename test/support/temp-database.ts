import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { createSqliteStore, type SqliteStore, type SqliteStoreOptions } from "ventyd/sqlite";
import { onTestFinished } from "vitest";

export { deferred, rejection } from "./promises.ts";

/** A folder of the running test's own, removed when the test has ended. */
export function tempFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ventyd-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of a database of the running test's own; nothing is there yet. */
export function tempFile(): string {
  return path.join(tempFolder(), "test.db");
}

/** An open database; closed when the test has ended. */
export function openDatabase(file: string, options: Database.Options = {}): Database.Database {
  const database = new Database(file, options);
  onTestFinished(() => {
    database.close();
  });
  return database;
}

export interface TempStore {
  readonly file: string;
  /** The application's handle. */
  readonly database: Database.Database;
  readonly store: SqliteStore<Database.Database>;
}

/** A migrated store on a file of the running test's own, in WAL mode unless told otherwise. */
export async function openStore(
  options: SqliteStoreOptions & { file?: string; journal?: "WAL" | "DELETE" } = {},
): Promise<TempStore> {
  const { file = tempFile(), journal = "WAL", ...storeOptions } = options;
  const database = openDatabase(file);
  if (file !== ":memory:") database.pragma(`journal_mode = ${journal}`);
  const store = createSqliteStore(database, storeOptions);
  onTestFinished(() => store.close());
  await store.migrate();
  return { file, database, store };
}

/** A migrated store in memory. */
export function openMemoryStore(options: SqliteStoreOptions = {}): Promise<TempStore> {
  return openStore({ ...options, file: ":memory:" });
}

/** Every stored event as it lies in the file, for comparing byte for byte. */
export function rawRows(database: Database.Database): unknown[] {
  return database
    .prepare(
      "SELECT *, hex(body) AS body_hex, hex(metadata) AS metadata_hex FROM ventyd_log JOIN ventyd_content USING (position) ORDER BY position",
    )
    .all();
}
