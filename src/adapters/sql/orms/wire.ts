import type { SqlConnection, SqlTransaction } from "../executor.ts";

/** Runs a statement as it was made for the driver; its rows. */
export type RunStatement = (sql: string, params: readonly unknown[]) => Promise<readonly object[]>;

/**
 * Runs work in a transaction that an ORM begins, and sees to what ORMs leave to their applications.
 *
 * @param begin begins a transaction, runs what it is given there, and commits; aborts where that rejects.
 */
export type Care = <TClient, T>(
  begin: (run: (transaction: SqlTransaction<TClient>) => Promise<T>) => Promise<unknown>,
  work: (transaction: SqlTransaction<TClient>) => Promise<T>,
) => Promise<T>;

/** What differs from database to database, below an ORM that hands statements on as they are. */
export interface Wire {
  /** Statements of ours, in the way in which their parameters travel. */
  connection(run: RunStatement): SqlConnection;
  readonly care: Care;
}
