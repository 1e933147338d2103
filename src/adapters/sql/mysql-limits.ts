import type { SqlConnection } from "./executor.ts";

/** Seconds for which a transaction of ours may be idle, unless it asks for more. */
export const idleSeconds = 10;

/** The shortest time for which a lock is waited for: none on MariaDB, a second on MySQL. */
export const shortestWait = "/*M! 0 *//*!80000 1 */";
export const waitAsLittleAsCanBe = `SET SESSION innodb_lock_wait_timeout = ${shortestWait}`;

const bounds = `@ventyd_lock_wait = @@SESSION.innodb_lock_wait_timeout, SESSION innodb_lock_wait_timeout = 5,
  @ventyd_wait = @@SESSION.wait_timeout, SESSION wait_timeout = ${idleSeconds}`;
const giveBack = "SET SESSION innodb_lock_wait_timeout = @ventyd_lock_wait, SESSION wait_timeout = @ventyd_wait";

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
    `SET /*!80000 @@transaction_isolation *//*M! @@tx_isolation */ = 'READ-COMMITTED', ${bounds}`,
  );
  try {
    return await begin();
  } finally {
    await connection.execute(giveBack).catch(onError);
  }
}

/** The same for a transaction that an ORM has begun, at READ COMMITTED, on a connection that is not to be had outside of it. */
export async function withinLimitsInside<T>(connection: SqlConnection, work: () => Promise<T>): Promise<T> {
  await connection.execute(`SET ${bounds}`);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await connection.execute(giveBack).catch(() => {});
    throw error;
  }
  await connection.execute(giveBack);
  return result;
}
