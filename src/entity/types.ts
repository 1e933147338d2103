import type { access } from "../schema/access.ts";
import type { BaseEventType } from "../schema/event.ts";
import type {
  InferEntityNameFromSchema,
  InferEventInputFromSchema,
  InferEventInputsFromSchema,
  InferEventNameFromSchema,
  InferInitialEventNameFromSchema,
  InferInitialEventNamesFromSchema,
  InferStateFromSchema,
} from "../schema/infer.ts";
import type { Json } from "../util/json.ts";
import type { DispatchOptions } from "./entity-core.ts";

/** Ties an entity to its schema; in types alone. */
export declare const schemaOf: unique symbol;

/** The `dispatch` of a mutation: records that something happened. */
export type Dispatch<TSchema> = DispatchOf<InferEventInputsFromSchema<TSchema>>;

/**
 * Records that something happened: validates the body, computes the new state, queues the event.
 *
 * @typeParam TBodies body of each event by its full name: an editor shows these, where it would show a schema in full length.
 */
export type DispatchOf<TBodies> = <TEventName extends keyof TBodies>(
  eventName: TEventName,
  body: TBodies[TEventName],
  options?: DispatchOptions,
) => void;

/** What starts an entity's life. */
export type CreateArgs<TSchema> =
  | CreateArgsOf<
      TSchema,
      InferInitialEventNameFromSchema<TSchema>,
      { eventName?: InferInitialEventNameFromSchema<TSchema> }
    >
  | OtherCreateArgs<
      TSchema,
      Exclude<InferInitialEventNamesFromSchema<TSchema>, InferInitialEventNameFromSchema<TSchema>>
    >;

type OtherCreateArgs<TSchema, TEventName> = TEventName extends string
  ? CreateArgsOf<TSchema, TEventName, { eventName: TEventName }>
  : never;

type CreateArgsOf<TSchema, TEventName, TNamed> = TNamed & {
  body: InferEventInputFromSchema<TSchema, TEventName>;
  /** Default: a new id. */
  entityId?: string | undefined;
} & DispatchOptions;

/** A state at a version, to start a fold from. */
export interface SnapshotOf<TSchema> {
  state: InferStateFromSchema<TSchema>;
  version: number;
}

/** What the constructor of an entity class takes; use `create`, `load` and `fromEvents` instead. */
export type EntityConstructorArgs<TSchema> =
  | ({ type: "create" } & CreateArgs<TSchema>)
  | { type: "load"; entityId: string; state: InferStateFromSchema<TSchema>; version?: number; UNSAFE_mutable?: true }
  | { type: "loadFromEvents"; entityId: string; events: readonly BaseEventType[]; snapshot?: SnapshotOf<TSchema> };

/** What every entity has, whatever its schema. No interface: an editor would show the schema in front of each member. */
export type EntityInstance<TSchema> = {
  readonly entityName: InferEntityNameFromSchema<TSchema>;
  readonly entityId: string;
  /** The state after the last event. @throws {VentydError} `entity_not_initialized` before the first one. */
  readonly state: InferStateFromSchema<TSchema>;
  /** The number of the last event; 0 before the first one. */
  readonly version: number;
  /** Copies of the events that no commit has made durable yet, oldest first. */
  readonly uncommittedEvents: readonly UncommittedEventOf<TSchema>[];
  /** What `JSON.stringify` shows. */
  toJSON(): EntityJson<TSchema>;
  readonly [schemaOf]: TSchema;
  readonly [access]: "mutable";
};

/** An event that no commit has made durable yet; its body as it will be stored. */
export interface UncommittedEventOf<TSchema> extends BaseEventType {
  eventName: InferEventNameFromSchema<TSchema>;
  version: number;
  body: Json;
}

/** An entity as JSON. */
export interface EntityJson<TSchema> {
  entityName: InferEntityNameFromSchema<TSchema>;
  entityId: string;
  version: number;
  /** `null` before the first event. */
  state: InferStateFromSchema<TSchema> | null;
}

/** Marks the methods that `mutation()` made. */
export type MutationMethod<T> = T & { readonly mutation: true };

/** An entity to look at: its mutations are not there, and it does not pass for one that can be changed. */
export type ReadonlyEntity<TEntity> = {
  readonly [K in keyof TEntity as TEntity[K] extends { readonly mutation: true }
    ? never
    : K extends typeof access
      ? never
      : K]: TEntity[K];
} & { readonly [access]: "readonly" };

/** A class of entities: what `Entity()` returns. */
export interface EntityConstructor<TSchema, TEntity = EntityInstance<TSchema>> {
  /** The schema, the very object that was given. */
  readonly schema: TSchema;
  /** Starts a life: dispatches the initial event. Nothing is stored before the commit. */
  create<T>(this: new (args: EntityConstructorArgs<TSchema>) => T, args: CreateArgs<TSchema>): T;
  /** Makes an entity of a state that was kept elsewhere; readonly unless `UNSAFE_mutable`, which needs the state's true `version`. */
  load<T>(
    this: new (
      args: EntityConstructorArgs<TSchema>,
    ) => T,
    args: { entityId: string; state: InferStateFromSchema<TSchema>; version?: number; UNSAFE_mutable: true },
  ): T;
  load<T>(
    this: new (
      args: EntityConstructorArgs<TSchema>,
    ) => T,
    args: { entityId: string; state: InferStateFromSchema<TSchema>; version?: number },
  ): ReadonlyEntity<T>;
  /** Folds events in the order given, on top of a snapshot if there is one; rollbacks are followed. */
  fromEvents<T>(
    this: new (
      args: EntityConstructorArgs<TSchema>,
    ) => T,
    args: { entityId: string; events: readonly BaseEventType[]; snapshot?: SnapshotOf<TSchema> },
  ): T;
  new (args: EntityConstructorArgs<TSchema>): TEntity;
}
