/** Puts a clock that jumps in the place of the process's own: what the application, and the library in it, take for the time. */
export function shiftDate(): { readonly shift: (milliseconds: number) => void } {
  const System = Date;
  let shifted = 0;
  globalThis.Date = class extends System {
    constructor(...args: unknown[]) {
      // @ts-expect-error the arguments are whatever the caller gives to Date
      super(...(args.length === 0 ? [System.now() + shifted] : args));
    }

    static override now(): number {
      return System.now() + shifted;
    }
  } as DateConstructor;
  return {
    shift(milliseconds) {
      shifted = milliseconds;
    },
  };
}
