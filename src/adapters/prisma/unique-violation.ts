interface UniqueViolation {
  readonly code?: unknown;
  readonly cause?: { readonly kind?: unknown };
}

/** True for what a client throws when a unique index refuses a row: its own error, or that of the driver adapter under it. */
export function isUniqueViolation(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as UniqueViolation;
  return code === "P2002" || cause?.kind === "UniqueConstraintViolation";
}
