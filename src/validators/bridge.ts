import type { SchemaInput } from "../schema/define-schema.ts";
import type { EventOf } from "../schema/event.ts";
import { type Bodies, parseBodies } from "../schema/from-bodies.ts";
import type { WithBodyInputs } from "../schema/infer.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { type EventSchemas, eventSchemas } from "./event-schemas.ts";

/** What every bridge is given. */
export interface BridgeOptions<TBodies, TState, TSeparator> {
  /** Schema of each event's body, by short name. */
  event: TBodies;
  /** Schema of the state. */
  state: TState;
  /** What stands between the entity's name and an event's short name; ":" unless given. */
  namespaceSeparator?: TSeparator;
}

/** What every bridge makes of it. What is given by event is given by short name. */
export type BridgedSchema<
  TEntityName extends string,
  TSeparator extends string,
  /** Bodies as reducers see them. */
  TOutputs,
  /** Bodies as callers give them. */
  TInputs,
  TStateOutput,
  /** The state's schema, as it was given. */
  TState,
  /** The library's own schemas of whole events. */
  TEnvelopes extends Record<keyof TOutputs & string, unknown>,
> = SchemaInput<
  TEntityName,
  {
    [K in keyof TOutputs & string]: EventOf<TEntityName, `${TEntityName}${TSeparator}${K}`, TOutputs[K]>;
  }[keyof TOutputs & string],
  TStateOutput,
  {
    event: EventSchemas<`${TEntityName}${TSeparator}`, keyof TOutputs & string, TEnvelopes>;
    state: TState;
  } & WithBodyInputs<{ [K in keyof TInputs & string as `${TEntityName}${TSeparator}${K}`]: TInputs[K] }>
>;

/** The same, for a library whose schemas are Standard Schemas. */
export type StandardBridgedSchema<
  TEntityName extends string,
  TBodies extends Bodies,
  TState extends StandardSchemaV1,
  TSeparator extends string,
  TEnvelopes extends Record<keyof TBodies & string, unknown>,
> = BridgedSchema<
  TEntityName,
  TSeparator,
  { [K in keyof TBodies & string]: StandardSchemaV1.InferOutput<TBodies[K]> },
  { [K in keyof TBodies & string]: StandardSchemaV1.InferInput<TBodies[K]> },
  StandardSchemaV1.InferOutput<TState>,
  TState,
  TEnvelopes
>;

/**
 * The part that all bridges share: everything but how a library writes the schema of a whole event.
 *
 * @param envelope makes that schema, around the body's.
 * @param standardize makes a Standard Schema of the library's own, where it is none already.
 */
export function bridge<TSchema>(
  { event, state, namespaceSeparator = ":" }: BridgeOptions<{ readonly [shortName: string]: TSchema }, TSchema, string>,
  envelope: (eventName: string, body: TSchema) => unknown,
  standardize: (schema: TSchema) => StandardSchemaV1 = (schema) => schema as StandardSchemaV1,
): never {
  const bodies = Object.fromEntries(Object.entries(event).map(([name, body]) => [name, standardize(body)]));
  const input = ({ entityName }: { entityName: string }) => ({
    ...parseBodies({ entityName, event: bodies, state: standardize(state), namespaceSeparator }),
    event: eventSchemas(`${entityName}${namespaceSeparator}`, event, envelope),
    state,
  });
  return input as never;
}
