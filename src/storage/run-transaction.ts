import { VentydError } from "../errors/index.ts";
import type { FifoLock } from "../util/fifo-lock.ts";
import { checkWhole } from "./check-commits.ts";
import { joinTransaction, OpenTransaction, type Outcome, type StoreTransaction, withinTime } from "./transaction.ts";

/** What running a transaction asks of a store. */
export interface TransactionSteps<TClient> {
  /** Lets one writer in at a time, where there is only one; absent where the database has them wait for each other. */
  readonly lock?: FifoLock | undefined;
  /** @throws {VentydError} `store_closed`. */
  assertOpen(): void;
  /** Begins a transaction of the database's; answers with the handle that stands for it. */
  begin(): (TClient & object) | Promise<TClient & object>;
  /** Commits; nobody can join any more. */
  commit(): Outcome | Promise<Outcome>;
  /** Takes back what was not committed, and lets go of what `begin` took, also when that has failed half-way. */
  end(): void | Promise<void>;
}

/** Milliseconds; timers take no more. */
const longestTimer = 2 ** 31 - 1;

/**
 * `transaction` of every store: joins the one around it, or runs `work` in one of its own.
 *
 * @throws {VentydError} `transaction_timeout`, `transaction_ended`, `store_closed`.
 * @throws {ValidationError} `invalid_option`.
 */
export async function runTransaction<TClient, T>(
  store: object,
  steps: TransactionSteps<TClient>,
  work: (transaction: StoreTransaction<TClient>) => Promise<T>,
  { timeout = 5_000 }: { readonly timeout?: number | undefined } = {},
): Promise<T> {
  const joined = joinTransaction<TClient>(store, undefined);
  if (joined.kind === "store") return work(joined.transaction.handle);
  steps.assertOpen();
  checkWhole("timeout", timeout, 1, longestTimer);
  await steps.lock?.acquire();
  let transaction: OpenTransaction<TClient> | undefined;
  let tookEffect: Outcome = () => false;
  try {
    const opened = new OpenTransaction<TClient>(store, await steps.begin());
    transaction = opened;
    const value = await opened.surround(() => withinTime(work(opened.handle), timeout));
    // What was not awaited comes too late from here on.
    opened.close();
    tookEffect = await steps.commit();
    return value;
  } finally {
    transaction?.close();
    await steps.end();
    transaction?.settle(tookEffect);
    steps.lock?.release();
    // Only now: what waited for the end may write.
    await transaction?.followUps;
  }
}

/**
 * For calls that stay out of the transaction around them and must wait for it: it in turn waits for the call.
 *
 * @throws {VentydError} `transaction_open`.
 */
export function assertOutside(store: object): void {
  if (OpenTransaction.current(store)?.isOpen !== true) return;
  throw new VentydError(
    "transaction_open",
    "Transaction is open: this call stays out of the store.transaction() around it, and a store has one writer at a time, so it would wait for itself. " +
      "Leave out { transaction: null }, or make the call after the transaction.",
  );
}
