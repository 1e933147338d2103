import type { EventStore } from "ventyd";

/** A store that does `first` before its first call of `method` goes on: somebody who comes in between. */
export function overtaken<TStore extends EventStore>(
  store: TStore,
  method: keyof EventStore,
  first: () => Promise<unknown>,
): TStore {
  let isDone = false;
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function") return value;
      if (name !== method) return value.bind(target);
      return async (...args: unknown[]) => {
        if (!isDone) {
          isDone = true;
          await first();
        }
        return value.apply(target, args);
      };
    },
  });
}
