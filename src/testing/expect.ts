import { dequal } from "dequal";
import { isPlainObject } from "../util/json.ts";

/** A value is not what a test expects; runners draw a diff from `actual` and `expected`. */
export class Mismatch extends Error {
  readonly actual: unknown;
  readonly expected: unknown;

  constructor(what: string | undefined, actual: unknown, expected: unknown, cause?: unknown) {
    const compared = `expected ${show(expected)}, got ${show(actual)}`;
    super(what === undefined ? compared : `${what}: ${compared}`, cause === undefined ? undefined : { cause });
    // The name by which runners know what to draw.
    this.name = "AssertionError";
    this.actual = actual;
    this.expected = expected;
  }
}

/** Both are the same value, all the way down. */
export function equal(actual: unknown, expected: unknown, what?: string): void {
  if (!dequal(actual, expected)) throw new Mismatch(what, actual, expected);
}

/** Everything that is expected is there, all the way down; objects may have more keys, lists may not have more items. */
export function matches(actual: unknown, expected: unknown, what?: string): void {
  equal(reduced(actual, expected), expected, what);
}

/** What `what` says is so. */
export function ok(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Mismatch(what, condition, true);
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
  what = "rejection",
): Promise<Error> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    const found = typeof expected === "function" ? (error as Error)?.constructor : reduced(error, expected);
    const fits = typeof expected === "function" ? error instanceof expected : dequal(found, expected);
    if (!fits) throw new Mismatch(`${what} with ${String(error)}`, found, expected, error);
    return error as Error;
  }
  throw new Mismatch(`${what} is missing, the promise fulfilled`, value, expected);
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

const longest = 400;

function show(value: unknown): string {
  if (typeof value === "function") return value.name;
  const text = JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part)) ?? String(value);
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}
