import type { SqlConnection, SqlExecutor } from "../../sql/executor.ts";

/** What the store knows of one driver; none is imported. */
export interface PostgresDriver<THandle, TClient> {
  /** Whether a handle is one of this driver's on which transactions can be begun, told by its structure. */
  owns(handle: unknown): handle is THandle;
  executor(handle: THandle): SqlExecutor<TClient>;
}

/** An error with the SQLSTATE by which the server would say the same. */
export function sqlError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** COMMIT was answered with a rollback. */
export function transactionFailed(): Error {
  return sqlError("25P02", "the transaction was rolled back, because a statement in it had failed");
}

/** Rejects where COMMIT would be answered with a rollback, of which nobody would be told. */
export async function assertCommits(connection: SqlConnection): Promise<void> {
  await connection.execute("SELECT 1").catch((error) => {
    throw (error as { code?: unknown }).code === "25P02" ? transactionFailed() : error;
  });
}
