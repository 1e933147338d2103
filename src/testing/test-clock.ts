import { ValidationError } from "../errors/index.ts";
import { parseInstant } from "../util/instant.ts";

/** A clock that stands still until it is moved. */
export interface TestClock {
  /** The time that the clock shows; the `now` of `Entity(...)` and of stores. Needs no `this`. */
  readonly now: () => Date;
  /** Moves the clock on by this many milliseconds. @throws {ValidationError} `invalid_option`: it does not go back; `set` does. */
  advance(milliseconds: number): void;
  /** Sets the clock, back too. @throws {ValidationError} `invalid_instant`. */
  set(instant: string | Date): void;
}

/**
 * Makes a clock for tests, which shows the same time whenever and however fast they run.
 *
 * @param start an ISO 8601 instant; default `"2024-01-01T00:00:00.000Z"`.
 * @param options.tick milliseconds by which the clock moves on each time it is read; default 0.
 * @throws {ValidationError} `invalid_instant`, `invalid_option`.
 *
 * @example
 * const clock = createTestClock();
 * const TestPost = Entity(postSchema, postReducer, { now: clock.now });
 * clock.advance(60_000);
 */
export function createTestClock(
  start: string | Date = "2024-01-01T00:00:00.000Z",
  { tick = 0 }: { readonly tick?: number } = {},
): TestClock {
  let time = parseInstant(start, "start");
  checkDuration("tick", tick);
  return {
    now() {
      const date = new Date(time);
      time += tick;
      return date;
    },
    advance(milliseconds) {
      checkDuration("the advance", milliseconds);
      time += milliseconds;
    },
    set(instant) {
      time = parseInstant(instant, "instant");
    },
  };
}

function checkDuration(what: string, milliseconds: number): void {
  if (Number.isSafeInteger(milliseconds) && milliseconds >= 0) return;
  throw new ValidationError(
    "invalid_option",
    `Invalid option: ${what} is ${milliseconds}. Give a whole number of milliseconds, at least 0.`,
  );
}
