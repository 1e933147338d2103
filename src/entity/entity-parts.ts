import type { Schema } from "../schema/define-schema.ts";
import type { Bodies, EventsOfBodies } from "../schema/from-bodies.ts";
import type { WithBodyInputs } from "../schema/infer.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import type { StateBefore } from "./define-reducer.ts";
import type { EntityOptions } from "./entity.ts";
import type { DispatchOf, EntityConstructor, EntityInstance, MutationMethod } from "./types.ts";

/** The schema of a state: of any state, see {@link Literals}. */
export type StateSchema = StandardSchemaV1<unknown, Literals | {} | null | undefined>;

/**
 * As the type that a handler's result is awaited to have, keeps the literals in it. The compiler looks at a handler without parameters
 * before it has looked at the state's schema, and would make of `() => ({ status: "draft" })` a state with any text for a status.
 */
type Literals = "" | 0 | 0n | boolean | readonly Literals[] | readonly [] | { readonly [key: string]: Literals };

/**
 * What `defineEntity()` makes an entity of. Events go by their short names here: `approved` is what the log calls `post:approved`.
 *
 * No interface: an editor would show all of it in front of each member.
 */
export type EntityParts<
  TEntityName extends string,
  TState extends StateSchema,
  TBodies extends Bodies,
  TInitial extends keyof TBodies & string,
  TOtherInitial extends keyof TBodies & string,
  TMutations,
  TMetadata,
  TSeparator extends string,
> = PartsWith<
  Handlers<TEntityName, TState, TBodies, TInitial | TOtherInitial, TSeparator>,
  TState,
  TBodies,
  TInitial,
  TOtherInitial,
  TMutations,
  TMetadata,
  TSeparator
>;

/** The parts, with handlers of any kind: `ventyd/immer` has its own. */
export type PartsWith<
  THandlers,
  TState extends StateSchema,
  TBodies extends Bodies,
  TInitial extends keyof TBodies & string,
  TOtherInitial extends keyof TBodies & string,
  TMutations,
  TMetadata,
  TSeparator extends string,
> = EntityOptions & {
  /** Schema of the state; any Standard Schema. */
  state: TState;
  /** Schema of each event's body; any Standard Schema. */
  events: TBodies;
  /** The event that starts a stream; several where there are several, the default first. */
  initial: TInitial | readonly [TInitial, ...TOtherInitial[]];
  /** A handler for each event, pure as in `defineReducer`: computes the state after the event from the state before it. */
  reduce: THandlers;
  /** The methods that change an entity, each atomic as `mutation` makes it. Their callers give the arguments after the context. */
  mutations?: TMutations;
  /** Events that a rollback must not undo. */
  irreversible?: readonly (keyof TBodies & string)[];
  /** Schema of the application's own metadata, any Standard Schema: checked with every event at its commit. */
  metadata?: TMetadata;
  /** What stands between the entity's name and an event's short name; ":" unless given. */
  namespaceSeparator?: TSeparator;
};

/** A conditional type: it is resolved before the handlers are looked at, so that a literal in the state they return stays one. */
type Handlers<
  TEntityName extends string,
  TState extends StateSchema,
  TBodies extends Bodies,
  TInitial,
  TSeparator extends string,
> =
  StandardSchemaV1.InferOutput<TState> extends infer TOutput
    ? {
        readonly [K in keyof TBodies & string]: (
          state: StateBefore<K, TOutput, TInitial>,
          event: EventsOfBodies<TEntityName, TSeparator, TBodies>[K],
        ) => TOutput;
      }
    : never;

/** What a mutation of `defineEntity()` gets in front of its caller's arguments. */
export interface MutationContext<TState, TBodies> {
  /** The state after what was dispatched last; taken out by destructuring, it stays what it was. */
  readonly state: TState;
  /** The number of the last event, those included that this mutation has dispatched. */
  readonly version: number;
  readonly entityId: string;
  /** Records that something happened, by its short name. */
  readonly dispatch: DispatchOf<TBodies>;
}

/** Mutations, as `defineEntity()` takes them; `then` would make a promise of every entity. */
export type Mutations<TState extends StateSchema, TBodies extends Bodies> = {
  readonly [name: string]: (
    context: MutationContext<
      StandardSchemaV1.InferOutput<TState>,
      { [K in keyof TBodies & string]: StandardSchemaV1.InferInput<TBodies[K]> }
    >,
    ...args: never[]
  ) => unknown;
} & { readonly [K in (keyof EntityInstance<unknown> & string) | "then"]?: never };

/** Mutations as callers see them: without the context. */
export type MethodsOf<TMutations> = string extends keyof TMutations
  ? {}
  : {
      readonly [K in keyof TMutations]: TMutations[K] extends (context: never, ...args: infer TArgs) => infer TResult
        ? MutationMethod<(...args: TArgs) => TResult>
        : never;
    };

/** The class that `defineEntity()` returns. */
export type DefinedEntity<TSchema, TMutations> = EntityConstructor<
  TSchema,
  MethodsOf<TMutations> & EntityInstance<TSchema>
>;

/** The schema of that class. */
export type DefinedSchema<
  TEntityName extends string,
  TState extends StateSchema,
  TBodies extends Bodies,
  TInitial extends keyof TBodies & string,
  TOtherInitial extends keyof TBodies & string,
  TMetadata extends StandardSchemaV1 | undefined,
  TSeparator extends string,
> = Schema<
  TEntityName,
  EventsOfBodies<TEntityName, TSeparator, TBodies>[keyof TBodies & string],
  StandardSchemaV1.InferOutput<TState>,
  `${TEntityName}${TSeparator}${TInitial}`,
  { readonly state: TState } & WithBodyInputs<{
    [K in keyof TBodies & string as `${TEntityName}${TSeparator}${K}`]: StandardSchemaV1.InferInput<TBodies[K]>;
  }>,
  `${TEntityName}${TSeparator}${TOtherInitial}`,
  TMetadata
>;
