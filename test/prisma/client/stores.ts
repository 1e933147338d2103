// What the types of fromPrisma make of generated clients: checked by test/orms/prisma-types.test.ts.
import { createMysqlStore, fromPrisma as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromPrisma as fromPostgres, type SqlExecutor } from "ventyd/postgres";
import { createSqliteStore, fromPrisma as fromSqlite } from "ventyd/sqlite";
import type { Prisma as Mysql, PrismaClient as MysqlClient } from "./mysql/client.ts";
import type { Prisma as Postgres, PrismaClient as PostgresClient } from "./postgresql/client.ts";
import type { Prisma as Sqlite, PrismaClient as SqliteClient } from "./sqlite/client.ts";

declare const postgres: PostgresClient;
declare const mysql: MysqlClient;
declare const sqlite: SqliteClient;
declare const tx: Postgres.TransactionClient;

/** True where two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const yes = <T extends true>(_?: T) => {};

// `client` is Prisma's own client of a transaction.
const store = createPostgresStore(fromPostgres(postgres));
await store.transaction(async ({ client }) => {
  yes<Same<typeof client, Postgres.TransactionClient>>();
  const found = await client.stock.findUnique({ where: { product: "lamp" } });
  yes<Same<typeof found, { product: string; pieces: number } | null>>();
});
await createMysqlStore(fromMysql(mysql)).transaction(async ({ client }) => {
  yes<Same<typeof client, Mysql.TransactionClient>>();
});
await createSqliteStore(fromSqlite(sqlite)).transaction(async ({ client }) => {
  yes<Same<typeof client, Sqlite.TransactionClient>>();
});

// A client that was extended has what it was extended with in its transactions.
const extended = postgres.$extends({ client: { hello: () => "hello" } });
await createPostgresStore(fromPostgres(extended)).transaction(async ({ client }) => {
  yes<Same<ReturnType<typeof client.hello>, "hello">>();
});

// Transactions are joined, bare in a store on Prisma and wrapped in any.
yes<Same<ReturnType<typeof fromPostgres<Postgres.TransactionClient>>, SqlExecutor<Postgres.TransactionClient>>>();
await store.append([], { transaction: tx });
await store.append([], { transaction: fromPostgres(tx) });
await postgres.$transaction((one) => store.append([], { transaction: fromPostgres(one) }));
await extended.$transaction((one) => store.append([], { transaction: fromPostgres(one) }));

// @ts-expect-error a table is no client
fromPostgres(postgres.stock);
// @ts-expect-error neither is an object
fromSqlite({});
