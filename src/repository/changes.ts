import { createPatch, type Operation } from "rfc6902";
import { clone } from "../util/clone.ts";
import { assignOwn, type Json } from "../util/json.ts";

/** One difference between two states: a JSON Patch operation (RFC 6902) with the value that was there before. */
export type Change =
  | { readonly op: "add"; readonly path: string; readonly value: Json }
  | { readonly op: "remove"; readonly path: string; readonly previous: Json }
  | { readonly op: "replace"; readonly path: string; readonly value: Json; readonly previous: Json };

/** Finding the shortest edit of two lists takes time in the product of all that is in them; beyond this they are compared in place. */
const maxValueProduct = 100_000;

/** It also recurses once per item of both: an uneven pair of lists would run out of stack. */
const maxListSum = 1_000;

/** The operations that turn one JSON value into another, in the order in which to apply them. `null` stands for "not there yet". */
export function compare(before: Json | null, after: Json | null): readonly Change[] {
  if (before === null) return after === null ? [] : [{ op: "add", path: "", value: after }];
  // A copy of our own, changed in place: to copy a long list for every change in it would take the square of its length.
  let document: Json = clone(before);
  return createPatch(before, after, longLists).map((operation) => {
    const change = withPrevious(document, operation as Exclude<Operation, { op: "move" | "copy" | "test" }>);
    document = apply(document, change);
    return change;
  });
}

function withPrevious(document: Json, operation: Extract<Operation, { op: "add" | "remove" | "replace" }>): Change {
  const { op, path } = operation;
  if (op === "add") return { op, path, value: operation.value };
  const previous = valueAt(document, segments(path));
  return op === "remove" ? { op, path, previous } : { op, path, value: operation.value, previous };
}

function segments(path: string): string[] {
  return path
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueAt(document: Json, keys: readonly string[]): Json {
  return keys.reduce((value, key) => (value as Record<string, Json>)[key] as Json, document);
}

/** Applies one change, in place where it is not the whole document that changes. */
function apply(document: Json, change: Change): Json {
  const keys = segments(change.path);
  const key = keys.pop();
  const value = change.op === "remove" ? null : clone(change.value);
  if (key === undefined) return value;
  const parent = valueAt(document, keys) as Json[] | Record<string, Json>;
  if (Array.isArray(parent)) {
    const index = key === "-" ? parent.length : Number(key);
    if (change.op === "add") parent.splice(index, 0, value);
    else if (change.op === "remove") parent.splice(index, 1);
    else parent[index] = value;
  } else if (change.op === "remove") delete parent[key];
  else assignOwn(parent, key, value);
  return document;
}

/** Compares two long lists item by item between what they have in common at both ends. */
const longLists: NonNullable<Parameters<typeof createPatch>[2]> = (before, after, pointer) => {
  if (!Array.isArray(before) || !Array.isArray(after)) return undefined;
  if (countValues(before) * countValues(after) <= maxValueProduct && before.length + after.length <= maxListSum)
    return undefined;
  const texts = [before.map((item) => JSON.stringify(item)), after.map((item) => JSON.stringify(item))] as const;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && texts[0][start] === texts[1][start]) start++;
  let end = 0;
  while (end < shorter - start && texts[0].at(-1 - end) === texts[1].at(-1 - end)) end++;

  const at = (index: number) => pointer.add(String(index)).toString();
  const operations: Operation[] = [];
  const inBoth = shorter - start - end;
  for (let index = start; index < start + inBoth; index++) {
    if (texts[0][index] === texts[1][index]) continue;
    for (const operation of createPatch(before[index], after[index], longLists)) {
      operations.push({ ...operation, path: at(index) + operation.path } as Operation);
    }
  }
  const rest = start + inBoth;
  for (let index = before.length - end - 1; index >= rest; index--) operations.push({ op: "remove", path: at(index) });
  for (let index = rest; index < after.length - end; index++)
    operations.push({ op: "add", path: at(index), value: after[index] });
  return operations;
};

/** How many values there are in a value, itself included. */
function countValues(value: Json): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, item: Json) => sum + countValues(item), 1);
}
