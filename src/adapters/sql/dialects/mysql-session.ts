import { UnsupportedError } from "../../../errors/index.ts";
import type { SqlConnection } from "../executor.ts";
import { one, type Row, text } from "./mysql-rows.ts";

/** What statements, and what becomes of them, depend on. */
export interface MysqlServer {
  readonly isMariaDb: boolean;
  /** Whether a transaction ends with the first lock that was waited for too long, where otherwise it goes on without the statement. */
  readonly timeoutsAbort: boolean;
}

export async function lookAtServer(connection: SqlConnection): Promise<MysqlServer> {
  const sql = "SELECT 0 /*M! + 1 */ AS mariadb, @@GLOBAL.innodb_rollback_on_timeout AS aborts";
  const { mariadb, aborts } = await one(connection, sql);
  return { isMariaDb: Number(mariadb) === 1, timeoutsAbort: Number(aborts) === 1 };
}

/**
 * @throws {UnsupportedError} where a look would show what is not committed, or would go on showing what was there at the first one; and where the nodes of a
 * cluster draw positions beside each other.
 */
export async function assertSession(connection: SqlConnection): Promise<void> {
  const { isolation, autocommit } = await one(
    connection,
    "SELECT /*!80000 @@transaction_isolation *//*M! @@tx_isolation */ AS isolation, @@autocommit AS autocommit",
  );
  if (text(isolation) === "READ-UNCOMMITTED" || Number(autocommit) !== 1) {
    throw new UnsupportedError(
      "mysql-session",
      `Unsupported: the connections of this pool have autocommit = ${autocommit} and the isolation level ${text(isolation)}. The log is read with autocommit on, at READ COMMITTED or above.`,
    );
  }
  // By its name in a SELECT, a server that was built without it would not know it.
  const [galera] = await connection.execute<Row>("SHOW GLOBAL VARIABLES LIKE 'wsrep_on'");
  if (galera !== undefined && text(galera.Value) === "ON") {
    throw new UnsupportedError(
      "mysql-cluster",
      "Unsupported: this server is a node of a Galera cluster, whose nodes draw positions beside each other and do not see each other's locks. Use a single primary server, with replicas.",
    );
  }
}
