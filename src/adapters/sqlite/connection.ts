/** A value that the store passes to SQLite and gets back. */
export type SqliteValue = string | number | null;

/** What the store needs of one connection. Everything is synchronous, so nothing interleaves. */
export interface SqliteConnection {
  readonly inTransaction: boolean;
  all<TRow>(sql: string, ...params: SqliteValue[]): TRow[];
  /** Runs one statement; answers with the row id of the last insert. */
  run(sql: string, ...params: SqliteValue[]): number;
  /** Runs statements that take no parameters, several at once. */
  exec(sql: string): void;
  close(): void;
}

/** What a setting of a connection is. */
export function readPragma(connection: SqliteConnection, name: string): unknown {
  return Object.values(connection.all<object>(`PRAGMA ${name}`)[0] ?? {})[0];
}
