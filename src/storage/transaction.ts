import { UnsupportedError, VentydError } from "../errors/index.ts";
import { type AsyncContext, asyncContext } from "../util/async-context.ts";

/** A transaction that `store.transaction` has opened. */
export class StoreTransaction<TClient = unknown> {
  /** The driver's own handle, for the application's statements inside this transaction. */
  readonly client: TClient;
  readonly #store: object;
  readonly #endListeners: ((committed: boolean) => void)[] = [];
  #ended = false;
  #outcome: boolean | undefined;

  constructor(store: object, client: TClient) {
    this.#store = store;
    this.client = client;
  }

  /** Calls back once it is known whether the transaction took effect; at once where it is. */
  onEnd(listener: (committed: boolean) => void): void {
    if (this.#outcome === undefined) this.#endListeners.push(listener);
    else listener(this.#outcome);
  }

  /** For stores: from here on nobody may join. */
  close(): void {
    this.#ended = true;
  }

  /** For stores: it is known whether the transaction took effect. */
  settle(committed: boolean): void {
    this.#outcome = committed;
    for (const listener of this.#endListeners.splice(0)) listener(committed);
  }

  /** True for a transaction of this store. */
  belongsTo(store: object): boolean {
    return this.#store === store;
  }

  /** True until the callback of `store.transaction` has ended. */
  get isOpen(): boolean {
    return !this.#ended;
  }

  /** @throws {VentydError} `transaction_mismatch`, `transaction_ended`. */
  assertUsable(store: object): void {
    if (!this.belongsTo(store)) {
      throw new VentydError(
        "transaction_mismatch",
        "Wrong transaction: it belongs to another store. Pass a transaction of the store that the repository was made with.",
      );
    }
    if (this.#ended) {
      throw new VentydError(
        "transaction_ended",
        "Transaction has ended: it was committed or aborted before this call. Await everything that store.transaction() starts before its callback returns.",
      );
    }
  }

  /** The open transaction of a store that surrounds the caller. */
  static current(store: object): StoreTransaction | undefined {
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
  readonly transaction: StoreTransaction;
  readonly outer: Frame | undefined;
}

function context(): AsyncContext<Frame> | undefined {
  return asyncContext<Frame>("transaction");
}

/** What a call's `transaction` option comes to. */
export type JoinedTransaction<TClient> =
  | { readonly kind: "none" }
  | { readonly kind: "store"; readonly transaction: StoreTransaction<TClient> }
  | { readonly kind: "application"; readonly client: TClient };

/**
 * Resolves the `transaction` option of a call to a store.
 *
 * @throws {VentydError} `transaction_mismatch`, `transaction_ended`.
 */
export function joinTransaction<TClient>(
  store: object,
  option: StoreTransaction<TClient> | TClient | null | undefined,
): JoinedTransaction<TClient> {
  if (option === null) return { kind: "none" };
  if (option === undefined) {
    const surrounding = StoreTransaction.current(store);
    if (surrounding === undefined) return { kind: "none" };
    surrounding.assertUsable(store);
    return { kind: "store", transaction: surrounding as StoreTransaction<TClient> };
  }
  if (option instanceof StoreTransaction) {
    option.assertUsable(store);
    return { kind: "store", transaction: option };
  }
  if (typeof option !== "object")
    throw new UnsupportedError("transaction", `Unsupported: ${String(option)} is no transaction.`);
  return { kind: "application", client: option };
}
