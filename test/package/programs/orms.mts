import { VentydError } from "ventyd";
import { createMysqlStore, fromKnex as fromMysqlKnex, fromPrisma as fromMysqlPrisma } from "ventyd/mysql";
import { createPostgresStore, fromKnex, fromPrisma, type SqlExecutor } from "ventyd/postgres";
import { createSqliteStore, fromKnex as fromSqliteKnex, fromPrisma as fromSqlitePrisma } from "ventyd/sqlite";

declare const console: { log(line: string): void };

/** ORMs, as far as stores use them. */
interface Transaction {
  readonly name: string;
}
const knexOn = (driverName: string) => ({
  client: { driverName, pool: { max: 1 } },
  transaction: <T,>(work: (transaction: Transaction) => Promise<T>) => work({ name: driverName }),
});
const prisma = {
  $connect() {},
  $queryRawUnsafe: async (sql: string, ..._params: unknown[]): Promise<unknown> => [{ sql }],
  $transaction: <T,>(work: (transaction: Transaction) => Promise<T>) => work({ name: "prisma" }),
};

async function main() {
  const executor: SqlExecutor<Transaction> = fromPrisma(prisma);
  const rows = await executor.execute("SELECT 1");
  // Nothing connects before it is needed.
  const stores = [
    createPostgresStore(fromKnex(knexOn("pg"))),
    createPostgresStore(executor),
    createMysqlStore(fromMysqlKnex(knexOn("mysql2"))),
    createMysqlStore(fromMysqlPrisma(prisma)),
    createSqliteStore(fromSqliteKnex(knexOn("better-sqlite3"))),
    createSqliteStore(fromSqlitePrisma(prisma)),
  ];
  const use = () =>
    createPostgresStore(executor).transaction(async ({ client }) => {
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
  const ofOther = refused(() => fromKnex(knexOn("sqlite3")));
  // @ts-expect-error what cannot begin a transaction is no ORM
  const ofNone = refused(() => fromMysqlPrisma({}));
  console.log(
    JSON.stringify([rows, stores.map(({ capabilities }) => capabilities.atomicBatches), typeof use, ofOther, ofNone]),
  );
  for (const store of stores) await store.close();
}

void main();
