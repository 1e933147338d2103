// #region open
import { drizzle } from "drizzle-orm/mysql2";
import { createPool } from "mysql2/promise";
import { createMysqlStore, fromDrizzle } from "ventyd/mysql";

export async function openStore(url: string) {
  const pool = createPool(url);
  const store = createMysqlStore(fromDrizzle(drizzle({ client: pool })));
  await store.migrate();
  return { store, close: () => store.close().then(() => pool.end()) };
}
// #endregion
