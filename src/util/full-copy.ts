import { isEqual } from "./is-equal.ts";
import { assignOwn, isPlainObject } from "./json.ts";

/** A copy that shares nothing with the value; `undefined` where it holds what cannot be copied, such as an instance of a class. */
export function fullCopy<T>(value: T): T | undefined {
  try {
    const copy = copyDeep(value) as T;
    return isEqual(copy, value) ? copy : undefined;
  } catch {
    return undefined;
  }
}

function copyDeep(value: unknown): unknown {
  if (typeof value === "function") throw new TypeError("a function");
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyDeep);
  if (value instanceof Date) return new Date(value);
  if (!isPlainObject(value)) throw new TypeError("an instance of a class");
  // With its own prototype: to the comparison an object without one differs from an object literal.
  const copy: Record<string, unknown> = Object.create(Object.getPrototypeOf(value));
  for (const key of Object.keys(value)) assignOwn(copy, key, copyDeep((value as Record<string, unknown>)[key]));
  return copy;
}
