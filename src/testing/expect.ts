import { isEqual } from "../util/is-equal.ts";
import { isPlainObject } from "../util/json.ts";
import { AssertionError } from "./assertion-error.ts";
import { describeDifference } from "./describe-difference.ts";

/** Both are the same value, all the way down. */
export function equal(actual: unknown, expected: unknown, what = "the value"): void {
  if (isEqual(actual, expected)) return;
  const difference = describeDifference(what, actual, expected) ?? "  - a key is there, with the value undefined";
  throw new AssertionError(`not as expected: ${what}\n${difference}`, { actual, expected });
}

/** Everything that is expected is there, all the way down; objects may have more keys, lists may not have more items. */
export function matches(actual: unknown, expected: unknown, what?: string): void {
  equal(reduced(actual, expected), expected, what);
}

/** What `what` says is so. */
export function ok(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionError(`it is not so that ${what}`, { actual: condition, expected: true });
}

type ErrorClass = abstract new (...args: never) => Error;

/**
 * The promise is rejected with an error of a class, or with one that has these facts.
 *
 * @returns the error.
 */
export async function rejects(
  promise: Promise<unknown>,
  expected: ErrorClass | { readonly [fact: string]: unknown },
  what = "the call",
): Promise<Error> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    const isClass = typeof expected === "function";
    const actual = isClass ? (error as Error)?.constructor : reduced(error, expected);
    if (isClass ? error instanceof expected : isEqual(actual, expected)) return error as Error;
    throw new AssertionError(`${what} is rejected with another error: ${error}`, { actual, expected, cause: error });
  }
  const wanted = typeof expected === "function" ? expected.name : JSON.stringify(expected);
  throw new AssertionError(`${what} is not rejected, expected ${wanted}`, { actual: value, expected });
}

/** What of a value is compared: the keys that are expected. */
function reduced(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((item, index) => (index < expected.length ? reduced(item, expected[index]) : item));
  }
  if (!isObject(actual) || !isObject(expected) || !isPlainObject(expected)) return actual;
  return Object.fromEntries(Object.keys(expected).map((key) => [key, reduced(actual[key], expected[key])]));
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
