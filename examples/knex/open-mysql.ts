// #region open
import knex from "knex";
import { createMysqlStore, fromKnex } from "ventyd/mysql";

export async function openStore(connection: string) {
  const db = knex({ client: "mysql2", connection });
  const store = createMysqlStore(fromKnex(db));
  await store.migrate();
  return { db, store };
}
// #endregion
