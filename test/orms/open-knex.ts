import type { Knex } from "knex";
import type { SqlExecutor } from "../../src/adapters/sql/executor.ts";
import type { OpenExecutor } from "../sql/executor-contract.ts";

/** An executor of Knex for the contract of executors. */
export function openKnexExecutor(
  db: Knex,
  executor: SqlExecutor<Knex.Transaction>,
  drop: () => Promise<unknown>,
): OpenExecutor {
  return {
    executor,
    async openTransaction() {
      const client = await db.transaction();
      return {
        client,
        run: (sql) => client.raw(sql),
        commit: async () => client.commit(),
        abort: async () => client.rollback(),
      };
    },
    run: (client, sql) => (client as Knex.Transaction).raw(sql),
    notJoined: [db],
    close: () => db.destroy().then(drop),
  };
}
