import { z } from "zod";
import type { WithBodyInputs } from "../schema/infer.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { type BridgeOptions, bridge, type StandardBridgedSchema } from "./bridge.ts";
import type { EventSchemas } from "./event-schemas.ts";

export type { EventSchemas, WithBodyInputs };
export { z };

/** What any schema of Zod's has. Asking for no more spares the compiler a thousand steps for each schema that it compares. */
type ZodSchema = StandardSchemaV1 & { readonly _input: unknown; readonly _output: unknown };

type Envelope<TEventName extends string, TBody extends ZodSchema> = z.ZodObject<{
  eventId: z.ZodString;
  eventCreatedAt: z.ZodString;
  entityName: z.ZodString;
  entityId: z.ZodString;
  eventName: z.ZodLiteral<TEventName>;
  body: Extract<TBody, z.ZodType>;
  version: z.ZodOptional<z.ZodNumber>;
}>;

/**
 * Declares events and state with Zod, 3.25 or 4.
 *
 * @param options.event body schema of each event, by short name; any Zod schema.
 * @param options.state schema of the state.
 * @param options.namespaceSeparator what stands between entity name and short name; ":" unless given.
 *
 * @example
 * defineSchema("post", {
 *   schema: zod({ event: { created: z.object({ title: z.string() }) }, state: z.object({ title: z.string() }) }),
 *   initialEventName: "post:created",
 * });
 */
export function zod<
  TEntityName extends string,
  const TBodies extends { [shortName: string]: ZodSchema },
  TState extends ZodSchema,
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
    z.object({
      eventId: z.string(),
      eventCreatedAt: z.string(),
      entityName: z.string(),
      entityId: z.string(),
      eventName: z.literal(eventName),
      body: body as never,
      version: z.number().optional(),
    }),
  );
}
