import { startTimer } from "../util/timers.ts";

/** The part of an `AbortSignal` that we use; every runtime's fits. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** The end of something, from inside or by the caller's signal. */
export class Stop implements AbortSignalLike {
  #aborted = false;
  readonly #signal: AbortSignalLike | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #onAbort = () => this.now();

  constructor(signal: AbortSignalLike | undefined) {
    this.#signal = signal;
    if (signal?.aborted) this.#aborted = true;
    else signal?.addEventListener("abort", this.#onAbort);
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  now(): void {
    this.#aborted = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    for (const listener of [...this.#listeners]) listener();
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

/** Tells readers that wait for more that something was stored. A hint: one that is lost costs time, never an event. */
export class WakeUps {
  #count = 0;
  readonly #sleepers = new Set<() => void>();

  /** How often there was something; note it before looking, so that what comes while one looks is not slept through. */
  get count(): number {
    return this.#count;
  }

  notify(): void {
    this.#count++;
    for (const wake of this.#sleepers) wake();
  }

  /** Waits until there is more than at `count`, until some milliseconds have passed, or until the signal. */
  async wait(count: number, milliseconds: number | undefined, signal?: AbortSignalLike): Promise<void> {
    if (count !== this.#count || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const stopTimer = milliseconds === undefined ? () => {} : startTimer(milliseconds, () => wake());
      const wake = () => {
        stopTimer();
        this.#sleepers.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#sleepers.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }
}
