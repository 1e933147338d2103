// #region open
import { DatabaseSync } from "node:sqlite";
import { createSqliteStore } from "ventyd/sqlite";

export async function openStore(file: string) {
  const store = createSqliteStore(new DatabaseSync(file), { pragmas: "recommended" });
  await store.migrate();
  return store;
}
// #endregion
