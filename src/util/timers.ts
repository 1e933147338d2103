interface Timers {
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Calls back after some milliseconds, unless the function that it returns is called before. Every runtime has timers, by the same names. */
export function startTimer(milliseconds: number, callback: () => void): () => void {
  const timers = globalThis as unknown as Timers;
  const timer = timers.setTimeout(callback, milliseconds);
  return () => timers.clearTimeout(timer);
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => startTimer(milliseconds, resolve));
}
