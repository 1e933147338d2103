/** A prepared statement. What it takes is left open: drivers say it in ways of their own. */
export interface SqliteStatement {
  all(...params: unknown[]): unknown[];
  run(...params: unknown[]): { lastInsertRowid: number | bigint };
}

/** What the handles of all drivers have. */
export interface SqliteHandle {
  exec(sql: string): unknown;
  close(): unknown;
}

/** The few lines that let the store speak through one driver. */
export interface SqliteExecutor<TClient extends SqliteHandle = SqliteHandle> {
  /** True for a handle of this driver, open or not; told by its structure, for no driver is imported. */
  owns(value: unknown): value is TClient;
  isOpen(client: TClient): boolean;
  /** False for a handle that is closed, too. */
  inTransaction(client: TClient): boolean;
  /** Prepares a statement that gives numbers for integers and ordinary objects for rows, whatever the application has asked its handle for. */
  prepare(client: TClient, sql: string): SqliteStatement;
  /** Opens another connection, of the same kind as `client`, to a file that is there. */
  open(client: TClient, file: string, options: { readonly readonly: boolean }): TClient;
  /** For drivers that do not let go of a connection when it is closed: see `lend.ts`. */
  lend?(client: TClient): { readonly lent: TClient; readonly takeBack: () => void };
}
