import { isEqual } from "./is-equal.ts";
import { isPlainObject } from "./json.ts";

/** Where two values that are not equal differ first, from the outside in. */
export function pathOfDifference(a: unknown, b: unknown): readonly (string | number)[] {
  if (!isBranch(a) || !isBranch(b) || Array.isArray(a) !== Array.isArray(b)) return [];
  const key = Object.keys({ ...a, ...b }).find(
    (key) => Object.hasOwn(a, key) !== Object.hasOwn(b, key) || !isEqual(a[key], b[key]),
  );
  if (key === undefined) return [];
  return [Array.isArray(a) ? Number(key) : key, ...pathOfDifference(a[key], b[key])];
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && (Array.isArray(value) || isPlainObject(value));
}
