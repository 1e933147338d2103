/** A value that is passed to SQLite, and comes back. */
export type SqliteValue = string | number | null;

/** One statement, and what it is: one that gives rows, one that gives none, or one that sets something each time it is prepared, not when it is run. */
export interface Step {
  readonly kind: "rows" | "run" | "setting";
  readonly sql: string;
  readonly params: readonly SqliteValue[];
}

/**
 * Statements that are run one after the other, and what they come to. Written once, they are run by connections that answer at once and by those that answer
 * later; each statement is answered with its rows.
 */
export type Steps<T> = Generator<Step, T, readonly object[]>;

export function* rows<TRow extends object>(sql: string, ...params: readonly SqliteValue[]): Steps<readonly TRow[]> {
  return (yield { kind: "rows", sql, params }) as readonly TRow[];
}

export function* run(sql: string, ...params: readonly SqliteValue[]): Steps<void> {
  yield { kind: "run", sql, params };
}

export function* set(sql: string): Steps<void> {
  yield { kind: "setting", sql, params: [] };
}

/** What a setting of the connection is. */
export function* pragma(name: string): Steps<unknown> {
  return Object.values((yield* rows<object>(`PRAGMA ${name}`))[0] ?? {})[0];
}
