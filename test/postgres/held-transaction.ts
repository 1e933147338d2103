/** A transaction that a driver knows only as long as a function, held open. */
export function heldTransaction<TClient extends object>(
  begin: (work: (client: TClient) => Promise<void>) => Promise<unknown>,
): Promise<{ client: TClient; commit(): Promise<void>; abort(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    let ended: Promise<unknown> = Promise.resolve();
    const work = (client: TClient) =>
      new Promise<void>((commit, abort) => {
        const end = (settle: () => void) => async () => {
          settle();
          await ended.catch(() => {});
        };
        resolve({ client, commit: end(commit), abort: end(() => abort(new Error("aborted"))) });
      });
    ended = begin(work);
    ended.catch(reject);
  });
}
