import type { WorkResult } from "../../storage/index.ts";
import type { SqlDialect } from "./dialect.ts";
import type { SqlConnection } from "./executor.ts";

/** Ends a transaction, or a step in one, without effect and without an error. */
export const takeBack = Symbol();

/** Runs work as one step inside a transaction that is open. */
export async function inSavepoint<T>(
  connection: SqlConnection,
  dialect: SqlDialect,
  work: (step: SqlConnection) => Promise<WorkResult<T>>,
): Promise<T> {
  if (connection.savepoint !== undefined) {
    let step: WorkResult<T> | undefined;
    try {
      await connection.savepoint(async (within) => {
        step = await work(within);
        if (!step.keep) throw takeBack;
      });
    } catch (error) {
      if (error !== takeBack) throw error;
    }
    return (step as WorkResult<T>).value;
  }
  await dialect.savepoint(connection);
  let result: WorkResult<T>;
  try {
    result = await work(connection);
  } catch (error) {
    // What failed may have ended the transaction, and the savepoint with it: then that is what must be told.
    const takenBack = connection.execute("ROLLBACK TO SAVEPOINT ventyd");
    await takenBack.then(() => connection.execute("RELEASE SAVEPOINT ventyd")).catch(() => {});
    throw error;
  }
  if (!result.keep) await connection.execute("ROLLBACK TO SAVEPOINT ventyd");
  await connection.execute("RELEASE SAVEPOINT ventyd");
  return result.value;
}
