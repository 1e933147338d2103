/** What the design asks for, in kB, minified and gzipped. */
export const goals = { entityHalf: 4, mainEntry: 12 };

/** In kB, minified and gzipped. */
export interface Budget {
  /** What must not be passed: where there is a goal that is not met, what it was when that was last looked at, and a little. */
  readonly budget: number;
  readonly goal?: number;
}

/**
 * One for each entry of the package, and for the part of the main entry that a browser needs. Whoever makes something smaller
 * lowers its budget; whoever raises one says in the commit what its users get for it.
 */
export const budgets: Readonly<Record<string, Budget>> = {
  "entity half": { budget: 8.7, goal: goals.entityHalf },
  ".": { budget: 19, goal: goals.mainEntry },
  "./zod": { budget: 2.7 },
  "./valibot": { budget: 2.7 },
  "./arktype": { budget: 2.7 },
  "./typebox": { budget: 3.9 },
  "./typebox0": { budget: 3.8 },
  "./standard": { budget: 2.6 },
  "./immer": { budget: 10.3 },
  "./memory": { budget: 12.1 },
  "./sqlite": { budget: 27.4 },
  "./adapter/prisma": { budget: 2.8 },
  "./testing": { budget: 51.5 },
  "./postgres": { budget: 28 },
  "./mysql": { budget: 29.2 },
};
