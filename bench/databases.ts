import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { createSqliteStore, type SqliteStore } from "ventyd/sqlite";

export type Synchronous = "FULL" | "NORMAL";

/** Our store, and a raw connection on a file of its own beside it. */
export interface Databases {
  readonly store: SqliteStore<Database.Database>;
  /** The file of our store, and the application's handle on it. */
  readonly file: string;
  readonly database: Database.Database;
  /** The same tables and indexes in another file, without our triggers. */
  readonly raw: Database.Database;
}

/** Runs `work` on databases of its own, in WAL mode; removed afterwards. */
export async function withDatabases<T>(
  synchronous: Synchronous,
  work: (databases: Databases) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "ventyd-bench-"));
  const file = path.join(folder, "ours.db");
  const database = open(file, synchronous);
  const raw = open(path.join(folder, "raw.db"), synchronous);
  // That NORMAL is less than it could be is known here.
  const store = createSqliteStore(database, { onWarning: () => {} });
  try {
    await store.migrate();
    const tables = database
      .prepare(
        "SELECT sql FROM sqlite_schema WHERE tbl_name IN ('ventyd_log', 'ventyd_content') AND type IN ('table', 'index') AND sql IS NOT NULL",
      )
      .pluck()
      .all() as string[];
    for (const sql of tables) raw.exec(sql);
    return await work({ store, file, database, raw });
  } finally {
    await store.close();
    database.close();
    raw.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function open(file: string, synchronous: Synchronous): Database.Database {
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.pragma(`synchronous = ${synchronous}`);
  return database;
}
