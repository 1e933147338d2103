import type { SchemaInput } from "../schema/define-schema.ts";
import { type Bodies, type EventsOfBodies, parseBodies } from "../schema/from-bodies.ts";
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

/** What every bridge makes of it; `TEnvelopes` are the library's own schemas of whole events, by short name. */
export type BridgedSchema<
  TEntityName extends string,
  TBodies extends Bodies,
  TState extends StandardSchemaV1,
  TSeparator extends string,
  TEnvelopes extends Record<keyof TBodies & string, unknown>,
> = SchemaInput<
  TEntityName,
  EventsOfBodies<TEntityName, TSeparator, TBodies>[keyof TBodies & string],
  StandardSchemaV1.InferOutput<TState>,
  {
    event: EventSchemas<`${TEntityName}${TSeparator}`, keyof TBodies & string, TEnvelopes>;
    state: TState;
  } & WithBodyInputs<{
    [K in keyof TBodies & string as `${TEntityName}${TSeparator}${K}`]: StandardSchemaV1.InferInput<TBodies[K]>;
  }>
>;

/**
 * The part that all bridges share: everything but how a library writes the schema of a whole event.
 *
 * @param envelope makes that schema, around the body's.
 */
export function bridge<TBodies extends Bodies>(
  { event, state, namespaceSeparator = ":" }: BridgeOptions<TBodies, StandardSchemaV1, string>,
  envelope: (eventName: string, body: TBodies[string]) => unknown,
): never {
  const input = ({ entityName }: { entityName: string }) => ({
    ...parseBodies({ entityName, event, state, namespaceSeparator }),
    event: eventSchemas(
      `${entityName}${namespaceSeparator}`,
      event as never as { [name: string]: TBodies[string] },
      envelope,
    ),
    state,
  });
  return input as never;
}
