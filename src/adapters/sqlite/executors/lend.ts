import { VentydError } from "../../../errors/index.ts";
import type { SqliteHandle } from "./executor.ts";

/**
 * Lends out a connection: makes a handle that stands for it until it is taken back, and a connection that serves again.
 *
 * For drivers that keep a closed connection, and the files under it, until the garbage collector has found every statement on it: thousands of
 * transactions that each open one run out of files, and a statement that is kept still writes.
 */
export function lend<TClient extends SqliteHandle & { readonly inTransaction: boolean }>(client: TClient) {
  let isOver = false;
  const ask = () => {
    if (!isOver) return;
    throw new VentydError(
      "transaction_ended",
      "Transaction has ended: it was committed, aborted or closed before this use of `client`. Use it inside store.transaction() only.",
    );
  };
  const takeBack = () => {
    isOver = true;
  };
  // For the same reason, closing it would not even end the transaction.
  const close = () => {
    if (client.inTransaction) client.exec("ROLLBACK");
    takeBack();
  };
  return { lent: guarded(client, ask, { close }), takeBack };
}

/** What looks like an object, and asks first whenever one of its methods is called; so do the statements that it makes. */
function guarded<T extends object>(target: T, ask: () => void, own: Readonly<Record<PropertyKey, unknown>> = {}): T {
  const stands: T = new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(own, name)) return own[name];
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function" || name === "constructor") return value;
      return (...args: unknown[]) => {
        ask();
        const result = value.apply(target, args) as unknown;
        if (result === target) return stands;
        return isStatement(result) ? guarded(result, ask) : result;
      };
    },
  });
  return stands;
}

function isStatement(value: unknown): value is object {
  return typeof value === "object" && value !== null && "reader" in value;
}
