import knexNewest, { type Knex } from "knex";
import knexOldest from "knex-oldest";
import mysql2 from "mysql2";
import { fromKnex } from "../../src/adapters/mysql/from-knex.ts";
import { dialect, mysqlWords as words } from "../mysql/words.ts";
import { executorContract, type OpenExecutor } from "../sql/executor-contract.ts";
import { createMysqlDatabase } from "../support/servers.ts";
import { openKnexExecutor } from "./open-knex.ts";

async function open(make: typeof knexNewest, options: Knex.Config = {}): Promise<OpenExecutor> {
  const { url, drop } = await createMysqlDatabase();
  const db = make({ client: "mysql2", connection: url, pool: { min: 0, max: 5 }, log: { warn() {} }, ...options });
  return openKnexExecutor(db, fromKnex(db), drop);
}

/** A pool of the application's own, which the newest Knex takes. */
async function openOnPool(): Promise<OpenExecutor> {
  const { url, drop } = await createMysqlDatabase();
  const pool = mysql2.createPool({ uri: url, connectionLimit: 5 });
  const db = knexNewest({ client: "mysql2", connectionPool: pool as never, log: { warn() {} } });
  return openKnexExecutor(db, fromKnex(db), () => pool.promise().end().then(drop));
}

executorContract("Knex on mysql2", { open: () => open(knexNewest), words, dialect });
executorContract("Knex on mysql2, the oldest version", {
  open: () => open(knexOldest as unknown as typeof knexNewest),
  words,
  dialect,
});
executorContract("Knex on a pool of mysql2", { open: openOnPool, words, dialect });
executorContract("Knex on mysql2 with names, rows and values of the application's making", {
  open: async () => {
    const { url, drop } = await createMysqlDatabase();
    const db = knexNewest({
      client: "mysql2",
      connection: { uri: url, supportBigNumbers: true, bigNumberStrings: true, rowsAsArray: true },
      pool: { min: 0, max: 5 },
      log: { warn() {} },
      postProcessResponse: (rows) => (Array.isArray(rows) ? rows.map((row) => ({ ...row, more: 1 })) : {}),
      wrapIdentifier: (name, wrap) => wrap(`${name}_`),
    });
    return openKnexExecutor(db, fromKnex(db), drop);
  },
  words,
  dialect,
});
