import { sql } from "drizzle-orm";
import type { SqlExecutor } from "../../src/adapters/sql/executor.ts";
import { heldTransaction } from "../postgres/held-transaction.ts";
import type { OpenExecutor } from "../sql/executor-contract.ts";

/** Drizzle on any driver, and a transaction of it, as far as the tests use them. */
interface DrizzleDatabase {
  transaction(work: (transaction: object) => Promise<void>): Promise<void>;
}
interface DrizzleTransaction {
  execute(text: string): PromiseLike<unknown>;
}

/** An executor of Drizzle for the contract of executors. */
export async function openDrizzleExecutor(
  db: DrizzleDatabase,
  executor: SqlExecutor<object>,
  close: () => Promise<unknown>,
  execute = (transaction: object, text: string) => (transaction as DrizzleTransaction).execute(text),
): Promise<OpenExecutor> {
  const run = async (transaction: object, text: string) => execute(transaction, text);
  return {
    executor,
    async openTransaction() {
      const held = await heldTransaction<object>((work) => db.transaction(work));
      return { ...held, run: (text) => run(held.client, text) };
    },
    run,
    notJoined: [db, (db as { $client?: unknown }).$client, sql`select 1`],
    close,
  };
}
