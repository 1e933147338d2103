import type { SqlFailure } from "../dialect.ts";
import { ExecutorFailure } from "../executor-failure.ts";

/** An insert into the log that met what is there already. */
export class RefusedInsert extends Error {
  readonly failure: SqlFailure;

  constructor(failure: SqlFailure, cause?: unknown) {
    super(`insert into the log refused: ${failure}`, { cause });
    this.failure = failure;
  }
}

/** The key is told by its name only, and other tables have keys of the same name: so where the statement is known. */
export function refusedInsert(error: unknown): RefusedInsert | undefined {
  const { errno, message } = driverError(error);
  if (errno !== 1062) return undefined;
  switch (/'(?:[^']*\.)?([^'.]*)'[^']*$/.exec(message)?.[1]) {
    case "PRIMARY":
      return new RefusedInsert("stolen_position", error);
    case "event_id":
    case "idempotency_key":
      return new RefusedInsert("stored_already", error);
    default:
      return undefined;
  }
}

/** Whether it is what the server refused and has taken back, whatever the reason. What was interrupted (1317, 1969, 3024) may have been committed before. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof RefusedInsert) return true;
  const { errno } = driverError(error);
  return typeof errno === "number" && ![1317, 1969, 3024].includes(errno) && classify(error) !== "connection_lost";
}

/** What mysql2 threw, wherever an ORM has wrapped it. */
function driverError(error: unknown): { readonly errno: unknown; readonly code: unknown; readonly message: string } {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { errno, code, message } = cause as Error & { errno?: unknown; code?: unknown };
    if (errno !== undefined || code !== undefined) return { errno, code, message };
  }
  return { errno: undefined, code: undefined, message: error instanceof Error ? error.message : "" };
}

/** Whether somebody holds what a statement needs. */
export function isHeld(error: unknown): boolean {
  return classify(error) === "lock_timeout";
}

/** @param timeoutsAbort whether the server gives up the whole transaction where a lock was waited for too long. */
export function classify(error: unknown, timeoutsAbort = false): SqlFailure | undefined {
  if (error instanceof RefusedInsert || error instanceof ExecutorFailure) return error.failure;
  const { errno, code, message } = driverError(error);
  switch (errno) {
    case 1205: // ER_LOCK_WAIT_TIMEOUT; MariaDB's for NOWAIT too
      return timeoutsAbort ? "aborting_timeout" : "lock_timeout";
    case 3572: // ER_LOCK_NOWAIT
      return "lock_timeout";
    case 1213: // ER_LOCK_DEADLOCK
      return "deadlock";
    case 1020: // ER_CHECKREAD, of MariaDB with innodb_snapshot_isolation
      return "serialization";
    case 1142: // ER_TABLEACCESS_DENIED_ERROR
    case 1290: // ER_OPTION_PREVENTS_STATEMENT, of a server that is read-only
    case 1792: // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
      return "read_only";
    case 1305: // ER_SP_DOES_NOT_EXIST, of a savepoint
      return /^SAVEPOINT ventyd\b/.test(message) ? "no_transaction" : undefined;
    case 1053: // ER_SERVER_SHUTDOWN
    case 1927: // ER_CONNECTION_KILLED
    case 2006: // CR_SERVER_GONE_ERROR
    case 2013: // CR_SERVER_LOST
    case 4031: // ER_CLIENT_INTERACTION_TIMEOUT
      return "connection_lost";
    default:
      return isConnectionLost(code, message) ? "connection_lost" : undefined;
  }
}

/** What sockets and drivers say of a connection that is gone, or that cannot be had. */
function isConnectionLost(code: unknown, message: string): boolean {
  if (typeof code === "string")
    return /^(PROTOCOL_CONNECTION_LOST|ECONN(RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT)$/.test(code);
  return /^Can't (add new command when connection is|write) in closed state/.test(message);
}
