import { type Type, type } from "arktype";
import type { WithBodyInputs } from "../schema/infer.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { type BridgeOptions, bridge, type StandardBridgedSchema } from "./bridge.ts";
import type { EventSchemas } from "./event-schemas.ts";

export type { EventSchemas, WithBodyInputs };
export { type };

/** What any type of ArkType's has. To ask for `Type` itself would have the compiler compare its hundred members, for each body. */
type ArkSchema = StandardSchemaV1 & { readonly t: unknown };

type Envelope<TEventName extends string, TBody extends ArkSchema> = Type<{
  eventId: string;
  eventCreatedAt: string;
  entityName: string;
  entityId: string;
  eventName: TEventName;
  body: TBody["t"];
  version?: number;
}>;

/**
 * Declares events and state with ArkType 2.
 *
 * @param options.event type of each event's body, by short name; any ArkType type.
 * @param options.state type of the state.
 * @param options.namespaceSeparator what stands between entity name and short name; ":" unless given.
 *
 * @example
 * defineSchema("post", {
 *   schema: arktype({ event: { created: type({ title: "string" }) }, state: type({ title: "string" }) }),
 *   initialEventName: "post:created",
 * });
 */
export function arktype<
  TEntityName extends string,
  const TBodies extends { [shortName: string]: ArkSchema },
  TState extends ArkSchema,
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
  return bridge<ArkSchema>(options, (eventName, body) =>
    type.raw({
      eventId: "string",
      eventCreatedAt: "string",
      entityName: "string",
      entityId: "string",
      // A value, not the text of a definition: a name may hold quotes.
      eventName: type.unit(eventName),
      body,
      "version?": "number",
    }),
  );
}
