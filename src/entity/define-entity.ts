import { ValidationError } from "../errors/index.ts";
import { defineSchema, type Schema } from "../schema/define-schema.ts";
import type { BaseEventType, EventOf } from "../schema/event.ts";
import { parseBodies } from "../schema/from-bodies.ts";
import type { WithBodyInputs } from "../schema/infer.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { defineReducer, type StateBefore } from "./define-reducer.ts";
import { Entity, type EntityOptions } from "./entity.ts";
import { coreOf } from "./internals.ts";
import type { DispatchOf, EntityConstructor, EntityInstance, MutationMethod } from "./types.ts";

type Bodies = { readonly [shortName: string]: StandardSchemaV1 };

/** What a mutation of {@link defineEntity} gets before its caller's arguments. */
export interface MutationContext<TState, TBodies> {
  /** The state after what was dispatched last; taken out by destructuring, it stays what it was. */
  readonly state: TState;
  /** The number of the last event, dispatched ones included. */
  readonly version: number;
  readonly entityId: string;
  /** Records that something happened, by the event's short name. */
  readonly dispatch: DispatchOf<TBodies>;
}

/** Options of {@link defineEntity}. Events have their short names here: `approved` for what the log calls `post:approved`. */
export interface EntityParts<
  TEntityName extends string,
  TState extends StandardSchemaV1,
  TBodies extends Bodies,
  TInitial extends keyof TBodies & string,
  TOtherInitial extends keyof TBodies & string,
  TSeparator extends string,
  TMutations,
> extends EntityOptions {
  /** Schema of the state; any Standard Schema. */
  state: TState;
  /** Schema of each event's body; any Standard Schema. */
  events: TBodies;
  /** The event that starts a stream; several where there are several, the default first. */
  initial: TInitial | readonly [TInitial, ...TOtherInitial[]];
  /** Computes the state after an event from the state before it; a handler for each event, pure as in `defineReducer`. */
  reduce: NoInfer<Handlers<TEntityName, TState, TBodies, TInitial | TOtherInitial, TSeparator>>;
  /** The methods that change an entity, each atomic as in `mutation`; what they return, their callers get. */
  mutations?: TMutations;
  /** Events that a rollback must not undo. */
  irreversible?: readonly (keyof TBodies & string)[];
  /** What stands between the entity's name and an event's short name; ":" unless given. */
  namespaceSeparator?: TSeparator;
}

type Handlers<
  TEntityName extends string,
  TState extends StandardSchemaV1,
  TBodies extends Bodies,
  TInitial,
  TSeparator extends string,
> = {
  readonly [K in keyof TBodies & string]: (
    state: StateBefore<K, StandardSchemaV1.InferOutput<TState>, TInitial>,
    event: EventOf<TEntityName, `${TEntityName}${TSeparator}${K}`, StandardSchemaV1.InferOutput<TBodies[K]>>,
  ) => StandardSchemaV1.InferOutput<TState>;
};

type Mutations<TState extends StandardSchemaV1, TBodies extends Bodies> = {
  readonly [name: string]: (
    context: MutationContext<
      StandardSchemaV1.InferOutput<TState>,
      { [K in keyof TBodies & string]: StandardSchemaV1.InferInput<TBodies[K]> }
    >,
    ...args: never[]
  ) => unknown;
};

/** Mutations as their callers see them: without the context. */
export type MethodsOf<TMutations> = string extends keyof TMutations
  ? {}
  : {
      readonly [K in keyof TMutations]: TMutations[K] extends (context: never, ...args: infer TArgs) => infer TResult
        ? MutationMethod<(...args: TArgs) => TResult>
        : never;
    };

type SchemaOf<
  TEntityName extends string,
  TState extends StandardSchemaV1,
  TBodies extends Bodies,
  TInitial extends keyof TBodies & string,
  TOtherInitial extends keyof TBodies & string,
  TSeparator extends string,
