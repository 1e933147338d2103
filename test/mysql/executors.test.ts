import callbacks from "mysql2";
import mysql from "mysql2/promise";
import { executorOf } from "../../src/adapters/mysql/executors/index.ts";
import { executorContract, type OpenExecutor } from "../sql/executor-contract.ts";
import { createMysqlDatabase } from "../support/servers.ts";
import { dialect, mysqlWords as words } from "./words.ts";

async function open(
  options: mysql.PoolOptions,
  makePool: (options: mysql.PoolOptions) => object,
): Promise<OpenExecutor> {
  const { url, drop } = await createMysqlDatabase();
  const pool = makePool({ uri: url, connectionLimit: 5, ...options });
  return {
    executor: executorOf(pool),
    async openTransaction() {
      // Not of the pool: a single connection can be joined, too.
      const client = await mysql.createConnection({ uri: url, ...options });
      await client.beginTransaction();
      const end = (sql: string) => () => client.query(sql).finally(() => client.end());
      return { client, run: (sql) => client.query(sql), commit: end("COMMIT"), abort: end("ROLLBACK") };
    },
    run: (client, sql) =>
      ("promise" in client ? (client as callbacks.Connection).promise() : (client as mysql.Connection)).query(sql),
    notJoined: [pool],
    close: () => ("promise" in pool ? (pool as callbacks.Pool).promise() : (pool as mysql.Pool)).end().then(drop),
  };
}

executorContract("a pool of mysql2/promise", { open: () => open({}, mysql.createPool), words, dialect });
executorContract("a pool of mysql2 with callbacks", { open: () => open({}, callbacks.createPool), words, dialect });
executorContract("a pool of mysql2/promise with rows, numbers and names of the application's", {
  open: () =>
    open(
      {
        rowsAsArray: true,
        nestTables: true,
        namedPlaceholders: true,
        supportBigNumbers: true,
        bigNumberStrings: true,
      },
      mysql.createPool,
    ),
  words,
  dialect,
});
