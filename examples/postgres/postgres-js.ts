// #region open
import postgres from "postgres";
import { createPostgresStore } from "ventyd/postgres";

export async function openStore(url: string) {
  const sql = postgres(url, { fetch_types: false, connect_timeout: 5, onnotice: () => {} });
  const store = createPostgresStore(sql);
  await store.migrate();
  return { store, close: () => store.close().then(() => sql.end({ timeout: 5 })) };
}
// #endregion
