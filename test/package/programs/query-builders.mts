import pg from "pg";
import { VentydError } from "ventyd";
import { createMysqlStore, fromDrizzle as fromMysqlDrizzle, fromKysely as fromMysqlKysely } from "ventyd/mysql";
import { createPostgresStore, fromDrizzle, fromKysely } from "ventyd/postgres";
import { createSqliteStore, fromDrizzle as fromSqliteDrizzle, fromKysely as fromSqliteKysely } from "ventyd/sqlite";

declare const console: { log(line: string): void };

/** Drizzle and Kysely, as far as stores use them. */
interface Transaction {
  readonly name: string;
}
const drizzleOver = ($client: object) => ({
  $client,
  execute: async (_sql: string) => ({ rows: [] }),
  transaction: <T,>(work: (transaction: Transaction) => Promise<T>) => work({ name: "drizzle" }),
});
const builder = {
  setIsolationLevel: () => builder,
  execute: <T,>(work: (transaction: Transaction) => Promise<T>) => work({ name: "kysely" }),
};
const kysely = {
  isTransaction: false,
  transaction: () => builder,
  withoutPlugins: () => ({ executeQuery: async ({ sql }: { sql: string }) => ({ rows: [{ sql }] }) }),
};

async function main() {
  const rows = await fromKysely(kysely).execute("SELECT 1");
  const stores = [
    // Nothing connects before it is needed.
    createPostgresStore(fromDrizzle(drizzleOver(new pg.Pool({ port: 1 })))),
    createPostgresStore(fromKysely(kysely)),
    createMysqlStore(fromMysqlKysely(kysely)),
    createSqliteStore(fromSqliteKysely(kysely)),
    createSqliteStore(fromSqliteDrizzle(drizzleOver({ execute() {}, transaction() {} }))),
  ];
  const use = () =>
    createPostgresStore(fromKysely(kysely)).transaction(async ({ client }) => {
      // @ts-expect-error the client is the ORM's own, and has no such method
      client.nothing;
      return client.name;
    });
  const refused = (work: () => unknown) => {
    try {
      return work();
    } catch (error) {
      return error instanceof VentydError && error.code;
    }
  };
  const ofOther = refused(() => fromMysqlDrizzle(drizzleOver({})));
  // @ts-expect-error what cannot begin a transaction is no ORM
  const ofNone = refused(() => fromKysely({}));
  const batches = stores.map(({ capabilities }) => capabilities.atomicBatches);
  console.log(JSON.stringify([rows, batches, typeof use, ofOther, ofNone]));
  for (const store of stores) await store.close();
}

void main();
