import { dequal } from "dequal";
import { isPlainObject } from "./json.ts";

/** Whether two values are equal, all the way down; the order of keys aside. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return dequal(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false;
    for (let index = 0; index < a.length; index++) if (!isEqual(a[index], b[index])) return false;
    return true;
  }
  // dequal takes what a plain object has under the key "constructor" for its class, and no two for equal.
  const isPlain = isPlainObject(a) && Object.getPrototypeOf(a) === Object.getPrototypeOf(b);
  if (!isPlain) return dequal(a, b);
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) => Object.hasOwn(b, key) && isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}
