import { ValidationError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import type { BaseEventType } from "../schema/event.ts";
import { type Bodies, parseBodies } from "../schema/from-bodies.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { defineReducer } from "./define-reducer.ts";
import { Entity } from "./entity.ts";
import type {
  DefinedEntity,
  DefinedSchema,
  EntityParts,
  MutationContext,
  Mutations,
  StateSchema,
} from "./entity-parts.ts";
import { coreOf } from "./internals.ts";
import type { EntityInstance } from "./types.ts";

/**
 * Defines an entity in one place: its state and events, how events change the state, and the mutations that make events.
 *
 * The class that it returns is used like one that extends `Entity()`, and may be extended. A mutation is overridden by a field that
 * `mutation()` makes; `super.approve()` is the old one there.
 *
 * @param entityName name of the entity: the first part of its event names.
 * @throws {ValidationError} `invalid_option`; `reserved_name` for an entity or event whose name starts with `$`; `invalid_text` for a name
 * that no store could keep.
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
  TState extends StateSchema,
  TBodies extends Bodies,
  const TInitial extends keyof TBodies & string = never,
  TMutations extends Mutations<TState, TBodies> = Mutations<TState, TBodies>,
  const TOtherInitial extends keyof TBodies & string = never,
  TMetadata extends StandardSchemaV1 | undefined = undefined,
  const TSeparator extends string = ":",
>(
  entityName: TEntityName,
  parts: EntityParts<TEntityName, TState, TBodies, TInitial, TOtherInitial, TMutations, TMetadata, TSeparator>,
): DefinedEntity<
  DefinedSchema<TEntityName, TState, TBodies, TInitial, TOtherInitial, TMetadata, TSeparator>,
  TMutations
> {
  const { state, events, initial, reduce, mutations = {}, irreversible = [], metadata, ...rest } = parts;
  const { namespaceSeparator = ":", ...options } = rest;
  const prefix = entityName + namespaceSeparator;
  const fullName = (shortName: string) => prefix + shortName;
  const schema = defineSchema<string, BaseEventType, unknown, string>(entityName, {
    schema: () => ({ ...parseBodies({ entityName, event: events, state, namespaceSeparator }), state }),
    initialEventName: [initial].flat().map(fullName) as [string],
    irreversible: irreversible.map(fullName),
    metadata: metadata as undefined,
  });
  const handlers = Object.entries(reduce).map(([shortName, handler]) => [fullName(shortName), handler]);
  const Defined = Entity(schema, defineReducer(schema, Object.fromEntries(handlers)), options);

  Object.defineProperty(Defined, "name", { value: entityName });
  for (const [name, work] of Object.entries(mutations)) {
    if (name in Defined.prototype || name === "then") {
      throw new ValidationError(
        "invalid_option",
        `Invalid option: ${entityName} cannot have a mutation called "${name}". Every entity has a member of that name, or must not have one: choose another.`,
      );
    }
    const method = methodOf(name, work as never, prefix);
    Object.defineProperty(Defined.prototype, name, { value: method, writable: true, configurable: true });
  }
  return Defined as never;
}

type AnyContext = MutationContext<unknown, { [shortName: string]: unknown }>;

/** A mutation that finds its entity in `this`, so that all entities of the class share it and a subclass can override it. */
function methodOf(name: string, work: (context: AnyContext, ...args: unknown[]) => unknown, prefix: string): object {
  function method(this: EntityInstance<unknown>, ...args: unknown[]): unknown {
    const entity = this;
    const core = coreOf(entity ?? {});
    if (core === undefined) {
      throw new ValidationError(
        "wrong_entity",
        `Wrong entity: "${name}" was called without its entity. Call it as a method, entity.${name}(...), or pass \`(...args) => entity.${name}(...args)\` on.`,
      );
    }
    return core.mutate((dispatch, ...given: unknown[]) => {
      const context: AnyContext = {
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
