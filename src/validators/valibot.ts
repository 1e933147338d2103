import * as v from "valibot";
import type { SchemaInput } from "../schema/define-schema.ts";
import type { EventOf } from "../schema/event.ts";
import { parseBodies } from "../schema/from-bodies.ts";
import type { WithBodyInputs } from "../schema/infer.ts";
import { type EventSchemas, eventSchemas } from "./event-schemas.ts";

export type { EventSchemas, WithBodyInputs };
export { v };

type BodySchema = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>;

type Envelope<TEventName extends string, TBody extends BodySchema> = v.ObjectSchema<
  {
    eventId: v.StringSchema<undefined>;
    eventCreatedAt: v.StringSchema<undefined>;
    entityName: v.StringSchema<undefined>;
    entityId: v.StringSchema<undefined>;
    eventName: v.LiteralSchema<TEventName, undefined>;
    body: TBody;
    version: v.OptionalSchema<v.NumberSchema<undefined>, undefined>;
  },
  undefined
>;

/**
 * Declares events and state with Valibot 1.
 *
 * @param options.event body schema of each event, by short name; any synchronous Valibot schema.
 * @param options.state schema of the state.
 * @param options.namespaceSeparator what stands between entity name and short name; ":" unless given.
 *
 * @example
 * defineSchema("post", {
 *   schema: valibot({ event: { created: v.object({ title: v.string() }) }, state: v.object({ title: v.string() }) }),
 *   initialEventName: "post:created",
 * });
 */
export function valibot<
  TEntityName extends string,
  const TBodies extends { [shortName: string]: BodySchema },
  TState extends BodySchema,
  const TSeparator extends string = ":",
>(options: {
  event: TBodies;
  state: TState;
  namespaceSeparator?: TSeparator;
}): SchemaInput<
  TEntityName,
  {
    [K in keyof TBodies & string]: EventOf<TEntityName, `${TEntityName}${TSeparator}${K}`, v.InferOutput<TBodies[K]>>;
  }[keyof TBodies & string],
  v.InferOutput<TState>,
  {
    event: EventSchemas<
      `${TEntityName}${TSeparator}`,
      keyof TBodies & string,
      {
        [K in keyof TBodies & string]: Envelope<`${TEntityName}${TSeparator}${K}`, TBodies[K]>;
      }
    >;
    state: TState;
  } & WithBodyInputs<{ [K in keyof TBodies & string as `${TEntityName}${TSeparator}${K}`]: v.InferInput<TBodies[K]> }>
> {
  return ({ entityName }) => {
    const { event, state, namespaceSeparator = ":" } = options;
    return {
      ...parseBodies({ entityName, event, state, namespaceSeparator }),
      event: eventSchemas(`${entityName}${namespaceSeparator}`, event, (eventName, body) =>
        v.object({
          eventId: v.string(),
          eventCreatedAt: v.string(),
          entityName: v.string(),
          entityId: v.string(),
          eventName: v.literal(eventName),
          body,
          version: v.optional(v.number()),
        }),
      ),
      state,
    };
  };
}
