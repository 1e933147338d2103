// #region open
import pg from "pg";
import { createPostgresStore } from "ventyd/postgres";

export async function openStore(connectionString: string) {
  const pool = new pg.Pool({ connectionString });
  pool.on("error", (error) => console.error("a connection that nobody used has gone:", error.message));
  const store = createPostgresStore(pool);
  await store.migrate();
  return { store, close: () => store.close().then(() => pool.end()) };
}
// #endregion
