import { median } from "../compare.ts";

/** What the process holds at one moment. */
export interface Sample {
  /** Bytes of objects and buffers, after the garbage is gone. */
  readonly heap: number;
  /** Timers, sockets and the like that keep the process alive, and the files that it has open. */
  readonly handles: number;
}

/** What a service may hold more of when a run ends than in the middle of it: caches and compiled code settle, a leak goes on. */
const bounds: Sample = { heap: 400_000, handles: 8 };

/**
 * Compares the last third of a run with the one before; the first warms up.
 *
 * @returns what has grown beyond its bound, in words.
 */
export function findGrowth(samples: readonly Sample[]): readonly string[] {
  const third = Math.floor(samples.length / 3);
  const [before, after] = [samples.slice(third, 2 * third), samples.slice(-third)];
  return (["heap", "handles"] as const).flatMap((what) => {
    const growth = median(after.map((sample) => sample[what])) - median(before.map((sample) => sample[what]));
    return growth > bounds[what] ? [`${what} grew by ${growth.toLocaleString("en")}, more than ${bounds[what]}`] : [];
  });
}
