// #region open
import { createClient } from "@libsql/client";
import { drizzle } from "drizzle-orm/libsql";
import { createSqliteStore, fromDrizzle } from "ventyd/sqlite";

export async function openStore(file: string) {
  const client = createClient({ url: `file:${file}` });
  await client.execute("PRAGMA journal_mode = WAL");
  const store = createSqliteStore(fromDrizzle(drizzle({ client })));
  await store.migrate();
  return { store, close: () => store.close().then(() => client.close()) };
}
// #endregion
