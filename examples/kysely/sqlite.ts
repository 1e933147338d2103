// #region open
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { createSqliteStore, fromKysely } from "ventyd/sqlite";

export async function openStore(file: string) {
  const database = new Database(file, { timeout: 50 });
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  const db = new Kysely({ dialect: new SqliteDialect({ database }) });
  const store = createSqliteStore(fromKysely(db));
  await store.migrate();
  return { store, close: () => store.close().then(() => db.destroy()) };
}
// #endregion
