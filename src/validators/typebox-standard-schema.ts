import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { UnsupportedError } from "../errors/index.ts";

/** A schema of TypeBox's that speaks Standard Schema and Standard JSON Schema. */
export interface TypeBoxStandardSchema<TInput, TOutput> {
  readonly "~standard": StandardSchemaV1.Props<TInput, TOutput> & StandardJSONSchemaV1.Props<TInput, TOutput>;
}

/**
 * Is `TStatic`, for every type there is. Were that written in the result of a generic function, the compiler would search it for what it can
 * infer from it: with TypeBox 1 a million steps, and nothing found. Into an index signature it does not look.
 */
export type Unsearched<TSchema extends {}, TStatic> = { readonly [key: PropertyKey]: TStatic }[keyof TSchema];

/** What becomes of a value, in this order. Each of the two packages that are called TypeBox has functions of its own for it. */
export interface TypeBoxSteps {
  /** A copy of the value, its defaults filled in; absent where the schema can neither fill in nor decode anything. */
  readonly prepare?: (value: unknown) => unknown;
  readonly check: (value: unknown) => boolean;
  readonly issuesOf: (value: unknown) => readonly StandardSchemaV1.Issue[];
  /** Absent where the schema has no codec. May write into what `prepare` made. */
  readonly decode?: (value: unknown) => unknown;
  /** What is wrong, where decoding has thrown. */
  readonly issueOf?: (error: unknown, value: unknown) => StandardSchemaV1.Issue;
}

const known = new WeakMap<object, TypeBoxStandardSchema<never, never>>();

/**
 * The Standard Schema of one of TypeBox's, always the same for the same schema.
 *
 * @param compile is called once, when the first value is to be validated: an application starts with many schemas that it may never use.
 */
export function toStandardSchema(schema: object, compile: () => TypeBoxSteps): TypeBoxStandardSchema<never, never> {
  const made = known.get(schema) ?? make(schema, compile);
  known.set(schema, made);
  return made;
}

function make(schema: object, compile: () => TypeBoxSteps): TypeBoxStandardSchema<never, never> {
  let compiled: TypeBoxSteps | undefined;
  const steps = () => (compiled ??= compile());
  return {
    "~standard": {
      version: 1,
      vendor: "typebox",
      validate: (value) => run(steps(), value),
      jsonSchema: {
        input: ({ target }) => toJsonSchema(schema, target),
        output: ({ target }) => {
          if (steps().decode === undefined) return toJsonSchema(schema, target);
          throw new UnsupportedError(
            "jsonSchema",
            "Unsupported: what a codec decodes to has no JSON Schema. Ask for that of the input.",
          );
        },
      },
    },
  };
}

function run(steps: TypeBoxSteps, value: unknown): StandardSchemaV1.Result<never> {
  const { prepare, check, issuesOf, decode, issueOf = messageOf } = steps;
  const input = prepare === undefined ? value : prepare(value);
  if (!check(input)) return { issues: issuesOf(input) };
  try {
    return { value: (decode === undefined ? input : decode(input)) as never };
  } catch (error) {
    // To throw is the one way in which a codec can refuse a value.
    return { issues: [issueOf(error, input)] };
  }
}

function messageOf(error: unknown): StandardSchemaV1.Issue {
  return { message: error instanceof Error ? error.message : String(error) };
}

/** Where a JSON Pointer (RFC 6901) leads in a value; the items of an array by number, as other libraries count them. */
export function pointerPath(pointer: string, value: unknown): (string | number)[] {
  let place = value;
  return pointer
    .split("/")
    .slice(1)
    .map((escaped) => {
      const text = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
      const key = Array.isArray(place) ? Number(text) : text;
      place = (place as { [key: string | number]: unknown } | null | undefined)?.[key];
      return key;
    });
}

/** True where a schema may hold a default. A false alarm, as over a property of that name, costs time and changes nothing. */
export function mayHaveDefaults(schema: unknown, seen: Set<unknown> = new Set()): boolean {
  if (typeof schema !== "object" || schema === null || seen.has(schema)) return false;
  seen.add(schema);
  return "default" in schema || Object.values(schema).some((part) => mayHaveDefaults(part, seen));
}

/** TypeBox writes JSON Schema, as of draft 7 where drafts differ: in tuples. */
function toJsonSchema(schema: object, target: string): Record<string, unknown> {
  if (target !== "draft-07" && target !== "draft-2020-12") {
    throw new UnsupportedError("jsonSchema", `Unsupported: ${target}. Ask for draft-07 or draft-2020-12.`);
  }
  const $schema =
    target === "draft-07" ? "http://json-schema.org/draft-07/schema#" : "https://json-schema.org/draft/2020-12/schema";
  const rename = (_key: string, part: { type?: unknown; items?: unknown; additionalItems?: unknown } | null) => {
    if (target === "draft-07" || part?.type !== "array" || !Array.isArray(part.items)) return part;
    const { items: prefixItems, additionalItems: items, ...rest } = part;
    return { ...rest, prefixItems, items };
  };
  return { $schema, ...JSON.parse(JSON.stringify(schema, rename)) };
}
