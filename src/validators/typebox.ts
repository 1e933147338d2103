import { type StaticDecode, type StaticEncode, Type } from "typebox";
import { Compile } from "typebox/compile";
import type { TLocalizedValidationError } from "typebox/error";
import { Locale } from "typebox/system";
import { DecodeUnsafe, Default, HasCodec } from "typebox/value";
import { ValidationError } from "../errors/index.ts";
import type { WithBodyInputs } from "../schema/infer.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { clone } from "../util/clone.ts";
import { type BridgedSchema, type BridgeOptions, bridge } from "./bridge.ts";
import type { EventSchemas } from "./event-schemas.ts";
import {
  mayHaveDefaults,
  pointerPath,
  type TypeBoxStandardSchema,
  type TypeBoxSteps,
  toStandardSchema,
  type Unsearched,
} from "./typebox-standard-schema.ts";

export type { EventSchemas, TypeBoxStandardSchema, WithBodyInputs };
export { Type };

/** What any type of TypeBox's has; its own `TSchema` is any object at all. */
type TypeBoxSchema = { readonly "~kind": string } | { readonly "~unsafe": unknown };

/** What a type decodes to. */
type Output<TSchema extends {}> = Unsearched<TSchema, StaticDecode<TSchema>>;

/** What a type takes. */
type Input<TSchema extends {}> = Unsearched<TSchema, StaticEncode<TSchema>>;

type Envelope<TEventName extends string, TBody> = Type.TObject<{
  eventId: Type.TString;
  eventCreatedAt: Type.TString;
  entityName: Type.TString;
  entityId: Type.TString;
  eventName: Type.TLiteral<TEventName>;
  body: TBody & {};
  version: Type.TOptional<Type.TNumber>;
}>;

/**
 * Declares events and state with TypeBox 1.
 *
 * Defaults are filled in and codecs decode; nothing is converted, and keys that are not declared are kept.
 *
 * @param options.event type of each event's body, by short name; any TypeBox type.
 * @param options.state type of the state.
 * @param options.namespaceSeparator what stands between entity name and short name; ":" unless given.
 *
 * @example
 * defineSchema("post", {
 *   schema: typebox({
 *     event: { created: Type.Object({ title: Type.String() }) },
 *     state: Type.Object({ title: Type.String() }),
 *   }),
 *   initialEventName: "post:created",
 * });
 */
export function typebox<
  TEntityName extends string,
  const TBodies extends { [shortName: string]: TypeBoxSchema },
  TState extends TypeBoxSchema,
  const TSeparator extends string = ":",
>(
  options: BridgeOptions<TBodies, TState, TSeparator>,
): BridgedSchema<
  TEntityName,
  TSeparator,
  { [K in keyof TBodies & string]: Output<TBodies[K]> },
  { [K in keyof TBodies & string]: Input<TBodies[K]> },
  Output<TState>,
  TState,
  { [K in keyof TBodies & string]: Envelope<`${TEntityName}${TSeparator}${K}`, TBodies[K]> }
> {
  return bridge<TypeBoxSchema>(
    options,
    (eventName, body) =>
      Type.Object({
        eventId: Type.String(),
        eventCreatedAt: Type.String(),
        entityName: Type.String(),
        entityId: Type.String(),
        eventName: Type.Literal(eventName),
        body,
        version: Type.Optional(Type.Number()),
      }),
    standardize,
  );
}

/**
 * Makes a Standard Schema of a TypeBox type, for `defineEntity`, `standard` and every other place that takes one.
 *
 * It is compiled when the first value is validated, once for each type. It fills in defaults, checks, and decodes codecs: `Value.Default`,
 * `Check` and the callbacks of `Value.Decode`. What is missing or too much is an issue at its own key.
 *
 * @throws {ValidationError} `invalid_option` for what is no type of TypeBox 1.
 *
 * @example
 * defineEntity("post", {
 *   state: standardSchema(Type.Object({ title: Type.String() })),
 *   events: { created: standardSchema(Type.Object({ title: Type.String() })) },
 *   initial: "created",
 *   reduce: { created: (_, { body }) => body },
 * });
 */
export function standardSchema<TSchema extends TypeBoxSchema>(
  schema: TSchema,
): TypeBoxStandardSchema<Input<TSchema>, Output<TSchema>> {
  return standardize(schema);
}

/** Without the types, which the compiler would have to infer from any schema at all. */
function standardize(schema: TypeBoxSchema): TypeBoxStandardSchema<never, never> {
  if (!("~kind" in Object(schema) || "~unsafe" in Object(schema))) {
    throw new ValidationError(
      "invalid_option",
      'Invalid option: that is no type of TypeBox 1. For those of @sinclair/typebox there is "ventyd/typebox0"; put a plain JSON Schema into Type.Unsafe().',
    );
  }
  return toStandardSchema(schema, () => stepsOf(schema));
}

function stepsOf(schema: TypeBoxSchema): TypeBoxSteps {
  // Does without generated code where the platform forbids it.
  const validator = Compile(schema);
  const hasCodec = HasCodec(schema);
  const hasDefaults = mayHaveDefaults(schema);
  return {
    check: (value) => validator.Check(value),
    issuesOf: (value) => readErrors(validator.Errors(value), value),
    // Both write into what they are given.
    ...((hasCodec || hasDefaults) && {
      prepare: (value: unknown) => (hasDefaults ? Default(schema, clone(value)) : clone(value)),
    }),
    // Not `Decode`: it converts values and drops keys, but only in types that have a codec somewhere.
    ...(hasCodec && { decode: (value: unknown) => DecodeUnsafe({}, schema, value) }),
  };
}

function readErrors(errors: readonly TLocalizedValidationError[], value: unknown): StandardSchemaV1.Issue[] {
  const explained = errors.filter((error) => !isExplainedNext(error));
  // TypeBox stops after a number of errors, and may not get to the explanation.
  return (explained.length > 0 ? explained : errors).flatMap((error) => readError(error, value));
}

/** Of a key that is too much, TypeBox says first that the schema `false` forbids it, and then what it means by that. */
function isExplainedNext({ keyword, schemaPath }: TLocalizedValidationError): boolean {
  return keyword === "boolean" && schemaPath.endsWith("/additionalProperties");
}

/** TypeBox says of an object which of its keys are missing or too much; here it is said of each key. */
function readError(error: TLocalizedValidationError, value: unknown): StandardSchemaV1.Issue[] {
  const path = pointerPath(error.instancePath, value);
  switch (error.keyword) {
    case "required":
      return error.params.requiredProperties.map((key) => ({
        message: Locale.Get()({ ...error, params: { requiredProperties: [key] } }),
        path: [...path, key],
      }));
    case "additionalProperties":
      return error.params.additionalProperties.map((key) => ({ message: error.message, path: [...path, key] }));
    default:
      return [{ message: error.message, path }];
  }
}
