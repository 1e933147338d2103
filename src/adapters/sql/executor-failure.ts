import type { SqlFailure } from "./dialect.ts";

/** What an executor finds out by itself, where no driver has an error for it. */
export class ExecutorFailure extends Error {
  readonly failure: SqlFailure;

  constructor(failure: SqlFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}
