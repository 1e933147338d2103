/** The part of Node's `AsyncLocalStorage` that we use. */
export interface AsyncContext<T> {
  run<TResult>(value: T, work: () => TResult): TResult;
  getStore(): T | undefined;
}

type AsyncContextClass = new () => AsyncContext<unknown>;

/**
 * The async context of this process that goes by `name`, or `undefined` where the runtime has none (a browser). It is looked up at run time,
 * so that nothing of `node:*` is imported.
 */
export function asyncContext<T>(name: string): AsyncContext<T> | undefined {
  return sharedByName(name, () => {
    const { process } = globalThis as {
      process?: { getBuiltinModule?: (id: string) => { AsyncLocalStorage: AsyncContextClass } | undefined };
    };
    const hooks = process?.getBuiltinModule?.("node:async_hooks");
    return hooks && (new hooks.AsyncLocalStorage() as AsyncContext<T>);
  });
}

/** What has been found before: every call to a store asks several times, and `Symbol.for` looks in a table of the whole process. */
const found = new Map<string, unknown>();

/** What goes by `name` in this process, made when it is first asked for; two installed copies of the package see the same one. */
export function sharedByName<T>(name: string, create: () => T): T {
  const known = found.get(name) as T | undefined;
  if (known !== undefined) return known;
  const key = Symbol.for(`ventyd.${name}`);
  const shared = globalThis as unknown as Record<symbol, T | undefined>;
  const value = shared[key] ?? create();
  if (value === undefined) return value;
  if (shared[key] === undefined) Object.defineProperty(globalThis, key, { value, configurable: true });
  found.set(name, value);
  return value;
}
