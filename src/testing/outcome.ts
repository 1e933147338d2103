import { coreOf } from "../entity/internals.ts";
import type { DefaultSchema } from "../schema/define-schema.ts";
import { AssertionError } from "./assertion-error.ts";
import { describeDifference } from "./describe-difference.ts";
import { madeUpEvents } from "./made-up-events.ts";

/** What became of `when`. */
export interface Attempt {
  readonly entity: object;
  /** What was thrown, until a `thenError` has expected it. */
  readonly failure: { readonly error: unknown } | undefined;
}

/** How an error is recognised: by its code or whole message, its class, a part of its message, or a function that looks at it. */
export type ExpectedError = string | RegExp | (abstract new (...args: never) => Error) | ((error: unknown) => boolean);

/** Each check throws, or returns the attempt for the next one. */
export function checkEvents(
  attempt: Attempt,
  expected: readonly (readonly [eventName: unknown, body: unknown])[],
): Attempt {
  assertSucceeded("thenEvents", attempt, expected);
  const { schema } = coreOf(attempt.entity).definition;
  const actual = uncommitted(attempt);
  const wanted = expected.map(([eventName, body]) => asSeen(schema, eventName as string, body));
  const difference = describeDifference("events", actual, wanted);
  if (difference === undefined) return attempt;
  throw new AssertionError(`thenEvents: other events than expected\n${difference}`, { actual, expected: wanted });
}

export function checkState(attempt: Attempt, expected: unknown): Attempt {
  assertSucceeded("thenState", attempt, expected);
  const { state: actual } = coreOf(attempt.entity);
  const difference = describeDifference("state", actual, expected);
  if (difference === undefined) return attempt;
  throw new AssertionError(`thenState: another state than expected\n${difference}`, { actual, expected });
}

export function checkError(attempt: Attempt, expected: ExpectedError): Attempt {
  const left = uncommitted(attempt);
  if (attempt.failure === undefined) {
    const instead = left.map((event) => `\n  - ${event.eventName} ${JSON.stringify(event.body)}`).join("");
    throw new AssertionError(
      `thenError: expected ${describeExpected(expected)}, but nothing was thrown. Uncommitted events:${instead || " none"}`,
      { actual: left, expected },
    );
  }
  const { error } = attempt.failure;
  if (!fits(error, expected)) {
    throw new AssertionError(`thenError: expected ${describeExpected(expected)}, got ${describeError(error)}`, {
      actual: error,
      expected,
      cause: error,
    });
  }
  const difference = describeDifference("events", left, []);
  if (difference === undefined) return { ...attempt, failure: undefined };
  throw new AssertionError(
    `thenError: the error is the expected one, but it left events behind, which a commit would store\n${difference}\n` +
      "A mutation that throws is undone as a whole: dispatch all of it in one mutation, or move what comes before into events().",
    { actual: left, expected: [], cause: error },
  );
}

function assertSucceeded(check: string, { failure }: Attempt, expected: unknown): void {
  if (failure === undefined) return;
  throw new AssertionError(`${check}: nothing to compare, for when() threw ${describeError(failure.error)}`, {
    actual: failure.error,
    expected,
    cause: failure.error,
  });
}

interface SeenEvent {
  readonly eventName: string;
  readonly body: unknown;
}

function uncommitted({ entity }: Attempt): SeenEvent[] {
  const { queue, definition } = coreOf(entity);
  return queue.map(({ event }) => asSeen(definition.schema, event.eventName, event.body));
}

/** An event as reducers see it: the same for the body that was dispatched and for the one that is stored. */
function asSeen(schema: DefaultSchema, eventName: string, body: unknown): SeenEvent {
  try {
    const [event] = madeUpEvents(schema.entityName, [[eventName, body]]).events;
    return { eventName, body: schema.parseEvent(event).body };
  } catch {
    // Not a body of this event: the comparison shows what is wrong with it.
    return { eventName, body };
  }
}

function fits(error: unknown, expected: ExpectedError): boolean {
  if (typeof expected === "string") {
    const { code, message } = Object(error) as { code?: unknown; message?: unknown };
    return code === expected || message === expected;
  }
  if (expected instanceof RegExp) return (error instanceof Error ? error.message : String(error)).search(expected) >= 0;
  return isErrorClass(expected) ? error instanceof expected : (expected as (error: unknown) => boolean)(error);
}

function isErrorClass(expected: Exclude<ExpectedError, string | RegExp>): boolean {
  return expected.prototype === Error.prototype || expected.prototype instanceof Error;
}

function describeExpected(expected: ExpectedError): string {
  if (typeof expected === "string") return `the error "${expected}"`;
  if (expected instanceof RegExp) return `an error with a message like ${expected}`;
  return isErrorClass(expected) ? `an error of class ${expected.name}` : "an error that the given function accepts";
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? `${error.name} [${code}]: ${error.message}` : `${error.name}: ${error.message}`;
}
