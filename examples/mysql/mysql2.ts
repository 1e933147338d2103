// #region open
import { createPool } from "mysql2/promise";
import { createMysqlStore } from "ventyd/mysql";

export async function openStore(uri: string) {
  const pool = createPool({ uri });
  const store = createMysqlStore(pool);
  await store.migrate();
  return { pool, store };
}
// #endregion
