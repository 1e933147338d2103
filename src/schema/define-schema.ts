import { ValidationError } from "../errors/index.ts";
import { checkIdentifier } from "../util/text.ts";
import type { BaseEventType } from "./event.ts";
import type { StandardSchemaV1 } from "./standard-schema.ts";

/** What a validator bridge (`zod()`, `valibot()` ...) gives to {@link defineSchema}. */
export type SchemaInput<TEntityName extends string, TEvent extends BaseEventType, TState, TExtension = {}> = (context: {
  entityName: TEntityName;
}) => {
  /** Checks an event by its own name; the output's `body` is what reducers see. */
  parseEvent(input: unknown): TEvent;
  parseEventByName<K extends TEvent["eventName"]>(eventName: K, input: unknown): Extract<TEvent, { eventName: K }>;
  parseState(input: unknown): TState;
  /** What stands between the entity's name and an event's short name; ":" unless given. */
  namespaceSeparator?: string;
  /** Full names of the declared events, where the bridge knows them. */
  eventNames?: readonly string[];
} & TExtension;

/** An entity's events and state: what {@link defineSchema} returns. */
export type Schema<
  TEntityName extends string,
  TEvent extends BaseEventType,
  TState,
  TInitialEventName extends TEvent["eventName"],
  TExtension = {},
  TOtherInitialEventName extends TEvent["eventName"] = never,
  TMetadata extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined,
> = ReturnType<SchemaInput<TEntityName, TEvent, TState, TExtension>> & {
  readonly entityName: TEntityName;
  /** The event that `create` dispatches unless told otherwise. */
  readonly initialEventName: TInitialEventName;
  /** Every event that may start a stream, the default first. */
  readonly initialEventNames: readonly (TInitialEventName | TOtherInitialEventName)[];
  readonly namespaceSeparator: string;
  readonly irreversible: readonly string[];
  /** What the application's own metadata must look like; undefined where it may be anything. */
  readonly metadata: TMetadata;
};

/** Any schema. */
export type DefaultSchema = Schema<string, BaseEventType, unknown, string, {}>;

/** Options of {@link defineSchema}. */
export interface SchemaOptions<TInput, TInitialEventNames, TEventName, TMetadata = undefined> {
  /** Events and state, through the bridge of your validator: `zod({ event, state })`, `valibot({ event, state })`. */
  schema: TInput;
  /** Full name of the event that starts a stream; several where there are several, the default first. */
  initialEventName: TInitialEventNames;
  /** Full names of events that a rollback must not undo. */
  irreversible?: readonly TEventName[];
  /** Schema of the application's own metadata, any Standard Schema: checked with every event at its commit. */
  metadata?: TMetadata;
}

/**
 * Declares what can happen to an entity and what its state looks like.
 *
 * @param entityName name of the entity: the first part of its event names.
 * @throws {ValidationError} `reserved_name` for an entity or event whose name starts with `$`; `invalid_text` for a name that no store could keep.
 *
 * @example
 * const postSchema = defineSchema("post", {
 *   schema: zod({ event: { created: z.object({ title: z.string() }), approved: z.object({}) }, state: PostState }),
 *   initialEventName: "post:created",
 * });
 */
export function defineSchema<
  TEntityName extends string,
  TEvent extends BaseEventType,
  TState,
  const TInitialEventName extends TEvent["eventName"],
  TExtension = {},
  const TOtherInitialEventName extends TEvent["eventName"] = never,
  TMetadata extends StandardSchemaV1 | undefined = undefined,
>(
  entityName: TEntityName,
  options: SchemaOptions<
    SchemaInput<TEntityName, TEvent, TState, TExtension>,
    TInitialEventName | readonly [TInitialEventName, ...TOtherInitialEventName[]],
    TEvent["eventName"],
    TMetadata
  >,
): Schema<TEntityName, TEvent, TState, TInitialEventName, TExtension, TOtherInitialEventName, TMetadata> {
  checkIdentifier(entityName, "the entity name");
  if (entityName.startsWith("$")) reserved(entityName);
  const parts = options.schema({ entityName });
  const initialEventNames = [options.initialEventName].flat();
  const misspelt = options.irreversible?.find((name) => parts.eventNames?.includes(name) === false);
  if (misspelt !== undefined) {
    throw new ValidationError(
      "invalid_option",
      `Invalid option: irreversible names "${misspelt}", and no event of ${entityName} has that name. Choose from: ${parts.eventNames?.join(", ")}.`,
    );
  }
  // Descriptors, not a spread: a bridge may define its schemas lazily.
  return Object.defineProperties({} as never, {
    namespaceSeparator: { value: ":", enumerable: true, configurable: true },
    ...Object.getOwnPropertyDescriptors(parts),
    entityName: { value: entityName, enumerable: true },
    initialEventName: { value: initialEventNames[0], enumerable: true },
    initialEventNames: { value: initialEventNames, enumerable: true },
    irreversible: { value: [...(options.irreversible ?? [])], enumerable: true },
    ...(options.metadata !== undefined && { metadata: { value: options.metadata, enumerable: true } }),
  });
}

/** Refuses a name that belongs to the library. */
export function reserved(name: string): never {
  throw new ValidationError(
    "reserved_name",
    `Reserved name: "${name}" starts with "$", which is kept for events of the library. Choose another name.`,
  );
}
