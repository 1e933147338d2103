import { SerializationError } from "../errors/index.ts";
import { clone } from "../util/clone.ts";
import { isEqual } from "../util/is-equal.ts";
import { compareWithJson, type Json, toJson } from "../util/json.ts";

/** A body in the two forms that an event has: what is stored, and what the reducer sees. No object is part of both. */
export interface StableBody {
  readonly stored: Json;
  readonly seen: unknown;
  /** True when `stored` is what the schema made of the input, so that it needs no parsing to be read back. */
  readonly isOutput: boolean;
}

/**
 * Decides which form of a body to store, so that the reducer sees the same body after a reload as at dispatch.
 *
 * The output of the schema is preferred where it is JSON and parses to itself: a default that changes later then rewrites nothing.
 * Otherwise (coercions, dates, codecs) the input is stored, provided that parsing it again gives the same output.
 *
 * @param input the body as JSON, before the schema.
 * @param output what the schema made of it.
 * @param parse the schema.
 * @throws {SerializationError} `unstable_body` where neither form can be read back.
 */
export function stableBody(
  eventName: string,
  input: Json,
  output: unknown,
  parse: (body: Json) => unknown,
): StableBody {
  const likeness = compareWithJson(output, input);
  if (likeness === "distinct" && sameKeyOrder(output, input)) return { stored: input, seen: output, isOutput: true };
  // Equal up to the order of keys: parsing the output cannot give anything else.
  if (likeness !== "different") return { stored: toJson(output, "the body"), seen: output, isOutput: true };

  // From here on the output may hold objects of the schema's own, such as the value of a default: the reducer gets a copy.
  const outputAsJson = asJson(output);
  if (outputAsJson !== undefined && reads(outputAsJson, output, parse)) {
    return { stored: outputAsJson, seen: clone(output), isOutput: true };
  }
  if (reads(input, output, parse)) return { stored: input, seen: clone(output), isOutput: false };
  throw new SerializationError(
    "unstable_body",
    `Unstable body: what the schema makes of the body of "${eventName}" differs each time it is parsed, so a reload would not see what was dispatched. ` +
      "Compute ids, times and random values before the dispatch and pass them in.",
  );
}

function reads(json: Json, output: unknown, parse: (body: Json) => unknown): boolean {
  try {
    return isEqual(parse(clone(json)), output);
  } catch {
    return false;
  }
}

function asJson(output: unknown): Json | undefined {
  try {
    const json = toJson(output, "the body");
    return compareWithJson(output, json) === "different" ? undefined : json;
  } catch {
    return undefined;
  }
}

function sameKeyOrder(value: unknown, json: Json): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value))
    return value.every((item, index) => sameKeyOrder(item, (json as readonly Json[])[index] as Json));
  const keys = Object.keys(json as object);
  let index = 0;
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    if (keys[index++] !== key || !sameKeyOrder(item, (json as Record<string, Json>)[key] as Json)) return false;
  }
  return true;
}
