import { type ErrorCode, retryableCodes } from "./codes.ts";

/** Where an error lists its classes, so that `instanceof` can hold across two installed copies of the package. */
const classNames: unique symbol = Symbol.for("ventyd.error") as never;

type NamedClass = { readonly className?: string };

/**
 * The base of every error that Ventyd throws. Match on {@link code}, which is stable; the message is written for people.
 *
 * `instanceof` works across two copies of the package, for this class and for every class of ours below it.
 * The table of codes, with cause and cure of each, is `docs/reference/errors.md`.
 */
export class VentydError extends Error {
  static readonly className: string = "VentydError";

  /** Stable identifier of what went wrong, in snake_case. */
  readonly code: ErrorCode;
  /** True when the same work, loaded and done again, may succeed. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.retryable = retryableCodes.has(code);
    // Not enumerable, as built-in errors have it: the name is no fact.
    Object.defineProperty(this, "name", { value: new.target.className, configurable: true, writable: true });
  }

  get [classNames](): readonly string[] {
    return namesOf(this.constructor as NamedClass);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    // A class that a user derives from ours has no name of its own: there the prototype chain decides.
    if (!Object.hasOwn(this, "className")) return Object.prototype.isPrototypeOf.call(this.prototype, value);
    return (value as { [classNames]?: readonly string[] })[classNames]?.includes(this.className) ?? false;
  }
}

function namesOf(errorClass: NamedClass): readonly string[] {
  const names: string[] = [];
  for (let each = errorClass; each.className !== undefined; each = Object.getPrototypeOf(each) as NamedClass) {
    if (Object.hasOwn(each, "className")) names.push(each.className);
  }
  return names;
}