> = Schema<
  TEntityName,
  {
    [K in keyof TBodies & string]: EventOf<
      TEntityName,
      `${TEntityName}${TSeparator}${K}`,
      StandardSchemaV1.InferOutput<TBodies[K]>
    >;
  }[keyof TBodies & string],
  StandardSchemaV1.InferOutput<TState>,
  `${TEntityName}${TSeparator}${TInitial}`,
  WithBodyInputs<{
    [K in keyof TBodies & string as `${TEntityName}${TSeparator}${K}`]: StandardSchemaV1.InferInput<TBodies[K]>;
  }>,
  `${TEntityName}${TSeparator}${TOtherInitial}`
>;

/**
 * Defines an entity in one place: its state and events, how events change the state, and the mutations that make events.
 *
 * The class that it returns is like one that extends `Entity()`; its mutations lie on the prototype.
 *
 * @param entityName name of the entity: the first part of its event names.
 * @throws {ValidationError} `invalid_option`; and what `defineSchema` throws.
 *
 * @example
 * const Post = defineEntity("post", {
 *   state: PostState,
 *   events: { created: z.object({ title: z.string() }), approved: z.object({ comment: z.string() }) },
 *   initial: "created",
 *   reduce: {
 *     created: (_, { body }) => ({ ...body, status: "draft" }),
 *     approved: (state) => ({ ...state, status: "approved" }),
 *   },
 *   mutations: {
 *     approve: ({ state, dispatch }, comment: string) => {
 *       if (state.status !== "draft") throw new Error("Only drafts can be approved");
 *       dispatch("approved", { comment });
 *     },
 *   },
 * });
 */
export function defineEntity<
  const TEntityName extends string,
  TState extends StandardSchemaV1,
  TBodies extends Bodies,
  const TInitial extends keyof TBodies & string,
  TMutations extends Mutations<TState, TBodies> = Mutations<TState, TBodies>,
  const TOtherInitial extends keyof TBodies & string = never,
  const TSeparator extends string = ":",
>(
  entityName: TEntityName,
  parts: EntityParts<TEntityName, TState, TBodies, TInitial, TOtherInitial, TSeparator, TMutations>,
): EntityConstructor<
  SchemaOf<TEntityName, TState, TBodies, TInitial, TOtherInitial, TSeparator>,
  EntityInstance<SchemaOf<TEntityName, TState, TBodies, TInitial, TOtherInitial, TSeparator>> & MethodsOf<TMutations>
> {
  const { state, events, initial, reduce, mutations, irreversible = [], namespaceSeparator = ":", ...options } = parts;
  const prefix = entityName + namespaceSeparator;
  const full = (shortName: string) => prefix + shortName;
  const schema = defineSchema<string, BaseEventType, unknown, string>(entityName, {
    schema: () => parseBodies({ entityName, event: events, state, namespaceSeparator }),
    initialEventName: [initial].flat().map(full) as [string],
    irreversible: irreversible.map(full),
  });
  const handlers = Object.entries(reduce).map(([shortName, handler]) => [full(shortName), handler]);
  const reducer = defineReducer(schema, Object.fromEntries(handlers));

  class DefinedEntity extends Entity(schema, reducer, options) {}
  Object.defineProperty(DefinedEntity, "name", { value: entityName });
  for (const [name, work] of Object.entries(mutations ?? {})) {
    if (name in DefinedEntity.prototype) {
      throw new ValidationError(
        "invalid_option",
        `Invalid option: the mutation "${name}" of ${entityName} has the name of a member that every entity has. Choose another name.`,
      );
    }
    const value = prototypeMutation(work as never, prefix);
    Object.defineProperty(DefinedEntity.prototype, name, { value, writable: true, configurable: true });
  }
  return DefinedEntity as never;
}

type Work = (context: object, ...args: unknown[]) => unknown;

function prototypeMutation(work: Work, prefix: string): MutationMethod<(...args: unknown[]) => unknown> {
  function method(this: InstanceType<ReturnType<typeof Entity>>, ...args: unknown[]): unknown {
    const entity = this;
    return coreOf(entity).mutate((dispatch, ...given: unknown[]) => {
      const context: MutationContext<unknown, { [shortName: string]: unknown }> = {
        get state() {
          return entity.state;
        },
        get version() {
          return entity.version;
        },
        entityId: entity.entityId,
        dispatch: (shortName, body, options) => dispatch(prefix + shortName, body, options),
      };
      return work(context, ...given);
    }, args);
  }
  return Object.assign(method, { mutation: true as const });
}
