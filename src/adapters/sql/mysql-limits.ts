import type { SqlConnection } from "./executor.ts";

/**
 * Runs a transaction of ours at READ COMMITTED, and within bounds: how long it waits for others, and how long others may have to wait for it when its
 * process stands still. MySQL and MariaDB know such bounds for a session only; the session gets back what it had.
 *
 * @param begin begins the transaction, and ends it.
 * @param onError is told where the session may have kept the bounds.
 */
export async function withinLimits<T>(
  connection: SqlConnection,
  begin: () => Promise<T>,
  onError: (error: Error) => void,
): Promise<T> {
  // Without SESSION, an isolation level is that of the next transaction. The two servers call it by different names.
  await connection.execute(
    `SET /*!80000 @@transaction_isolation *//*M! @@tx_isolation */ = 'READ-COMMITTED',
       @ventyd_lock_wait = @@SESSION.innodb_lock_wait_timeout, SESSION innodb_lock_wait_timeout = 5,
       @ventyd_wait = @@SESSION.wait_timeout, SESSION wait_timeout = 10`,
  );
  try {
    return await begin();
  } finally {
    await connection
      .execute("SET SESSION innodb_lock_wait_timeout = @ventyd_lock_wait, SESSION wait_timeout = @ventyd_wait")
      .catch(onError);
  }
}
