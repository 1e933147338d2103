import { Immer } from "immer";
import type { BaseEventType } from "../schema/event.ts";

/**
 * What a handler may return: the next state, which the draft is too, or nothing at all when it has written into the draft. Where nothing was
 * before, there is no draft to write into.
 */
export type NextState<TState, TBefore> =
  | TState
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement returns void, not undefined.
  | (TBefore extends null ? never : void);

type Handler = (state: never, event: BaseEventType) => unknown;

/**
 * An instance of our own. One that freezes would freeze states, which are never frozen here, and the bodies that become part of them; and how the
 * application's own is set up is the application's business.
 */
const immer = new Immer({ autoFreeze: false });

/** A pure handler, made of one that writes into a draft. `null`, a text or a number is no draft: the handler returns what comes next. */
function drafted(handler: Handler): Handler {
  const pure = (state: unknown, event: BaseEventType) =>
    immer.produce(state, (draft: unknown) => handler(draft as never, event));
  // Snapshots tell reducers apart by their text, and this one's is the same for all.
  return Object.defineProperty(pure, "toString", { value: () => String(handler) });
}

/** The same for a reducer in either form: a function, or a handler for each event. */
export function draftedReducer(reducer: object): never {
  const pure =
    typeof reducer === "function"
      ? drafted(reducer as Handler)
      : Object.fromEntries(Object.entries(reducer).map(([eventName, handler]) => [eventName, drafted(handler)]));
  return pure as never;
}
