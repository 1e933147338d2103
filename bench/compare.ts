import type { Figures } from "./row.ts";

/** Does something so many times. */
export type Candidate = (times: number) => void | Promise<void>;

/** Milliseconds. Short enough that a busy machine slows both candidates of a round alike, long enough for the clock. */
const slice = 15;

/**
 * Runs two candidates in turn, slice by slice, for so many seconds after a warm-up. Who goes first changes with each round.
 *
 * @returns milliseconds of one operation (medians over the rounds), and the median of the rounds' own ratios.
 */
export async function compare(ours: Candidate, beside: Candidate, seconds: number): Promise<Figures> {
  const times = await warmUp(ours, beside, seconds * 250);
  const rounds: Figures[] = [];
  const end = performance.now() + seconds * 750;
  while (rounds.length < 9 || performance.now() < end) {
    const oursFirst = rounds.length % 2 === 0;
    const first = await timed(oursFirst ? ours : beside, times);
    const second = await timed(oursFirst ? beside : ours, times);
    const [a, b] = oursFirst ? [first, second] : [second, first];
    rounds.push({ ours: a / times, beside: b / times, ratio: a / b });
  }
  return {
    ours: median(rounds.map((round) => round.ours)),
    beside: median(rounds.map((round) => round.beside)),
    ratio: median(rounds.map((round) => round.ratio)),
  };
}

/** As {@link compare}, in operations per second: more is better. */
export async function compareRates(ours: Candidate, beside: Candidate, seconds: number): Promise<Figures> {
  const times = await compare(ours, beside, seconds);
  return { ours: 1000 / times.ours, beside: 1000 / times.beside, ratio: 1 / times.ratio };
}

/** As {@link compare}, in microseconds. */
export async function compareMicroseconds(ours: Candidate, beside: Candidate, seconds: number): Promise<Figures> {
  const times = await compare(ours, beside, seconds);
  return { ours: times.ours * 1000, beside: times.beside * 1000, ratio: times.ratio };
}

/** @returns how many operations fill a slice, once both candidates are at their full speed. */
async function warmUp(ours: Candidate, beside: Candidate, milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds;
  let times = 1;
  while (true) {
    const slower = Math.max(await timed(ours, times), await timed(beside, times));
    if (performance.now() >= end) return Math.max(1, Math.round((times * slice) / slower));
    times = Math.max(1, Math.round(times * Math.min(2, slice / slower)));
  }
}

async function timed(candidate: Candidate, times: number): Promise<number> {
  const start = performance.now();
  await candidate(times);
  return performance.now() - start;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that so large a part of all lies at or below. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] as number;
}
