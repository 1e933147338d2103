import { ConcurrencyError, EntityExistsError, IdempotencyMismatchError, VentydError } from "../errors/index.ts";
import type { CommitRow, EntityCommit } from "./types.ts";

/** A row of an append that was not refused. */
export type AcceptedRow = Extract<CommitRow, { status: "written" | "duplicate" }>;

/**
 * The rows of an append that was carried out.
 *
 * @param inTransaction whether the append belonged to a transaction that others opened.
 *
 * @throws {EntityExistsError} an entity that was to be created is stored already.
 * @throws {ConcurrencyError} another commit came first.
 * @throws {IdempotencyMismatchError} the key stands for other events.
 * @throws {VentydError} `corrupt_retry`.
 */
export function acceptedRows(
  commits: readonly EntityCommit[],
  rows: readonly CommitRow[],
  inTransaction = false,
): readonly AcceptedRow[] {
  for (const [index, row] of rows.entries()) throwIfRefused(commits[index] as EntityCommit, row, inTransaction);
  return rows as readonly AcceptedRow[];
}

function throwIfRefused(
  { entityName, entityId, expectedVersion, events, idempotencyKey = "" }: EntityCommit,
  row: CommitRow,
  inTransaction: boolean,
): void {
  switch (row.status) {
    case "conflict": {
      const facts = {
        entityName,
        entityId,
        expectedVersion: expectedVersion as number,
        actualVersion: row.actualVersion,
        inTransaction,
        transactionAborted: row.transactionAborted,
      };
      throw expectedVersion === 0 ? new EntityExistsError(facts) : new ConcurrencyError(facts);
    }
    case "key_mismatch":
      throw new IdempotencyMismatchError({ entityName, entityId, idempotencyKey });
    case "corrupt_retry":
      throw new VentydError(
        "corrupt_retry",
        `Corrupt retry: some of the ${events.length} event ids of this commit of ${entityName} "${entityId}" are stored already, but not in this order at this place. ` +
          "Give every event an id of its own, and retry a commit only with the very events that it had.",
      );
  }
}
