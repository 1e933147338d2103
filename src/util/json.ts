import { SerializationError } from "../errors/index.ts";

/** A value that JSON carries: what is stored of bodies, metadata and snapshots. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

type Path = readonly (string | number)[];

/** Deeper values overflow the stack of `JSON.stringify` in some runtimes while `JSON.parse` still reads them. */
const maxDepth = 500;

/**
 * Copies a value into the JSON that stands for it. `toJSON` methods are asked, keys with the value `undefined` vanish, -0 becomes 0;
 * what JSON would drop or change in silence (functions, `NaN`, bigint, symbols, maps, class instances, holes, cycles) is refused.
 *
 * @throws {SerializationError} `not_json`, with the path of the culprit.
 */
export function toJson(value: unknown, what: string): Json {
  const json = copy(value, [], what);
  if (json === undefined) refuse([], what, "undefined");
  return json;
}

function copy(value: unknown, path: (string | number)[], what: string, wasAsked = false): Json | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) refuse(path, what, String(value));
      return value === 0 ? 0 : value;
    case "undefined":
      return undefined;
    case "object":
      break;
    default:
      return refuse(path, what, typeof value);
  }
  if (value === null) return null;
  if (path.length > maxDepth)
    refuse(path.slice(0, 8), what, `a value nested deeper than ${maxDepth} levels, or a cycle`);
  if (Array.isArray(value)) return copyArray(value, path, what);

  const prototype = Object.getPrototypeOf(value);
  if (!wasAsked && typeof (value as { toJSON?: unknown }).toJSON === "function") {
    const replaced: unknown = (value as { toJSON: (key: string) => unknown }).toJSON(String(path.at(-1) ?? ""));
    // Coerced to a date again, null is 1970.
    if (replaced === null && Number.isNaN(value.valueOf?.())) refuse(path, what, "a date that is none");
    // Asked once, as JSON.stringify does: an answer that has a toJSON of its own would be asked for ever.
    return replaced === value ? copyObject(value, path, what) : copy(replaced, path, what, true);
  }
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
    refuse(path, what, `an instance of ${prototype.constructor?.name || "a class"}`);
  }
  return copyObject(value, path, what);
}

function copyArray(array: readonly unknown[], path: (string | number)[], what: string): Json {
  const result: Json[] = [];
  for (let index = 0; index < array.length; index++) {
    path.push(index);
    const item = copy(array[index], path, what);
    if (item === undefined) refuse(path, what, index in array ? "undefined in an array" : "a hole in an array");
    result.push(item);
    path.pop();
  }
  return result;
}

function copyObject(object: object, path: (string | number)[], what: string): Json {
  const result: Record<string, Json> = {};
  for (const key of Object.keys(object)) {
    path.push(key);
    const item = copy((object as Record<string, unknown>)[key], path, what);
    if (item !== undefined) assignOwn(result, key, item);
    path.pop();
  }
  for (const symbol of Object.getOwnPropertySymbols(object)) {
    if (Object.prototype.propertyIsEnumerable.call(object, symbol))
      refuse(path, what, `the symbol key ${String(symbol)}`);
  }
  return result;
}

/** Sets a key of a plain object, `__proto__` like any other. */
export function assignOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
  } else {
    object[key] = value;
  }
}

function refuse(path: Path, what: string, found: string): never {
  const place = path.length === 0 ? what : `${what} at ${path.join(".")}`;
  throw new SerializationError(
    "not_json",
    `Not JSON: ${place} is ${found}. Store a string, number, boolean, array or plain object instead.`,
    [...path],
  );
}

/** How two values relate: `"distinct"` and `"shared"` are equal values, without and with an object that is part of both. */
export type Likeness = "distinct" | "shared" | "different";

/**
 * Compares a value with JSON, key order aside; keys with the value `undefined` count as absent. Tells in the same walk whether a change
 * to one could be seen through the other.
 */
export function compareWithJson(value: unknown, json: Json): Likeness {
  if (typeof json !== "object" || json === null) return Object.is(value, json) ? "distinct" : "different";
  if (typeof value !== "object" || value === null || Array.isArray(value) !== Array.isArray(json)) return "different";
  if (value === json) return "shared";
  let likeness: Likeness = "distinct";
  if (Array.isArray(value)) {
    const items = json as readonly Json[];
    if (value.length !== items.length) return "different";
    for (let index = 0; index < items.length; index++) {
      const item = compareWithJson(value[index], items[index] as Json);
      if (item === "different") return item;
      if (item === "shared") likeness = item;
    }
    return likeness;
  }
  if (!isPlainObject(value)) return "different";
  let count = 0;
  for (const key of Object.keys(value)) {
    const own = (value as Record<string, unknown>)[key];
    if (own === undefined) continue;
    if (!Object.hasOwn(json, key)) return "different";
    const item = compareWithJson(own, (json as Record<string, Json>)[key] as Json);
    if (item === "different") return item;
    if (item === "shared") likeness = item;
    count++;
  }
  return count === Object.keys(json).length ? likeness : "different";
}

/** True for object literals, of this realm or another. */
export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
