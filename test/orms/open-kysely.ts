import { CamelCasePlugin, type Kysely, type KyselyPlugin, sql, type Transaction } from "kysely";
import { CamelCasePlugin as OldestCamelCasePlugin, type Kysely as OldestKysely, sql as oldestSql } from "kysely-oldest";
import type { SqlExecutor } from "../../src/adapters/sql/executor.ts";
import { heldTransaction } from "../postgres/held-transaction.ts";
import type { OpenExecutor } from "../sql/executor-contract.ts";

/** Adds to the rows that the application reads. */
const onRows: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  transformResult: async ({ result }) => ({ ...result, rows: result.rows.map((row) => ({ ...row, more: 1 })) }),
};

/** What an application may have set. */
export const plugins = [new CamelCasePlugin(), onRows];

export const oldestPlugins = [new OldestCamelCasePlugin()];

/** An executor of Kysely for the contract of executors. */
export async function openKyselyExecutor(
  db: Kysely<unknown>,
  executor: SqlExecutor<object>,
  close: () => Promise<unknown>,
): Promise<OpenExecutor> {
  return {
    executor,
    async openTransaction() {
      const client = await db.startTransaction().execute();
      return {
        client,
        run: (text) => sql.raw(text).execute(client),
        commit: () => client.commit().execute(),
        abort: () => client.rollback().execute(),
      };
    },
    run: (client, text) => sql.raw(text).execute(client as Transaction<unknown>),
    notJoined: [db, db.withoutPlugins()],
    close,
  };
}

/** The same for the oldest version, which knows transactions only that last as long as a function. */
export async function openOldestKyselyExecutor(
  db: OldestKysely<unknown>,
  executor: SqlExecutor<object>,
  close: () => Promise<unknown>,
): Promise<OpenExecutor> {
  const run = (client: object, text: string) => oldestSql.raw(text).execute(client as OldestKysely<unknown>);
  return {
    executor,
    async openTransaction() {
      const held = await heldTransaction<OldestKysely<unknown>>((work) => db.transaction().execute(work));
      return { ...held, run: (text) => run(held.client, text) };
    },
    run,
    notJoined: [db, db.withoutPlugins()],
    close,
  };
}
