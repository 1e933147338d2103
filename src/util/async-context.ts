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

/** A symbol is looked up in a table of the whole process, which takes longer than all else here, and every call to a store asks several times. */
const keys = new Map<string, symbol>();

/** What goes by `name` in this process, made when it is first asked for; two installed copies of the package see the same one. */
export function sharedByName<T>(name: string, create: () => T): T {
  let key = keys.get(name);
  if (key === undefined) {
    key = Symbol.for(`ventyd.${name}`);
    keys.set(name, key);
  }
  const shared = globalThis as unknown as Record<symbol, T | undefined>;
  const existing = shared[key];
  if (existing !== undefined) return existing;
  const created = create();
  if (created !== undefined) Object.defineProperty(globalThis, key, { value: created, configurable: true });
  return created;
}
