/** How many runs a property gets; `VENTYD_RUNS` asks for another number, for a long night. A failure prints the seed and the path that repeat it. */
export function runs(usual: number): number {
  const { VENTYD_RUNS } = process.env;
  return VENTYD_RUNS === undefined ? usual : Number(VENTYD_RUNS);
}
