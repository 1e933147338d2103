/** Something is not what a test expects. Runners know it by its name, and draw a diff from `actual` and `expected`. */
export class AssertionError extends Error {
  readonly actual: unknown;
  readonly expected: unknown;

  constructor(message: string, { actual, expected, ...options }: AssertionFacts) {
    super(message, options);
    this.name = "AssertionError";
    this.actual = actual;
    this.expected = expected;
  }
}

interface AssertionFacts {
  readonly actual: unknown;
  readonly expected: unknown;
  readonly cause?: unknown;
}
