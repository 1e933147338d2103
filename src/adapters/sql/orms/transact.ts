/**
 * Runs work in a transaction that an ORM begins. What the work throws is thrown, the very same, though the ORM may have something else to say when not even
 * its ROLLBACK comes through; what the ORM says by itself is thrown as the driver said it.
 */
export async function transact<TClient, T>(
  begin: (run: (client: TClient) => Promise<T>) => Promise<unknown>,
  work: (client: TClient) => Promise<T>,
): Promise<T> {
  let failure: { readonly error: unknown } | undefined;
  const run = async (client: TClient) => {
    try {
      return await work(client);
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  try {
    return (await begin(run)) as T;
  } catch (error) {
    throw failure === undefined ? driverError(error) : failure.error;
  }
}

/** What the driver threw, where an ORM has wrapped it: its code says what happened. */
export function driverError(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && (inner as { code?: unknown }).code === undefined && inner.cause instanceof Error)
    inner = inner.cause;
  return inner;
}
