// #region open
import { Kysely, MysqlDialect } from "kysely";
import { createPool } from "mysql2";
import { createMysqlStore, fromKysely } from "ventyd/mysql";

export async function openStore(url: string) {
  const db = new Kysely({ dialect: new MysqlDialect({ pool: createPool(url) }) });
  const store = createMysqlStore(fromKysely(db));
  await store.migrate();
  return { store, close: () => store.close().then(() => db.destroy()) };
}
// #endregion
