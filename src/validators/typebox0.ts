import {
  KindGuard,
  type StaticDecode,
  type StaticEncode,
  type TLiteral,
  type TNumber,
  type TObject,
  type TOptional,
  type TSchema,
  type TString,
  Type,
} from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import { HasTransform, TransformDecode, type TransformDecodeError, Value } from "@sinclair/typebox/value";
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

/** What a type decodes to. */
type Output<T extends TSchema> = Unsearched<T, StaticDecode<T>>;

/** What a type takes. */
type Input<T extends TSchema> = Unsearched<T, StaticEncode<T>>;

type Envelope<TEventName extends string, TBody extends TSchema> = TObject<{
  eventId: TString;
  eventCreatedAt: TString;
  entityName: TString;
  entityId: TString;
  eventName: TLiteral<TEventName>;
  body: TBody;
  version: TOptional<TNumber>;
}>;

/**
 * Declares events and state with TypeBox 0.34, which is called `@sinclair/typebox`. For TypeBox 1 there is `ventyd/typebox`.
 *
 * Defaults are filled in and transforms decode; nothing is converted, and keys that are not declared are kept.
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
  const TBodies extends { [shortName: string]: TSchema },
  TState extends TSchema,
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
  return bridge<TSchema>(
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
 * It is compiled when the first value is validated, once for each type. It fills in defaults, checks, and decodes transforms: `Value.Default`,
 * `Check` and `Value.Decode`.
 *
 * @throws {ValidationError} `invalid_option` for what is no type of TypeBox 0.34.
 *
 * @example
 * defineEntity("post", {
 *   state: standardSchema(Type.Object({ title: Type.String() })),
 *   events: { created: standardSchema(Type.Object({ title: Type.String() })) },
 *   initial: "created",
 *   reduce: { created: (_, { body }) => body },
 * });
 */
export function standardSchema<T extends TSchema>(schema: T): TypeBoxStandardSchema<Input<T>, Output<T>> {
  return standardize(schema);
}

/** Without the types, which the compiler would have to infer from any schema at all. */
function standardize(schema: TSchema): TypeBoxStandardSchema<never, never> {
  if (!KindGuard.IsSchema(schema)) {
    throw new ValidationError(
      "invalid_option",
      'Invalid option: that is no type of @sinclair/typebox. For those of TypeBox 1 there is "ventyd/typebox".',
    );
  }
  return toStandardSchema(schema, () => stepsOf(schema));
}

function stepsOf(schema: TSchema): TypeBoxSteps {
  return {
    check: compile(schema),
    issuesOf: (value) => readErrors([...Value.Errors(schema, value)], value),
    // Writes into what it is given, which decoding does not.
    ...(mayHaveDefaults(schema) && { prepare: (value: unknown) => Value.Default(schema, clone(value)) }),
    ...(HasTransform(schema, []) && { decode: (value: unknown) => TransformDecode(schema, [], value) }),
    issueOf: (error, value) => {
      const { message, path } = error as TransformDecodeError;
      return { message, path: pointerPath(path, value) };
    },
  };
}

function compile(schema: TSchema): (value: unknown) => boolean {
  try {
    const compiled = TypeCompiler.Compile(schema);
    return (value) => compiled.Check(value);
  } catch {
    // The platform forbids generated code. Were it the schema that is wrong, this would say so.
    return (value) => Value.Check(schema, value);
  }
}

function readErrors(errors: readonly ValueError[], value: unknown): StandardSchemaV1.Issue[] {
  const missing = new Set(errors.filter(isMissing).map(({ path }) => path));
  // Of a key that is missing, TypeBox says also that it is no string, or whatever it should be.
  return errors
    .filter((error) => isMissing(error) || !missing.has(error.path))
    .map(({ message, path }) => ({ message, path: pointerPath(path, value) }));
}

function isMissing({ type }: ValueError): boolean {
  return type === ValueErrorType.ObjectRequiredProperty;
}
