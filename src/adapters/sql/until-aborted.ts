import { VentydError } from "../../errors/index.ts";
import type { SqlDialect } from "./dialect.ts";
import type { SqlConnection, SqlValue } from "./executor.ts";
import { aborting, transactionAborted } from "./sql-errors.ts";

/** A transaction of ours, and what keeps it from going on after its end. */
export interface GuardedTransaction {
  readonly connection: SqlConnection;
  assertNotAborted(): void;
  /** Runs a call that has joined it. */
  join<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when every call that has joined it has come to its end: COMMIT in between would keep a part of one. */
  settled(): Promise<unknown>;
  /** From now on nothing more is carried out: the connection is lent to others next, and what still goes on here would be done in their transactions, or in none. */
  end(): void;
}

/**
 * Keeps a transaction of ours from going on after its end, and after the database has given it up, whoever was told of it: MySQL would carry out each
 * further statement by itself, and COMMIT would be a success.
 */
export function untilAborted(transaction: SqlConnection, dialect: SqlDialect): GuardedTransaction {
  let abortedBy: unknown;
  let hasEnded = false;
  const joined = new Set<Promise<unknown>>();
  const assertNotAborted = () => {
    if (abortedBy !== undefined) throw transactionAborted(abortedBy);
  };
  const assertGoingOn = () => {
    assertNotAborted();
    if (hasEnded) throw transactionEnded();
  };
  const guarded = <T>(work: Promise<T>) =>
    work.catch((error) => {
      const failure = dialect.classify(error);
      if (aborting.has(failure)) abortedBy ??= error;
      throw error;
    });
  const watch = (connection: SqlConnection): SqlConnection => {
    const savepoint = connection.savepoint?.bind(connection);
    return {
      async execute<TRow extends object>(sql: string, params?: readonly SqlValue[]) {
        assertGoingOn();
        return guarded(connection.execute<TRow>(sql, params));
      },
      ...(savepoint !== undefined && {
        async savepoint<T>(work: (step: SqlConnection) => Promise<T>) {
          assertGoingOn();
          return guarded(savepoint((step) => work(watch(step))));
        },
      }),
    };
  };
  return {
    connection: watch(transaction),
    assertNotAborted,
    join(work) {
      const call = work();
      joined.add(call);
      const forget = () => void joined.delete(call);
      call.then(forget, forget);
      return call;
    },
    settled: () => Promise.allSettled(joined),
    end() {
      hasEnded = true;
    },
  };
}

function transactionEnded(): VentydError {
  return new VentydError(
    "transaction_ended",
    "Transaction has ended: it was committed or aborted before this call had been carried out. Await everything that store.transaction() starts before its callback returns.",
  );
}
