import type { BaseEventType } from "../schema/event.ts";
import type {
  InferEventFromSchema,
  InferEventNameFromSchema,
  InferInitialEventNamesFromSchema,
  InferStateFromSchema,
  UnknownEvent,
} from "../schema/infer.ts";

/** Computes the state after an event from the state before it. Pure: equal arguments, equal result, nothing else touched. */
export type Reducer<TSchema> = (
  prevState: InferStateFromSchema<TSchema>,
  event: InferEventFromSchema<TSchema> | UnknownEvent,
) => InferStateFromSchema<TSchema>;

/** One handler for every event of a schema, by full name. */
export type ReducerHandlers<TSchema> = HandlersOf<
  InferEventFromSchema<TSchema>,
  InferStateFromSchema<TSchema>,
  InferInitialEventNamesFromSchema<TSchema>
>;

/** Its parts, not the schema: the compiler would walk through the whole schema again for every handler. */
type HandlersOf<TEvents, TState, TInitial> = {
  readonly [TEvent in TEvents as NameOf<TEvent>]: (
    state: StateBefore<NameOf<TEvent>, TState, TInitial>,
    event: TEvent,
  ) => TState;
};

type NameOf<TEvent> = TEvent extends { eventName: infer TName extends string } ? TName : never;

/** `null` where the event starts every stream, state or `null` where it is one of several that may, else the state. */
export type StateBefore<TEventName, TState, TInitial> = TEventName extends TInitial
  ? IsUnion<TInitial> extends true
    ? TState | null
    : null
  : TState;

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never;

/**
 * Declares the one place where state changes: a function over all events, or a map with a handler for each.
 *
 * The map is exhaustive by type, and its handlers know their event's body and whether there is a state before it. An event that the
 * schema does not declare never reaches a reducer.
 *
 * @returns a function of state and event, ready to be called in a test.
 *
 * @example
 * const postReducer = defineReducer(postSchema, {
 *   "post:created": (_, { body }) => ({ ...body, status: "draft" }),
 *   "post:approved": (state) => ({ ...state, status: "approved" }),
 * });
 */
export function defineReducer<
  TSchema,
  const TReducer extends AnyReducer<TSchema, TReducer> = Reducer<TSchema> | ReducerHandlers<TSchema>,
>(_schema: TSchema, reducer: TReducer): Reducer<TSchema> {
  if (typeof reducer === "function") return reducer as Reducer<TSchema>;
  const handlers = new Map<string, (state: unknown, event: BaseEventType) => never>(Object.entries(reducer));
  const reduce = (prevState: unknown, event: BaseEventType) => {
    const handler = handlers.get(event.eventName);
    return handler === undefined ? prevState : handler(prevState, event);
  };
  return Object.defineProperty(reduce, handlersOf, { value: reducer }) as Reducer<TSchema>;
}

/** Where a reducer that was made of handlers keeps them; the same symbol in every installed copy of the package. */
export const handlersOf: unique symbol = Symbol.for("ventyd.handlers") as never;

/** Either form; a handler for an event that does not exist is an error at its own line. */
type AnyReducer<TSchema, TReducer> =
  | Reducer<TSchema>
  | (ReducerHandlers<TSchema> & { [K in Exclude<keyof TReducer, InferEventNameFromSchema<TSchema>>]: never });
