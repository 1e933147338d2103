/** The part of Node's `AsyncLocalStorage` that we use. */
export interface AsyncContext<T> {
  run<TResult>(value: T, work: () => TResult): TResult;
  getStore(): T | undefined;
}

type AsyncContextClass = new () => AsyncContext<unknown>;

/**
 * The async context of this process that goes by `name`, or `undefined` where the runtime has none (a browser).
 *
 * It is looked up at run time, so that nothing of `node:*` is imported, and kept on `globalThis`, so that two installed copies of the
 * package see the same one.
 */
export function asyncContext<T>(name: string): AsyncContext<T> | undefined {
  const global = globalThis as unknown as Record<symbol, AsyncContext<T> | undefined> & {
    process?: { getBuiltinModule?: (id: string) => { AsyncLocalStorage: AsyncContextClass } | undefined };
  };
  const key = Symbol.for(`ventyd.${name}`);
  const existing = global[key];
  if (existing !== undefined) return existing;
  const hooks = global.process?.getBuiltinModule?.("node:async_hooks");
  if (hooks === undefined) return undefined;
  const created = new hooks.AsyncLocalStorage() as AsyncContext<T>;
  Object.defineProperty(globalThis, key, { value: created, configurable: true });
  return created;
}
