import { type Change, compare } from "../repository/changes.ts";
import { isEqual } from "../util/is-equal.ts";
import { assignOwn, isPlainObject, type Json } from "../util/json.ts";

const maxLines = 20;
const maxValueLength = 200;

/**
 * What differs between two values, in one line for each place; `undefined` where they are equal. Keys with the value `undefined` count as
 * absent, as in JSON.
 *
 * @param what name of the values: the first part of every path.
 */
export function describeDifference(what: string, actual: unknown, expected: unknown): string | undefined {
  const [found, wanted] = [withoutUndefined(actual), withoutUndefined(expected)];
  if (isEqual(found, wanted)) return undefined;
  const changes = compare(asJson(wanted), asJson(found));
  const lines = changes.slice(0, maxLines).map((change) => describeChange(what, change));
  if (changes.length === 0) lines.push(`${what}: looks the same, but is made of instances of another class`);
  if (changes.length > maxLines) lines.push(`... and ${changes.length - maxLines} more`);
  return lines.map((line) => `  - ${line}`).join("\n");
}

function describeChange(what: string, change: Change): string {
  // JSON Patch names the end of a list "-".
  const place =
    what + change.path.replace(/\/-$/, " at the end").replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~");
  switch (change.op) {
    case "add":
      return `${place}: not expected, got ${show(change.value)}`;
    case "remove":
      return `${place}: missing, expected ${show(change.previous)}`;
    case "replace":
      return `${place}: expected ${show(change.previous)}, got ${show(change.value)}`;
  }
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > maxValueLength ? `${text.slice(0, maxValueLength)}...` : text;
}

function withoutUndefined(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isPlainObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) assignOwn(copy, key, withoutUndefined(item));
  return copy;
}

/** What JSON cannot carry becomes a text that tells it from others: only JSON can be compared place by place. */
function asJson(value: unknown): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(asJson);
  if (isPlainObject(value)) {
    const json: Record<string, Json> = {};
    for (const [key, item] of Object.entries(value)) assignOwn(json, key, asJson(item));
    return json;
  }
  const content = Symbol.iterator in value ? [...(value as Iterable<unknown>)] : value;
  return `${value.constructor?.name ?? "Object"} ${JSON.stringify(content, (_, part) => (typeof part === "bigint" ? `${part}n` : part))}`;
}
