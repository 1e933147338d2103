import type { SchemaInput } from "../schema/define-schema.ts";
import { type BaseEventType, envelopeOf } from "../schema/event.ts";
import { type BodyReader, eventParser } from "../schema/event-parser.ts";
import { type Bodies, type EventsOfBodies, parseBodies } from "../schema/from-bodies.ts";
import type { WithBodyInputs } from "../schema/infer.ts";
import { check, type StandardSchemaV1 } from "../schema/standard-schema.ts";

export type { WithBodyInputs };

type Envelopes = { readonly [eventName: string]: StandardSchemaV1<unknown, BaseEventType> };

/**
 * Declares events and state with any library that speaks Standard Schema, by the schemas of whole events.
 *
 * Such a schema is given the seven keys of an event. Only the `body` of what it makes is used: it may strip or refuse other keys, and the
 * event keeps them all the same.
 *
 * @param args.event schema of each event, by full name.
 * @param args.state schema of the state.
 * @param args.namespaceSeparator what stands between entity name and short name; ":" unless given.
 *
 * @example
 * const PostCreated = z.object({
 *   eventId: z.string(),
 *   eventCreatedAt: z.string(),
 *   eventName: z.literal("post:created"),
 *   entityId: z.string(),
 *   entityName: z.string(),
 *   body: z.object({ title: z.string() }),
 * });
 * defineSchema("post", {
 *   schema: standard({ event: { "post:created": PostCreated }, state: PostState }),
 *   initialEventName: "post:created",
 * });
 */
export function standard<TEntityName extends string, TEvents extends Envelopes, TState extends StandardSchemaV1>(args: {
  event: TEvents;
  state: TState;
  namespaceSeparator?: string;
}): SchemaInput<
  TEntityName,
  StandardSchemaV1.InferOutput<TEvents[keyof TEvents]>,
  StandardSchemaV1.InferOutput<TState>,
  WithBodyInputs<{ [K in keyof TEvents & string]: BodyInput<TEvents[K]> }>
>;

/**
 * Declares events and state with any library that speaks Standard Schema.
 *
 * @param args.body schema of each event's body, by short name.
 * @param args.state schema of the state.
 * @param args.namespaceSeparator what stands between entity name and short name; ":" unless given.
 *
 * @example
 * defineSchema("post", {
 *   schema: standard({ body: { created: z.object({ title: z.string() }) }, state: PostState }),
 *   initialEventName: "post:created",
 * });
 */
export function standard<
  TEntityName extends string,
  TBodies extends Bodies,
  TState extends StandardSchemaV1,
  const TSeparator extends string = ":",
>(args: {
  body: TBodies;
  state: TState;
  namespaceSeparator?: TSeparator;
}): SchemaInput<
  TEntityName,
  EventsOfBodies<TEntityName, TSeparator, TBodies>[keyof TBodies & string],
  StandardSchemaV1.InferOutput<TState>,
  WithBodyInputs<{
    [K in keyof TBodies & string as `${TEntityName}${TSeparator}${K}`]: StandardSchemaV1.InferInput<TBodies[K]>;
  }>
>;

export function standard(args: {
  event?: Envelopes;
  body?: Bodies;
  state: StandardSchemaV1;
  namespaceSeparator?: string;
}): SchemaInput<string, never, never> {
  const { event = {}, body, state, namespaceSeparator = ":" } = args;
  return ({ entityName }) => {
    if (body !== undefined) return parseBodies({ entityName, event: body, state, namespaceSeparator });
    const readers = new Map(Object.entries(event).map(([eventName, schema]) => [eventName, bodyReader(schema)]));
    return eventParser({ entityName, readers, events: event, state, namespaceSeparator });
  };
}

/** What a whole event's schema takes for a body, where its library tells. */
type BodyInput<TSchema extends StandardSchemaV1<unknown, BaseEventType>> =
  StandardSchemaV1.InferInput<TSchema> extends { body: infer TBody }
    ? TBody
    : StandardSchemaV1.InferOutput<TSchema>["body"];

function bodyReader(schema: Envelopes[string]): BodyReader {
  return (event) => {
    const checked = check(schema, envelopeOf(event as BaseEventType, event.body));
    return "value" in checked ? { value: checked.value.body } : checked;
  };
}
