import { createPatch, type Operation } from "rfc6902";
import { assignOwn, type Json } from "../util/json.ts";

/** One difference between two states: a JSON Patch operation (RFC 6902) with the value that was there before. */
export type Change =
  | { readonly op: "add"; readonly path: string; readonly value: Json }
  | { readonly op: "remove"; readonly path: string; readonly previous: Json }
  | { readonly op: "replace"; readonly path: string; readonly value: Json; readonly previous: Json };

/** Finding the shortest edit of two lists takes time in the product of their lengths; beyond this they are compared in place. */
const maxListProduct = 10_000;

/** The operations that turn one JSON value into another, in the order in which to apply them. `null` stands for "not there yet". */
export function compare(before: Json | null, after: Json | null): readonly Change[] {
  if (before === null) return after === null ? [] : [{ op: "add", path: "", value: after }];
  let document: Json = before;
  return createPatch(before, after, longLists).map((operation) => {
    const change = withPrevious(document, operation as Exclude<Operation, { op: "move" | "copy" | "test" }>);
    document = apply(document, change);
    return change;
  });
}

function withPrevious(document: Json, operation: Extract<Operation, { op: "add" | "remove" | "replace" }>): Change {
  const { op, path } = operation;
  if (op === "add") return { op, path, value: operation.value };
  const previous = valueAt(document, path);
  return op === "remove" ? { op, path, previous } : { op, path, value: operation.value, previous };
}

function segments(path: string): string[] {
  return path
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueAt(document: Json, path: string): Json {
  return segments(path).reduce((value, key) => (value as Record<string, Json>)[key] as Json, document);
}

/** Applies one change; every object and list on the way is copied, what lies beside it is shared. */
function apply(document: Json, change: Change, [key, ...deeper] = segments(change.path)): Json {
  if (key === undefined) return change.op === "remove" ? null : change.value;
  if (Array.isArray(document)) {
    const list = [...document];
    const index = key === "-" ? list.length : Number(key);
    if (deeper.length > 0) list[index] = apply(list[index], change, deeper);
    else if (change.op === "add") list.splice(index, 0, change.value);
    else if (change.op === "remove") list.splice(index, 1);
    else list[index] = change.value;
    return list;
  }
  const object = { ...(document as Record<string, Json>) };
  if (deeper.length > 0) assignOwn(object, key, apply(object[key] as Json, change, deeper));
  else if (change.op === "remove") delete object[key];
  else assignOwn(object, key, change.value);
  return object;
}

/** Compares two long lists item by item between what they have in common at both ends. */
const longLists: NonNullable<Parameters<typeof createPatch>[2]> = (before, after, pointer) => {
  if (!Array.isArray(before) || !Array.isArray(after) || before.length * after.length <= maxListProduct)
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
