// @ts-expect-error: a module of Bun's own, which this project's compiler does not know
// #region open
import { Database } from "bun:sqlite";
import { createSqliteStore } from "ventyd/sqlite";

export async function openStore(file: string) {
  const store = createSqliteStore(new Database(file), { pragmas: "recommended" });
  await store.migrate();
  return store;
}
// #endregion
