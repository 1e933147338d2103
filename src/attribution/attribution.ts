import { UnsupportedError } from "../errors/index.ts";
import { type AsyncContext, asyncContext } from "../util/async-context.ts";
import { type Attribution, isBlank } from "./metadata.ts";

const nothing: Attribution = Object.freeze({});

/**
 * Runs `work` with an attribution for everything that it does, however deep and however late it awaits. Inside another `withAttribution`
 * the keys given here win, the others stay. What a commit or a dispatch says itself wins over both.
 *
 * @returns what `work` returns.
 * @throws {UnsupportedError} `unsupported` where the runtime has no `AsyncLocalStorage`: pass the attribution with each call there.
 *
 * @example
 * await withAttribution({ actor: session.userId, correlationId: request.id }, () => handle(request));
 */
export function withAttribution<T>(attribution: Attribution, work: () => T): T {
  return requireContext().run(overlay(currentAttribution(), attribution), work);
}

/** The attribution that surrounds the caller; frozen, empty outside of {@link withAttribution}. */
export function currentAttribution(): Attribution {
  return context()?.getStore() ?? nothing;
}

/**
 * Ties a function to the attribution of the moment, for callbacks that run later and from elsewhere: event emitters, timers, pools.
 *
 * @throws {UnsupportedError} `unsupported` where the runtime has no `AsyncLocalStorage`.
 */
export function bindAttribution<TThis, TArgs extends unknown[], TResult>(
  work: (this: TThis, ...args: TArgs) => TResult,
): (this: TThis, ...args: TArgs) => TResult {
  const bound = currentAttribution();
  const attributionContext = requireContext();
  return function (this: TThis, ...args: TArgs) {
    return attributionContext.run(bound, () => work.apply(this, args));
  };
}

function context(): AsyncContext<Attribution> | undefined {
  return asyncContext<Attribution>("attribution");
}

function requireContext(): AsyncContext<Attribution> {
  const found = context();
  if (found !== undefined) return found;
  throw new UnsupportedError(
    "async-context",
    "Unsupported: this runtime has no AsyncLocalStorage, so an attribution cannot follow asynchronous work. Pass { actor, reason } with each call.",
  );
}

/** Lays what `inner` says over what `outer` said; a blank says nothing. */
function overlay(outer: Attribution, inner: Attribution): Attribution {
  const { metadata, ...attribution } = inner;
  const said = Object.entries(attribution).filter(([, value]) => !isBlank(value));
  const custom = Object.entries(metadata ?? {}).filter(([, value]) => value !== undefined);
  return Object.freeze({
    ...outer,
    ...Object.fromEntries(said),
    ...(custom.length > 0 && { metadata: Object.freeze({ ...outer.metadata, ...Object.fromEntries(custom) }) }),
  });
}
