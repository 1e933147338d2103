import type { EventStore } from "ventyd";
import type { Fact } from "../facts.ts";

/** What a process of the harness works with. */
export interface Work {
  readonly store: EventStore;
  /** No other process, alive or dead, has the same. */
  readonly name: string;
  /** Of its choices. */
  readonly next: () => number;
  /** Which share of the transactions stays open for up to 1.2 s. */
  readonly slow: number;
  /** Where a reader begins who goes on with the work of one who was killed. */
  readonly after: number;
  /** Says something, on the disk before this returns. */
  readonly say: (fact: Fact) => void;
  /** Aborted when the process is told to end. */
  readonly signal: AbortSignal;
}

/** What a process does until it is told to end. Projections and workers join the harness as roles of their own. */
export type Role = (work: Work) => Promise<void>;

/** Now, by the clock of the machine that only goes forward, in microseconds. */
export function monotonic(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** How many events an entity comes to before the next one takes its place: a long run is not to measure how long entities load. */
const longest = 120;

/** Which entities the writers of a process use: few, so that writers meet. */
export class Busy {
  readonly #generations: number[] = Array.from({ length: 6 }, () => 0);

  pick(next: () => number): { readonly entityId: string; readonly isAt: (version: number) => void } {
    const index = Math.floor(next() * this.#generations.length);
    const generation = this.#generations[index] as number;
    return {
      entityId: `busy${index}.${generation}`,
      isAt: (version) => {
        if (version >= longest && this.#generations[index] === generation) this.#generations[index] = generation + 1;
      },
    };
  }
}

/** Runs a call that may be refused, or not be answered at all. @returns `undefined` where it was answered with an error. */
export async function attempt<T>({ say }: Work, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    sayError(say, error);
    return undefined;
  }
}

/** What the library or a driver says of itself has a code; all else is a mistake, of theirs or of the harness. */
export function sayError(say: Work["say"], error: unknown): void {
  const { code, cause } = error as { readonly code?: string; readonly cause?: { readonly code?: string } };
  if (typeof code !== "string") throw error;
  say({ kind: "erred", code: cause?.code === undefined ? code : `${code}: ${cause.code}` });
}
