/** Lets one holder in at a time, in the order of asking. */
export class FifoLock {
  #held = false;
  readonly #waiting: (() => void)[] = [];

  /** Where nobody holds it, work that never waits needs no lock. */
  get isHeld(): boolean {
    return this.#held;
  }

  /** Waits for the lock. */
  async acquire(): Promise<void> {
    if (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#held = true;
  }

  /** Hands the lock to whoever has waited longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#held = false;
    else next();
  }
}
