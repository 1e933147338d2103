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
  const warmUpMilliseconds = seconds * 125;
  const runOurs = await warmUp(ours, warmUpMilliseconds);
  const runBeside = await warmUp(beside, warmUpMilliseconds);
  const rounds: Figures[] = [];
  const end = performance.now() + seconds * 750;
  while (rounds.length < 9 || performance.now() < end) {
    const oursFirst = rounds.length % 2 === 0;
    const first = await (oursFirst ? runOurs : runBeside)();
    const second = await (oursFirst ? runBeside : runOurs)();
    const [ours, beside] = oursFirst ? [first, second] : [second, first];
    rounds.push({ ours, beside, ratio: ours / beside });
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

/** @returns what runs a candidate for a slice, now that it is at its full speed, and gives the milliseconds of one operation. */
async function warmUp(candidate: Candidate, milliseconds: number): Promise<() => Promise<number>> {
  const end = performance.now() + milliseconds;
  let times = 1;
  const run = async () => {
    const start = performance.now();
    await candidate(times);
    return (performance.now() - start) / times;
  };
  // The fastest run counts: one that other work held up would leave slices that are too short.
  let fastest = Number.POSITIVE_INFINITY;
  do {
    fastest = Math.min(fastest, await run());
    times = Math.max(1, Math.min(times * 2, Math.round(slice / fastest)));
  } while (performance.now() < end);
  return run;
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
