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

/** What differs between drivers: the few lines that let the store speak through one of them. */
export interface SqliteDriver<TClient extends SqliteHandle = SqliteHandle> {
  /** True for a handle of this driver, open or not; told by its structure, for no driver is imported. */
  owns(value: unknown): value is TClient;
  isOpen(client: TClient): boolean;
  /** True for a handle that was opened to read only; `undefined` where the driver does not say. */
  isReadonly(client: TClient): boolean | undefined;
  inTransaction(client: TClient): boolean;
  /** Prepares a statement that gives numbers for integers and ordinary objects for rows, whatever the application has asked its handle for. */
  prepare(client: TClient, sql: string): SqliteStatement;
  /** Opens another connection to a file that is there, of the same kind as `client`. */
  open(client: TClient, file: string, options: { readonly readonly: boolean }): TClient;
}
