import { drizzle } from "drizzle-orm/mysql2";
import { drizzle as oldest } from "drizzle-orm-oldest/mysql2";
import callbacks from "mysql2";
import { createPool, type Pool, type PoolOptions } from "mysql2/promise";
import { fromDrizzle } from "../../src/adapters/mysql/from-drizzle.ts";
import { dialect, mysqlWords as words } from "../mysql/words.ts";
import { executorContract } from "../sql/executor-contract.ts";
import { createMysqlDatabase } from "../support/servers.ts";
import { openDrizzleExecutor } from "./open-drizzle.ts";

type Database = Parameters<typeof openDrizzleExecutor>[0] & Parameters<typeof fromDrizzle>[0];

async function open(make: (client: Pool) => Database, options: PoolOptions = {}) {
  const { url, drop } = await createMysqlDatabase();
  const pool = createPool({ uri: url, connectionLimit: 5, ...options });
  const db = make(pool);
  return openDrizzleExecutor(db, fromDrizzle(db), () => pool.end().then(drop));
}

async function openOnCallbacks() {
  const { url, drop } = await createMysqlDatabase();
  const pool = callbacks.createPool({ uri: url, connectionLimit: 5 });
  const db = drizzle({ client: pool });
  return openDrizzleExecutor(db, fromDrizzle(db), () => pool.promise().end().then(drop));
}

executorContract("Drizzle on mysql2", { open: () => open((client) => drizzle({ client })), words, dialect });
executorContract("Drizzle on mysql2, the oldest version", {
  open: () => open((client) => oldest({ client })),
  words,
  dialect,
});
executorContract("Drizzle on mysql2 with callbacks", { open: openOnCallbacks, words, dialect });
executorContract("Drizzle on mysql2 with names and values of the application's", {
  open: () =>
    open((client) => drizzle({ client, casing: "camelCase", logger: { logQuery() {} } }), {
      supportBigNumbers: true,
      bigNumberStrings: true,
      namedPlaceholders: true,
    }),
  words,
  dialect,
});
