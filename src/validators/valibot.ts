import * as v from "valibot";
import type { WithBodyInputs } from "../schema/infer.ts";
import { type BridgeOptions, bridge, type StandardBridgedSchema } from "./bridge.ts";
import type { EventSchemas } from "./event-schemas.ts";

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
>(
  options: BridgeOptions<TBodies, TState, TSeparator>,
): StandardBridgedSchema<
  TEntityName,
  TBodies,
  TState,
  TSeparator,
  { [K in keyof TBodies & string]: Envelope<`${TEntityName}${TSeparator}${K}`, TBodies[K]> }
> {
  return bridge(options, (eventName, body) =>
    v.object({
      eventId: v.string(),
      eventCreatedAt: v.string(),
      entityName: v.string(),
      entityId: v.string(),
      eventName: v.literal(eventName),
      body,
      version: v.optional(v.number()),
    }),
  );
}
