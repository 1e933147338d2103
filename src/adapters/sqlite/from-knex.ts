import type { SqlConnection, SqlExecutor, SqlValue } from "../sql/executor.ts";
import { type KnexHandle, type KnexWire, knexExecutor } from "../sql/orms/knex.ts";

/** A database of better-sqlite3, as far as we use it. */
interface Database {
  prepare(sql: string): {
    readonly reader: boolean;
    safeIntegers(areSafe: boolean): unknown;
    all(...params: readonly SqlValue[]): unknown[];
    run(...params: readonly SqlValue[]): unknown;
  };
}

const wire: KnexWire = {
  driver: "better-sqlite3",
  needsOneConnection: true,
  connection: (lent): SqlConnection => ({
    async execute<TRow extends object>(sql: string, params: readonly SqlValue[] = []) {
      const statement = (lent as Database).prepare(sql);
      if (statement.reader) {
        statement.safeIntegers(false);
        return statement.all(...params) as TRow[];
      }
      statement.run(...params);
      return [];
    },
  }),
};

/**
 * Lets a store speak through Knex: `client` in its transactions is then the transaction of Knex, and `{ transaction: fromKnex(trx) }` joins one that the
 * application has opened. The store shares the one connection of Knex: its calls and those of the application take turns.
 *
 * @param knex what `knex({ client: "better-sqlite3", ... })` gave you, or a transaction of it.
 * @throws {UnsupportedError} `unsupported` for a Knex with another driver, or with several connections.
 *
 * @example
 * const store = createSqliteStore(fromKnex(knex));
 * await store.migrate();
 * await store.transaction(async ({ client }) => {
 *   await client("stock").where({ product: "lamp" }).decrement("pieces");
 * });
 */
export function fromKnex<TTransaction extends object>(knex: KnexHandle<TTransaction>): SqlExecutor<TTransaction> {
  return knexExecutor(knex, wire);
}
