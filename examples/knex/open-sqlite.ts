// #region open
import knex from "knex";
import { createSqliteStore, fromKnex } from "ventyd/sqlite";

export async function openStore(filename: string) {
  const db = knex({ client: "better-sqlite3", connection: { filename }, useNullAsDefault: true });
  const store = createSqliteStore(fromKnex(db));
  await store.migrate();
  return { db, store };
}
// #endregion
