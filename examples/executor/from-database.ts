import type { SqlConnection, SqlExecutor, SqlTransaction } from "ventyd/sqlite";
import { Connection, type Database } from "./database.ts";

/** Lets a store speak through a database of ours. */
export function fromDatabase(database: Database): SqlExecutor<Connection> {
  return {
    hasOneConnection: true,
    execute: (sql, params) => inTurn(database, (client) => speak(client).execute(sql, params)),
    transaction: (work) => inTurn(database, (client) => inTransaction(client, work)),
    join: (client) => (client instanceof Connection ? speak(client) : undefined),
  };
}

function speak(client: Connection): SqlConnection {
  return {
    async execute<TRow extends object>(sql: string, params: readonly unknown[] = []) {
      const rows = await client.query(sql, params as (string | number | null)[]);
      // This driver's rows have no prototype.
      return rows.map((row) => ({ ...row }) as TRow);
    },
  };
}

async function inTransaction<T>(client: Connection, work: (transaction: SqlTransaction<Connection>) => Promise<T>) {
  await client.query("BEGIN");
  try {
    const result = await work({ client, ...speak(client) });
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // Where SQLite has aborted it already this fails; why it was aborted is what counts.
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

/** Milliseconds for which the application may keep the connection from the store. */
const patience = 5_000;

/** A call inside a transaction of the application's that does not name it would wait for ever: for the connection that its caller has. */
function inTurn<T>(database: Database, work: (client: Connection) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let isGivenUp = false;
    const busy = Object.assign(new Error(`the connection was not free for ${patience} ms`), { code: "SQLITE_BUSY" });
    const timer = setTimeout(() => {
      isGivenUp = true;
      reject(busy);
    }, patience);
    const turn = database.use((client) => {
      clearTimeout(timer);
      // Who was told that it failed must not find it done.
      if (isGivenUp) throw busy;
      return work(client);
    });
    turn.then(resolve, reject);
  });
}
