// #region open
import Database from "better-sqlite3";
import { createSqliteStore } from "ventyd/sqlite";

export async function openStore(file: string) {
  const store = createSqliteStore(new Database(file), { pragmas: "recommended" });
  await store.migrate();
  return store;
}
// #endregion
