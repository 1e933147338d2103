import { ValidationError, VentydError } from "../errors/index.ts";
import type { DefaultSchema } from "../schema/define-schema.ts";
import type { BaseEventType } from "../schema/event.ts";
import { clone } from "../util/clone.ts";
import { checkIdentifier } from "../util/text.ts";
import type { OnWarning } from "../util/warning.ts";
import type { Reducer } from "./define-reducer.ts";
import { defineEntityCore, EntityCore } from "./entity-core.ts";
import { coreOf, internals, warnings } from "./internals.ts";
import type { CreateArgs, EntityConstructor, EntityConstructorArgs, SnapshotOf } from "./types.ts";

/** Options of `Entity()`. */
export interface EntityOptions {
  /** How many uncommitted events one entity may hold; at least 1, default 10,000. */
  maxQueuedEvents?: number;
  /** Makes the ids that are not given; default `crypto.randomUUID()`. */
  generateId?: (type: "eventId" | "entityId") => string;
  /** The clock that stamps events; default the system's. */
  now?: () => Date;
  /** Tells builds of the reducer apart: count it up when the reducer computes something else. A whole number, default 0. */
  revision?: number;
  /**
   * What becomes of a reducer that writes into its arguments, computes something else the second time, or makes a state that the schema
   * refuses: `"warn"` tells `onWarning` of the entity's repository, or the process, once for each place (`reducer_mutates`,
   * `reducer_not_deterministic`, `invalid_state`); `"throw"` lets the dispatch fail and the entity stay as it was. To find out, each
   * dispatch runs the reducer twice and copies the state.
   * Default `"warn"`, and `"off"` where `NODE_ENV` is `"production"` or there is no `process`.
   */
  checks?: "off" | "warn" | "throw";
}

/**
 * Makes the base class of an entity from its schema and reducer. Extend it with mutations, or use it as it is.
 *
 * @throws {ValidationError} `invalid_option`.
 *
 * @example
 * class Post extends Entity(postSchema, postReducer) {
 *   approve = mutation(this, (dispatch, comment: string) => {
 *     if (this.state.status !== "draft") throw new Error("Only drafts can be approved");
 *     dispatch("post:approved", { comment });
 *   });
 * }
 */
export function Entity<TSchema extends DefaultSchema>(
  schema: TSchema,
  reducer: Reducer<NoInfer<TSchema>>,
  options: EntityOptions = {},
): EntityConstructor<TSchema> {
  const definition = defineEntityCore(schema, reducer as never, options);
  type Args = EntityConstructorArgs<DefaultSchema> & { [internals]?: EntityCore; [warnings]?: OnWarning };

  class BaseEntity {
    static readonly schema = schema;
    static get [internals]() {
      return definition;
    }
    static create(args: CreateArgs<DefaultSchema>) {
      return new this({ ...args, type: "create" });
    }
    static load(args: { entityId: string; state: unknown; version?: number; UNSAFE_mutable?: true }) {
      return new this({ ...args, type: "load" });
    }
    static fromEvents(args: {
      entityId: string;
      events: readonly BaseEventType[];
      snapshot?: SnapshotOf<DefaultSchema>;
    }) {
      return new this({ ...args, type: "loadFromEvents" });
    }

    constructor(args: Args) {
      // A repository has folded the events already and hands over the result. Kept in a property that nobody lists, not in a private field:
      // copies and proxies of an entity, such as test runners make, can be looked at then.
      Object.defineProperty(this, internals, { value: args[internals] ?? startCore(args) });
    }

    get entityName() {
      return schema.entityName;
    }
    get entityId() {
      return coreOf(this).entityId;
    }
    get version() {
      return coreOf(this).version;
    }
    get state() {
      const { state, entityId } = coreOf(this);
      if (state !== null) return state;
      throw new VentydError(
        "entity_not_initialized",
        `Entity is not initialized: ${schema.entityName} "${entityId}" has no event to compute a state from.`,
      );
    }
    get uncommittedEvents() {
      return Object.freeze(coreOf(this).queue.map(({ event }) => clone(event)));
    }
    toJSON() {
      const { entityId, version, state } = coreOf(this);
      return { entityName: schema.entityName, entityId, version, state };
    }
    [Symbol.for("nodejs.util.inspect.custom")]() {
      return this.toJSON();
    }
  }
  return BaseEntity as unknown as EntityConstructor<TSchema>;

  function startCore(args: Args): EntityCore {
    switch (args.type) {
      case "create": {
        const {
          type: _,
          body,
          eventName = schema.initialEventName,
          entityId = definition.generateId("entityId"),
          ...dispatchOptions
        } = args;
        checkIdentifier(entityId, "entityId");
        if (!schema.initialEventNames.includes(eventName)) {
          throw new ValidationError(
            "invalid_option",
            `Invalid option: "${eventName}" does not start a ${schema.entityName}. Choose one of: ${schema.initialEventNames.join(", ")}`,
          );
        }
        const core = new EntityCore(definition, entityId);
        core.onWarning = args[warnings] ?? core.onWarning;
        core.dispatch(eventName, body, dispatchOptions);
        return core;
      }
      case "load": {
        const core = new EntityCore(definition, args.entityId, args.UNSAFE_mutable !== true);
        core.seed(args.state, args.version ?? 0);
        return core;
      }
      case "loadFromEvents": {
        const core = new EntityCore(definition, args.entityId);
        // A copy, as with bodies: whoever keeps the snapshot keeps it as it is.
        if (args.snapshot !== undefined) core.seed(clone(args.snapshot.state), args.snapshot.version);
        if (!core.replay(args.events)) {
          throw new ValidationError(
            "invalid_option",
            `Invalid option: a rollback of ${schema.entityName} "${args.entityId}" leads below the snapshot. Give all events and no snapshot.`,
          );
        }
        return core;
      }
    }
  }
}
