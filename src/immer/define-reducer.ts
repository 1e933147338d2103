import type { Draft } from "immer";
import { defineReducer as definePureReducer, type Reducer, type StateBefore } from "../entity/define-reducer.ts";
import type {
  InferEventFromSchema,
  InferEventNameFromSchema,
  InferInitialEventNamesFromSchema,
  InferStateFromSchema,
  UnknownEvent,
} from "../schema/infer.ts";
import { draftedReducer, type NextState } from "./drafted.ts";

/** Computes the state after an event: writes into a draft of the state before it, or returns the next state. */
export type DraftReducer<TSchema> = (
  draft: Draft<InferStateFromSchema<TSchema>>,
  event: InferEventFromSchema<TSchema> | UnknownEvent,
) => NextState<InferStateFromSchema<TSchema>, unknown>;

/** One such handler for every event of a schema, by full name. */
export type DraftReducerHandlers<TSchema> = DraftHandlersOf<
  InferEventFromSchema<TSchema>,
  InferStateFromSchema<TSchema>,
  InferInitialEventNamesFromSchema<TSchema>
>;

type DraftHandlersOf<TEvents, TState, TInitial> = {
  readonly [TEvent in TEvents as NameOf<TEvent>]: (
    draft: Draft<StateBefore<NameOf<TEvent>, TState, TInitial>>,
    event: TEvent,
  ) => NextState<TState, StateBefore<NameOf<TEvent>, TState, TInitial>>;
};

type NameOf<TEvent> = TEvent extends { eventName: infer TName extends string } ? TName : never;

/**
 * `defineReducer` of `ventyd`, for handlers that write into an Immer draft of the state instead of returning a new one. To return one stays
 * allowed, and is the only way before there is a state.
 *
 * Nothing is frozen: neither states nor the bodies that become part of them. A `Date` is no draft; put a new one in the place of the old.
 *
 * @returns a pure function of state and event, ready to be called in a test.
 *
 * @example
 * defineReducer(postSchema, {
 *   "post:created": (_, { body }) => ({ ...body, status: "draft" }),
 *   "post:approved": (post) => {
 *     post.status = "approved";
 *   },
 * });
 */
export function defineReducer<
  TSchema,
  const TReducer extends AnyDraftReducer<TSchema, TReducer> = DraftReducer<TSchema> | DraftReducerHandlers<TSchema>,
>(schema: TSchema, reducer: TReducer): Reducer<TSchema> {
  return definePureReducer(schema, draftedReducer(reducer));
}

/** Either form; a handler for an event that does not exist is an error at its own line. */
type AnyDraftReducer<TSchema, TReducer> =
  | DraftReducer<TSchema>
  | (DraftReducerHandlers<TSchema> & { [K in Exclude<keyof TReducer, InferEventNameFromSchema<TSchema>>]: never });
