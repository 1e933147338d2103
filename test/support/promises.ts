/** A promise with its handles. */
export function deferred<T = void>() {
  return Promise.withResolvers<T>();
}

/** What a promise was rejected with; fails where it was not. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
}
