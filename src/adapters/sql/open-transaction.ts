import type { SqlExecutor, SqlTransaction } from "./executor.ts";

/** A transaction that goes on after the function that opened it, until it is told how to end. */
export interface HeldTransaction<TClient> {
  readonly transaction: SqlTransaction<TClient>;
  /** Resolves when it has committed. */
  commit(): Promise<void>;
  /** Takes back what was not committed; nothing where it has ended. */
  abort(): Promise<void>;
}

const aborted = Symbol();

/** Opens a transaction of an executor, which knows only those that last as long as a function. */
export async function openTransaction<TClient>(executor: SqlExecutor<TClient>): Promise<HeldTransaction<TClient>> {
  let finish: { readonly commit: () => void; readonly abort: () => void } | undefined;
  let ended: Promise<void> = Promise.resolve();
  const transaction = await new Promise<SqlTransaction<TClient>>((resolve, reject) => {
    ended = executor.transaction(
      (opened) =>
        new Promise<void>((commit, abort) => {
          finish = { commit, abort: () => abort(aborted) };
          resolve(opened);
        }),
    );
    ended.catch(reject);
  });
  return {
    transaction,
    commit() {
      finish?.commit();
      return ended;
    },
    async abort() {
      finish?.abort();
      await ended.catch(() => {});
    },
  };
}
