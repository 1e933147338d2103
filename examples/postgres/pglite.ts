// #region open
import { PGlite } from "@electric-sql/pglite";
import { createPostgresStore } from "ventyd/postgres";

export async function openStore(folder: string) {
  const database = new PGlite(folder);
  const store = createPostgresStore(database);
  await store.migrate();
  return { store, close: () => store.close().then(() => database.close()) };
}
// #endregion
