import type { Knex } from "knex";
import type { Knex as OldestKnex } from "knex-oldest";
import { createMysqlStore, fromKnex as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromKnex as fromPostgres, type SqlExecutor } from "ventyd/postgres";
import { createSqliteStore, fromKnex as fromSqlite } from "ventyd/sqlite";
import { expectTypeOf, test } from "vitest";

declare const db: Knex;
declare const typed: Knex<{ product: string }, { product: string }[]>;
declare const trx: Knex.Transaction;
declare const oldest: OldestKnex;
declare const oldestTrx: OldestKnex.Transaction;

test("`client` is the transaction of Knex, in the oldest version that is supported and in the newest", async () => {
  for (const store of [
    createPostgresStore(fromPostgres(db)),
    createMysqlStore(fromMysql(db)),
    createSqliteStore(fromSqlite(db)),
    createPostgresStore(fromPostgres(typed)),
  ]) {
    await store.transaction(async ({ client }) => {
      expectTypeOf(client).toEqualTypeOf<Knex.Transaction>();
      expectTypeOf(client.isCompleted()).toEqualTypeOf<boolean>();
      await client("stock").where({ product: "lamp" }).decrement("pieces");
    });
  }
  await createPostgresStore(fromPostgres(oldest)).transaction(async ({ client }) => {
    expectTypeOf(client).toEqualTypeOf<OldestKnex.Transaction>();
  });
  await createMysqlStore(fromMysql(oldest)).transaction(async ({ client }) => {
    expectTypeOf(client).toEqualTypeOf<OldestKnex.Transaction>();
  });
});

test("a transaction of Knex is joined, bare in a store on Knex and wrapped in any", async () => {
  expectTypeOf(fromPostgres(trx)).toEqualTypeOf<SqlExecutor<Knex.Transaction>>();
  expectTypeOf(fromMysql(oldestTrx)).toEqualTypeOf<SqlExecutor<OldestKnex.Transaction>>();
  const store = createPostgresStore(fromPostgres(db));
  await store.append([], { transaction: trx });
  await store.append([], { transaction: fromPostgres(trx) });
  await store.append([], { transaction: fromPostgres(oldestTrx) });
  await createSqliteStore(fromSqlite(db)).append([], { transaction: fromSqlite(trx) });
});

test("what is no handle of Knex is refused", () => {
  // @ts-expect-error a promise of a transaction is none
  fromPostgres(db.transaction());
  // @ts-expect-error a query is no handle
  fromMysql(db("stock"));
  // @ts-expect-error neither is an object
  fromSqlite({});
});
