interface Timers {
  setImmediate?(callback: () => void): unknown;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Calls back after some milliseconds, unless the function that it returns is called before. Every runtime has timers, by the same names. */
export function startTimer(milliseconds: number, callback: () => void): () => void {
  const timers = globalThis as unknown as Timers;
  const timer = timers.setTimeout(callback, milliseconds);
  return () => timers.clearTimeout(timer);
}

/** The same for what no process need stay alive for, where the runtime knows such timers. */
export function startIdleTimer(milliseconds: number, callback: () => void): () => void {
  const timers = globalThis as unknown as Timers;
  const timer = timers.setTimeout(callback, milliseconds);
  (timer as { unref?: () => void }).unref?.();
  return () => timers.clearTimeout(timer);
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => startTimer(milliseconds, resolve));
}

/** Calls back when all that can go on at once has gone on. */
export function afterwards(callback: () => void): void {
  const timers = globalThis as unknown as Timers;
  if (timers.setImmediate !== undefined) timers.setImmediate(callback);
  else timers.setTimeout(callback, 0);
}
