/** How many commits may be in memory as they will be written, and how many characters of JSON they may have together. */
const mostCommits = 1_000;
const mostText = 32 * 1024 * 1024;

/**
 * Keeps what waits to be written within bounds, however many callers there are: who comes when it is full waits with what he has already, before anything is made
 * of it. First come, first served.
 */
export class Backlog {
  #commits = 0;
  #text = 0;
  readonly #waiting: (() => void)[] = [];

  get #isFull(): boolean {
    return this.#commits >= mostCommits || this.#text >= mostText;
  }

  /** Takes a place; where there is one nobody waits, so that its text is known before the next one comes. */
  enter(): Promise<void> | undefined {
    if (this.#isFull || this.#waiting.length > 0)
      return new Promise((resolve) => {
        this.#waiting.push(() => {
          this.#commits++;
          resolve();
        });
      });
    this.#commits++;
    return undefined;
  }

  /** What it has to write is known: so is whether there is room for the next one. */
  hold(characters: number): void {
    this.#text += characters;
    this.#letIn();
  }

  leave(characters: number): void {
    this.#commits--;
    this.#text -= characters;
    this.#letIn();
  }

  #letIn(): void {
    if (!this.#isFull) this.#waiting.shift()?.();
  }
}
