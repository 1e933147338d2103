import { assignOwn, isPlainObject } from "./json.ts";

/** Copies arrays and plain objects, all the way down; anything else (a date, an instance of a class) is handed on as it is. */
export function clone<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(clone) as T;
  if (!isPlainObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) assignOwn(copy, key, clone((value as Record<string, unknown>)[key]));
  return copy as T;
}
