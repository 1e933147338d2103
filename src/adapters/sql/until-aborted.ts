import type { SqlDialect } from "./dialect.ts";
import type { SqlConnection, SqlValue } from "./executor.ts";
import { aborting, transactionAborted } from "./sql-errors.ts";

/**
 * Keeps a transaction of ours from going on after the database has given it up, whoever was told of it: MySQL would carry out each further statement by
 * itself, and COMMIT would be a success.
 */
export function untilAborted(
  transaction: SqlConnection,
  dialect: SqlDialect,
): { readonly connection: SqlConnection; readonly assertNotAborted: () => void } {
  let abortedBy: unknown;
  const assertNotAborted = () => {
    if (abortedBy !== undefined) throw transactionAborted(abortedBy);
  };
  const guarded = <T>(work: Promise<T>) =>
    work.catch((error) => {
      const failure = dialect.classify(error);
      if (aborting.has(failure)) abortedBy ??= error;
      throw error;
    });
  const watch = (connection: SqlConnection): SqlConnection => {
    const savepoint = connection.savepoint?.bind(connection);
    return {
      async execute<TRow extends object>(sql: string, params?: readonly SqlValue[]) {
        assertNotAborted();
        return guarded(connection.execute<TRow>(sql, params));
      },
      ...(savepoint !== undefined && {
        async savepoint<T>(work: (step: SqlConnection) => Promise<T>) {
          assertNotAborted();
          return guarded(savepoint((step) => work(watch(step))));
        },
      }),
    };
  };
  return { connection: watch(transaction), assertNotAborted };
}
