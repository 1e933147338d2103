import { UnsupportedError, VentydError } from "../errors/index.ts";
import { type AsyncContext, asyncContext, sharedByName } from "../util/async-context.ts";
import { startTimer } from "../util/timers.ts";

/** What the callback of `store.transaction` is given. */
export interface StoreTransaction<TClient = unknown> {
  /** The driver's own handle, for the application's statements inside this transaction; not to be used after it. */
  readonly client: TClient;
}

/** Tells of each event that was committed inside a transaction whether it is stored now that the transaction has ended. */
export type Outcome = (eventId: string) => boolean;

/** Where a handle keeps the transaction behind it; the same symbol in every installed copy of the package. */
const openTransaction: unique symbol = Symbol.for("ventyd.openTransaction") as never;

/** By which a store tells itself from what is wrapped around it; the same symbol in every installed copy of the package. */
export const storeItself: unique symbol = Symbol.for("ventyd.store") as never;

/** The store behind a wrapper that hands everything on to it, such as one that traces calls: transactions are the store's own. */
export function storeBehind(store: object): object {
  return (store as { readonly [storeItself]?: object })[storeItself] ?? store;
}

/** A transaction that `store.transaction` has opened, as stores and repositories see it. */
export class OpenTransaction<TClient = unknown> {
  /** What the application is given. */
  readonly handle: StoreTransaction<TClient>;
  /** Fulfils once it is known what took effect. */
  readonly ended: Promise<unknown>;
  readonly #store: object;
  readonly #listeners: ((tookEffect: Outcome) => unknown)[] = [];
  #followUps: Promise<unknown> = Promise.resolve();
  #isOpen = true;
  #outcome: Outcome | undefined;

  constructor(store: object, client: TClient & object) {
    this.#store = store;
    this.handle = Object.defineProperty({ client }, openTransaction, { value: this });
    this.ended = new Promise((resolve) => this.onEnd(resolve));
    clients().set(client, this);
  }

  /** Calls back once it is known what took effect; at once where it is. What it returns belongs to the {@link followUps}. */
  onEnd(listener: (tookEffect: Outcome) => unknown): void {
    if (this.#outcome === undefined) this.#listeners.push(listener);
    else listener(this.#outcome);
  }

  /** From here on nobody may join. */
  close(): void {
    this.#isOpen = false;
    clients().delete(this.handle.client as object);
  }

  /** It is known what took effect. */
  settle(tookEffect: Outcome): void {
    this.#outcome = tookEffect;
    this.#followUps = Promise.allSettled(this.#listeners.splice(0).map((listener) => listener(tookEffect)));
  }

  /** Fulfils when what waited for the end (plugins, snapshots) is done; the store awaits it after it has let go of its locks. */
  get followUps(): Promise<unknown> {
    return this.#followUps;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  belongsTo(store: object): boolean {
    return this.#store === store;
  }

  /** @throws {VentydError} `transaction_mismatch`, `transaction_ended`. */
  assertUsable(store: object): void {
    if (!this.belongsTo(store)) {
      throw new VentydError(
        "transaction_mismatch",
        "Wrong transaction: it belongs to another store. Pass a transaction of the store that the repository was made with.",
      );
    }
    if (!this.#isOpen) {
      throw new VentydError(
        "transaction_ended",
        "Transaction has ended: it was committed or aborted before this call. Await everything that store.transaction() starts before its callback returns.",
      );
    }
  }

  /** The transaction of a store that surrounds the caller; it may have ended when its callback did not await the caller. */
  static current(store: object): OpenTransaction | undefined {
    for (let frame = context()?.getStore(); frame !== undefined; frame = frame.outer) {
      if (frame.transaction.belongsTo(store)) return frame.transaction;
    }
    return undefined;
  }

  /** Makes this transaction the one that surrounds `work`. */
  surround<T>(work: () => T): T {
    const transactions = context();
    return transactions === undefined
      ? work()
      : transactions.run({ transaction: this, outer: transactions.getStore() }, work);
  }
}

interface Frame {
  readonly transaction: OpenTransaction;
  readonly outer: Frame | undefined;
}

function context(): AsyncContext<Frame> | undefined {
  return asyncContext<Frame>("transaction");
}

/** Whose transaction a driver's handle carries just now. */
function clients(): WeakMap<object, OpenTransaction> {
  return sharedByName("transactionClients", () => new WeakMap<object, OpenTransaction>());
}

/**
 * Waits for a transaction's work, but not for ever.
 *
 * @throws {VentydError} `transaction_timeout`.
 */
export async function withinTime<T>(work: Promise<T>, timeout: number): Promise<T> {
  let stopTimer = () => {};
  const expired = new Promise<never>((_, reject) => {
    stopTimer = startTimer(timeout, () => {
      reject(
        new VentydError(
          "transaction_timeout",
          `Transaction timed out: it was open for more than ${timeout} ms and has been aborted. Do slow work before it, or raise { timeout }.`,
        ),
      );
    });
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    stopTimer();
  }
}

/** What a call's `transaction` option comes to. */
export type JoinedTransaction<TClient> =
  | { readonly kind: "none" }
  | { readonly kind: "store"; readonly transaction: OpenTransaction<TClient> }
  | { readonly kind: "application"; readonly client: TClient };

/**
 * Resolves the `transaction` option of a call to a store. The `client` of a transaction of ours stands for that transaction.
 *
 * @throws {VentydError} `transaction_mismatch`, `transaction_ended`.
 */
export function joinTransaction<TClient>(
  store: object,
  option: StoreTransaction<TClient> | TClient | null | undefined,
): JoinedTransaction<TClient> {
  if (option === null) return { kind: "none" };
  if (option !== undefined && typeof option !== "object" && typeof option !== "function") {
    throw new UnsupportedError("transaction", `Unsupported: ${String(option)} is no transaction.`);
  }
  const transaction =
    option === undefined
      ? OpenTransaction.current(store)
      : ((option as { [openTransaction]?: OpenTransaction })[openTransaction] ?? clients().get(option));
  if (transaction !== undefined) {
    transaction.assertUsable(store);
    return { kind: "store", transaction: transaction as OpenTransaction<TClient> };
  }
  return option === undefined ? { kind: "none" } : { kind: "application", client: option as TClient };
}
