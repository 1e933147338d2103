import { CommitOutcomeUnknownError, VentydError } from "../../errors/index.ts";
import { pause } from "../../util/timers.ts";
import type { SqlDialect, SqlFailure } from "./dialect.ts";
import type { SqlConnection } from "./executor.ts";

/** How often work is begun anew that others were in the way of. */
const attempts = 10;

/** Milliseconds for which a server that is gone is asked again. */
const settleTimeout = 10_000;

/** Milliseconds, about, between two attempts where somebody else writes: longer pauses would starve whoever has waited longest. */
const pauseWhileBusy = 4;

/** Failures after which the same work, begun anew in the same transaction, sees what it met. */
const passingInside: ReadonlySet<SqlFailure | undefined> = new Set([
  "stolen_position",
  "stored_already",
  "behind_frontier",
]);

/** Failures of which one reason is a counter of positions that was set back. */
const countsAnew: ReadonlySet<SqlFailure | undefined> = new Set(["stolen_position", "behind_frontier"]);

/** Failures by which a transaction is given up. */
export const aborting: ReadonlySet<SqlFailure | undefined> = new Set(["deadlock", "serialization", "aborting_timeout"]);

/** Failures after which the same work, begun anew in another transaction, finds its way free. */
const passing: ReadonlySet<SqlFailure | undefined> = new Set([...passingInside, "deadlock", "serialization"]);

/**
 * Runs work of its own transaction again where others were in the way of it, and where its connection was lost, until the server has been silent
 * for too long. The work must come to the same when it is done twice.
 *
 * @param connection any one of the database's.
 * @param mayHaveWritten asked when a connection was lost: whether the attempt on it may have been carried out.
 * @param isUnknown whether that is so of an attempt before this call.
 * @throws {CommitOutcomeUnknownError}
 */
export async function retry<T>(
  dialect: SqlDialect,
  connection: SqlConnection,
  work: () => Promise<T>,
  mayHaveWritten: () => boolean = () => false,
  isUnknown = false,
): Promise<T> {
  const patientUntil = performance.now() + (dialect.patience ?? 0);
  let lostAt: number | undefined;
  for (let attempt = 1, wait = 10; ; ) {
    try {
      return await work();
    } catch (error) {
      const failure = dialect.classify(error);
      if (failure === "lock_timeout" && performance.now() < patientUntil) {
        await pause(pauseWhileBusy * (0.5 + Math.random()));
        continue;
      }
      if (failure === "connection_lost") {
        isUnknown ||= mayHaveWritten();
        lostAt ??= performance.now();
        if (performance.now() - lostAt < settleTimeout) {
          await pause(wait);
          wait = Math.min(wait * 2, 500);
          continue;
        }
      }
      if (!passing.has(failure) || attempt++ === attempts)
        throw isUnknown
          ? outcomeUnknown(error, ", and what became of it could not be found out since")
          : fromSqlError(error, dialect);
      if (countsAnew.has(failure)) await dialect.frontier?.raisePositions(connection);
    }
  }
}

/** Runs work inside a transaction of somebody else's again, as far as that survives what happened. */
export async function retryInside<T>(
  dialect: SqlDialect,
  connection: SqlConnection,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const failure = dialect.classify(error);
      // What others have stored since the snapshot of a transaction, no attempt in it ever sees.
      if (aborting.has(failure) || (failure === "stored_already" && attempt === attempts))
        throw transactionAborted(error);
      if (!passingInside.has(failure) || attempt === attempts) throw fromSqlError(error, dialect);
      if (countsAnew.has(failure)) await dialect.frontier?.raisePositions(connection);
    }
  }
}

export function transactionAborted(cause: unknown): VentydError {
  return new VentydError(
    "transaction_aborted",
    "Transaction was aborted: the database gave it up because of what others did at the same time. Abort it, and run all of it again.",
    { cause },
  );
}

function outcomeUnknown(cause: unknown, more = ""): CommitOutcomeUnknownError {
  return new CommitOutcomeUnknownError(
    `Commit outcome unknown: the connection broke${more}. Commit the same events again: nothing is written twice.`,
    { cause },
  );
}

/** Turns what COMMIT of a transaction that others have written in came to: whether it took effect cannot be found out for them. */
export function fromCommitError(error: unknown, dialect: SqlDialect): unknown {
  if (dialect.classify(error) === "connection_lost")
    return outcomeUnknown(error, " while the transaction was committed");
  return ofConstraint(error) ? error : fromSqlError(error, dialect);
}

/** Turns what a driver threw at a statement of ours into an error of ours; errors of ours pass. */
function fromSqlError(error: unknown, dialect: SqlDialect): unknown {
  if (error instanceof VentydError) return error;
  switch (dialect.classify(error)) {
    case "lock_timeout":
    case "aborting_timeout":
    case "deadlock":
    case "serialization":
      return new VentydError(
        "database_busy",
        "Database is busy: another transaction has held what this call needs for too long. Nothing was written; the call can be repeated.",
        { cause: error },
      );
    case "no_transaction":
      return new VentydError(
        "transaction_ended",
        "Transaction has ended: none is open on the handle that was passed as { transaction }. Begin one on it first.",
        { cause: error },
      );
    default: {
      const message = error instanceof Error ? error.message : String(error);
      return new VentydError("driver_error", `Database error: ${message}. The cause holds what the driver reported.`, {
        cause: error,
      });
    }
  }
}

/** Whether a constraint was violated. At COMMIT it is one of the application's tables: those of ours are looked at with each statement. */
function ofConstraint(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" && /^23\d{3}$/.test(code);
}
