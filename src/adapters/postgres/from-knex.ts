import type { SqlExecutor } from "../sql/executor.ts";
import { type KnexHandle, type KnexWire, knexExecutor } from "../sql/orms/knex.ts";
import { assertCommits } from "./executors/driver.ts";
import { type PgClient, pgConnection } from "./executors/pg.ts";

const wire: KnexWire = {
  driver: "pg",
  connection: (lent) => pgConnection(lent as PgClient),
  isolationLevel: "read committed",
  beforeCommit: assertCommits,
};

/**
 * Lets a store speak through Knex: `client` in its transactions is then the transaction of Knex, and `{ transaction: fromKnex(trx) }` joins one that the
 * application has opened, in a store on any driver. Its statements go past the settings of Knex, `postProcessResponse` and logging included.
 *
 * @param knex what `knex({ client: "pg", ... })` gave you, or a transaction of it.
 * @throws {UnsupportedError} `unsupported` for a Knex with another driver.
 *
 * @example
 * const store = createPostgresStore(fromKnex(knex));
 * await store.migrate();
 * await store.transaction(async ({ client }) => {
 *   await client("stock").where({ product: "lamp" }).decrement("pieces");
 * });
 */
export function fromKnex<TTransaction extends object>(knex: KnexHandle<TTransaction>): SqlExecutor<TTransaction> {
  return knexExecutor(knex, wire);
}
