import type { SqlConnection } from "./executor.ts";

/**
 * Begins an INSERT whose rows draw positions that follow each other, whatever step the session has for tables of the application: what is left out between two
 * of them is a hole, which readers must decide. Each server has its own way to say so for one statement.
 */
export const insertInto = `/*M! SET STATEMENT auto_increment_increment = 1, auto_increment_offset = 1 FOR */
  INSERT /*+ SET_VAR(auto_increment_increment = 1) SET_VAR(auto_increment_offset = 1) */ INTO`;

/*
 * Readers have gone past a position at or below the frontier. Where one is drawn, numbers are handed out again, as after a restore without the counter.
 *
 * The frontier is looked at in a plain SELECT of its own. What any other statement reads of it, it locks until the transaction ends: whoever moves the
 * frontier waits for that, and all who append wait behind him. Such a look may see an older frontier, in the application's REPEATABLE READ that of its first
 * one. It would pass a position below the newer one only if numbers had begun anew meanwhile, and for that the table must be made anew, or be altered, which
 * waits for transactions that have looked at it. At SERIALIZABLE every look is a lock; then whoever moves the frontier leaves it where it is.
 */

/** Refuses a position that readers have gone past, in the SQL of a procedure or a block; `noted` is a variable there. */
export function refuseBehindFrontier(t: { readonly frontier: string }, drawn: string): string {
  return `SELECT position INTO noted FROM ${t.frontier} WHERE id = 1;
    IF ${drawn} <= noted THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ventyd: a position is not above the frontier';
    END IF;`;
}

/** Whether readers have gone past a position that was drawn on this connection. */
export async function isBehindFrontier(
  connection: SqlConnection,
  t: { readonly frontier: string },
  drawn: number,
): Promise<boolean> {
  const [noted] = await connection.execute<{ position: unknown }>(`SELECT position FROM ${t.frontier} WHERE id = 1`);
  return drawn <= Number(noted?.position);
}
