import type { Budget } from "./budgets.ts";

/** What is to be said of a size in kB; where it does not pass, the build fails. */
export function verdict(size: number, limits: Budget | undefined): { readonly passes: boolean; readonly text: string } {
  if (limits === undefined) return { passes: false, text: "HAS NO BUDGET: give it one in bench/size/budgets.ts" };
  const { budget, goal } = limits;
  if (size > budget) return { passes: false, text: `OVER BUDGET by ${(size - budget).toFixed(2)}` };
  if (goal !== undefined && size > goal) return { passes: true, text: `goal missed by ${(size - goal).toFixed(2)}` };
  return { passes: true, text: goal === undefined ? "" : "goal met" };
}
