import type { Draft } from "immer";
import { defineEntity as definePureEntity } from "../entity/define-entity.ts";
import type { StateBefore } from "../entity/define-reducer.ts";
import type { DefinedEntity, DefinedSchema, Mutations, PartsWith, StateSchema } from "../entity/entity-parts.ts";
import type { Bodies, EventsOfBodies } from "../schema/from-bodies.ts";
import type { StandardSchemaV1 } from "../schema/standard-schema.ts";
import { draftedReducer, type NextState } from "./drafted.ts";

/** What `defineEntity()` makes an entity of, with handlers that write into drafts. */
export type DraftEntityParts<
  TEntityName extends string,
  TState extends StateSchema,
  TBodies extends Bodies,
  TInitial extends keyof TBodies & string,
  TOtherInitial extends keyof TBodies & string,
  TMutations,
  TMetadata,
  TSeparator extends string,
> = PartsWith<
  DraftHandlers<TEntityName, TState, TBodies, TInitial | TOtherInitial, TSeparator>,
  TState,
  TBodies,
  TInitial,
  TOtherInitial,
  TMutations,
  TMetadata,
  TSeparator
>;

/** A conditional type: it is resolved before the handlers are looked at, so that a literal in the state they return stays one. */
type DraftHandlers<
  TEntityName extends string,
  TState extends StateSchema,
  TBodies extends Bodies,
  TInitial,
  TSeparator extends string,
> =
  StandardSchemaV1.InferOutput<TState> extends infer TOutput
    ? {
        readonly [K in keyof TBodies & string]: (
          draft: Draft<StateBefore<K, TOutput, TInitial>>,
          event: EventsOfBodies<TEntityName, TSeparator, TBodies>[K],
        ) => NextState<TOutput, StateBefore<K, TOutput, TInitial>>;
      }
    : never;

/**
 * `defineEntity` of `ventyd`, for handlers in `reduce` that write into an Immer draft of the state, as those of Redux Toolkit's `createSlice`
 * do. Everything else is the same, and so is the class.
 *
 * @throws {ValidationError} as `defineEntity` does.
 *
 * @example
 * const Post = defineEntity("post", {
 *   state: PostState,
 *   events: { created: z.object({ title: z.string() }), approved: z.object({ comment: z.string() }) },
 *   initial: "created",
 *   reduce: {
 *     created: (_, { body }) => ({ ...body, status: "draft" }),
 *     approved: (post) => {
 *       post.status = "approved";
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
  parts: DraftEntityParts<TEntityName, TState, TBodies, TInitial, TOtherInitial, TMutations, TMetadata, TSeparator>,
): DefinedEntity<
  DefinedSchema<TEntityName, TState, TBodies, TInitial, TOtherInitial, TMetadata, TSeparator>,
  TMutations
> {
  return definePureEntity(entityName, { ...parts, reduce: draftedReducer(parts.reduce) }) as never;
}
