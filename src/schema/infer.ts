import type { CustomMetadata } from "../attribution/metadata.ts";
import type { BaseEventType } from "./event.ts";
import type { StandardSchemaV1 } from "./standard-schema.ts";

/** Where a validator bridge writes down what bodies look like before they are parsed; a type only, never there at run time. */
declare const bodyInputs: unique symbol;

/** Put into a schema's extension by bridges whose bodies have an input of another type than their output. */
export interface WithBodyInputs<TInputs> {
  readonly [bodyInputs]?: TInputs;
}

/** The state that a schema declares. */
export type InferStateFromSchema<TSchema> = TSchema extends { parseState: (input: unknown) => infer TState }
  ? TState
  : never;

/** The union of a schema's events, as a reducer sees them. */
export type InferEventFromSchema<TSchema> = TSchema extends { parseEvent: (input: unknown) => infer TEvent }
  ? TEvent
  : never;

/** The full names of a schema's events. */
export type InferEventNameFromSchema<TSchema> =
  InferEventFromSchema<TSchema> extends { eventName: infer TName extends string } ? TName : string;

/** The body of one event, as a reducer sees it. */
export type InferEventBodyFromSchema<TSchema, TEventName> = Extract<
  InferEventFromSchema<TSchema>,
  { eventName: TEventName; body: unknown }
>["body"];

/** The bodies of all events by full name, as `dispatch` and `create` take them: before coercions, defaults and transforms. */
export type InferEventInputsFromSchema<TSchema> =
  TSchema extends WithBodyInputs<infer TInputs>
    ? NonNullable<TInputs>
    : { [TEventName in InferEventNameFromSchema<TSchema>]: InferEventBodyFromSchema<TSchema, TEventName> };

/** The body of one event, as `dispatch` and `create` take it: before coercions, defaults and transforms. */
export type InferEventInputFromSchema<TSchema, TEventName> =
  TEventName extends keyof InferEventInputsFromSchema<TSchema>
    ? InferEventInputsFromSchema<TSchema>[TEventName]
    : never;

/** The full name of the event that `create` dispatches unless told otherwise. */
export type InferInitialEventNameFromSchema<TSchema> = TSchema extends {
  readonly initialEventName: infer TName extends string;
}
  ? TName
  : never;

/** The full names of all events that may start a stream. */
export type InferInitialEventNamesFromSchema<TSchema> = TSchema extends {
  readonly initialEventNames: readonly (infer TName extends string)[];
}
  ? TName
  : never;

/** The body of the event that `create` dispatches unless told otherwise. */
export type InferInitialEventBodyFromSchema<TSchema> = InferEventBodyFromSchema<
  TSchema,
  InferInitialEventNameFromSchema<TSchema>
>;

/** The application's own metadata, as callers pass it: before coercions, defaults and transforms. */
export type InferMetadataInputFromSchema<TSchema> = TSchema extends {
  readonly metadata: infer TMetadata extends StandardSchemaV1;
}
  ? StandardSchemaV1.InferInput<TMetadata>
  : CustomMetadata;

/** The name of the entity that a schema declares. */
export type InferEntityNameFromSchema<TSchema> = TSchema extends { readonly entityName: infer TName extends string }
  ? TName
  : never;

/** An event whose name the schema does not declare; in types only, so that a reducer's `default` branch can be written. */
export type UnknownEvent = BaseEventType & { eventName: "%unknown%" };

/** The schema of an entity class. */
export type InferSchemaFromEntityConstructor<TEntityConstructor> = TEntityConstructor extends {
  readonly schema: infer TSchema;
}
  ? TSchema
  : never;
