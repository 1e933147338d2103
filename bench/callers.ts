import { type Candidate, compareRates } from "./compare.ts";
import type { Figures } from "./row.ts";

/** How many commits a caller makes one after another before the other candidate has its turn. */
const commitsPerTurn = 8;

/** So many callers at once, each with a turn of commits: commits of all of them in a second. */
export async function compareCallers(
  callers: number,
  ours: Candidate,
  beside: Candidate,
  seconds: number,
): Promise<Figures> {
  const rates = await compareRates(together(callers, ours), together(callers, beside), seconds);
  const commitsOfAll = callers * commitsPerTurn;
  return { ours: rates.ours * commitsOfAll, beside: rates.beside * commitsOfAll, ratio: rates.ratio };
}

function together(callers: number, turn: Candidate): Candidate {
  return async (times) => {
    await Promise.all(Array.from({ length: callers }, () => turn(times * commitsPerTurn)));
  };
}
