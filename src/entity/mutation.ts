import type { InferEventInputsFromSchema } from "../schema/infer.ts";
import { coreOf } from "./internals.ts";
import type { DispatchOf, MutationMethod, schemaOf } from "./types.ts";

/**
 * Makes a method that changes an entity: all that it dispatches, or nothing if it throws or rejects.
 *
 * While an asynchronous one is pending, other mutations and commits of the entity throw `EntityBusyError`; `dispatch` ends with it.
 * On a readonly entity it throws `ReadonlyEntityError` before its body runs.
 *
 * @param self the entity: `this`, in a field of the class.
 * @param work what the method does; gets `dispatch` before the method's own arguments.
 */
export function mutation<TSchema, TArgs extends unknown[], TResult>(
  self: { readonly [schemaOf]: TSchema },
  work: (dispatch: DispatchOf<InferEventInputsFromSchema<TSchema>>, ...args: TArgs) => TResult,
): MutationMethod<(...args: TArgs) => TResult> {
  const method = (...args: TArgs): TResult => coreOf(self).mutate(work as never, args);
  return Object.assign(method, { mutation: true as const });
}
