// #region open
import knex from "knex";
import { createPostgresStore, fromKnex } from "ventyd/postgres";

export async function openStore(connection: string) {
  const db = knex({ client: "pg", connection });
  const store = createPostgresStore(fromKnex(db));
  await store.migrate();
  return { db, store };
}
// #endregion
