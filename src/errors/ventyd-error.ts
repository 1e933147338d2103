import { type ErrorCode, retryableByCode } from "./codes.ts";

/** Holds the names of an error's classes, so that `instanceof` can hold across two installed copies of the package. */
const classNames: unique symbol = Symbol.for("ventyd.error") as never;

type Branded = { readonly [classNames]?: readonly string[] };

/**
 * The base of every error that Ventyd throws. Match on {@link code}, which is stable; the message is written for people.
 *
 * `instanceof` works across two copies of the package, for this class and for every class of ours below it.
 * The table of codes, with cause and cure of each, is `docs/reference/errors.md`.
 */
export class VentydError extends Error {
  /** Stable identifier of what went wrong, in snake_case. */
  readonly code: ErrorCode;
  /** True when the same work, loaded and done again, may succeed. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.retryable = retryableByCode[code];
  }

  static {
    nameError(VentydError, "VentydError");
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class that a user derives from ours has no names of its own: there the prototype chain decides.
    if (!Object.hasOwn(this.prototype, classNames))
      return Object.prototype.isPrototypeOf.call(this.prototype, value as object);
    const ownName = (this.prototype as Branded)[classNames]?.[0] as string;
    return typeof value === "object" && value !== null && ((value as Branded)[classNames]?.includes(ownName) ?? false);
  }
}

/** Gives an error class its name, on the prototype and not enumerable as built-in errors have it, and its place in the hierarchy. */
export function nameError(errorClass: { readonly prototype: VentydError }, name: string): void {
  const inherited = (errorClass.prototype as Branded)[classNames] ?? [];
  Object.defineProperties(errorClass.prototype, {
    name: { value: name, configurable: true, writable: true },
    [classNames]: { value: [name, ...inherited] },
  });
}
