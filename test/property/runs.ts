const { VENTYD_RUNS } = process.env;

/** How many runs a property gets; `VENTYD_RUNS` asks for another number, for a long night. A failure prints the seed and the path that repeat it. */
export function runs(usual: number): number {
  return VENTYD_RUNS === undefined ? usual : Number(VENTYD_RUNS);
}

/** How long a property may take, in milliseconds. */
export const longest = VENTYD_RUNS === undefined ? 120_000 : 24 * 60 * 60 * 1_000;
