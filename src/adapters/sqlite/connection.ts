import type { SqliteValue, Steps } from "../sql/dialects/sqlite-steps.ts";

/** What the store needs of one connection. Everything is synchronous, so nothing interleaves. */
export interface SqliteConnection {
  readonly inTransaction: boolean;
  all<TRow>(sql: string, ...params: readonly SqliteValue[]): TRow[];
  /** Runs one statement; answers with the row id of the last insert. */
  run(sql: string, ...params: readonly SqliteValue[]): number;
  /** Runs statements that take no parameters, several at once. */
  exec(sql: string): void;
  close(): void;
}

const nothing: readonly never[] = [];

/** Runs statements on a connection that answers at once. */
export function take<T>(connection: SqliteConnection, steps: Steps<T>): T {
  let next = steps.next();
  while (!next.done) {
    const { kind, sql, params } = next.value;
    let found: readonly object[] = nothing;
    try {
      if (kind === "rows") found = connection.all<object>(sql, ...params);
      else if (kind === "run") connection.run(sql, ...params);
      // Prepared statements are kept: one that sets something would do so once.
      else connection.exec(sql);
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(found);
  }
  return next.value;
}

/** What a setting of a connection is. */
export function readPragma(connection: SqliteConnection, name: string): unknown {
  return Object.values(connection.all<object>(`PRAGMA ${name}`)[0] ?? {})[0];
}
