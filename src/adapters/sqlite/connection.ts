/** A value that SQLite takes and gives. */
export type SqliteValue = string | number | null | Uint8Array;

/** What the store needs of one connection; drivers differ below this line only. Everything is synchronous, so nothing interleaves. */
export interface SqliteConnection {
  readonly inTransaction: boolean;
  all<TRow>(sql: string, ...params: SqliteValue[]): TRow[];
  /** Runs one statement; answers with the row id of the last insert. */
  run(sql: string, ...params: SqliteValue[]): number;
  /** Runs statements that take no parameters, several at once. */
  exec(sql: string): void;
  close(): void;
}

/** A connection, and the handle under which the application knows it. */
export interface OpenDatabase<TClient> {
  readonly connection: SqliteConnection;
  readonly client: TClient;
}

/** A driver's database, as the store uses it. */
export interface SqliteDriver<TClient> {
  /** True for a database that no second connection can see. */
  readonly isPrivate: boolean;
  /** The handle that the application gave. */
  readonly own: OpenDatabase<TClient>;
  /**
   * Opens another connection to the same file; it never waits by itself.
   *
   * @param timeout milliseconds that opening it may block the process while others hold the database; default 0.
   */
  open(timeout?: number): OpenDatabase<TClient>;
  /** The connection behind a handle of the application's; `undefined` where that is on another database. */
  join(client: TClient): SqliteConnection | undefined;
}
