/** A value that a statement takes; lists are for PostgreSQL only. */
export type SqlValue = string | number | null | readonly (string | number | null)[];

/** Runs statements, one at a time, wherever it was got from. */
export interface SqlConnection {
  /** Runs one statement; its rows by the names of their columns. */
  execute<TRow extends object>(sql: string, params?: readonly SqlValue[]): Promise<readonly TRow[]>;
  /**
   * Runs `work` as one step of the transaction that is open, taken back when it rejects. For drivers that abort a transaction in which a statement has
   * failed, unless they have made the savepoint themselves; the others are sent the statements.
   */
  savepoint?<T>(work: (step: SqlConnection) => Promise<T>): Promise<T>;
}

/**
 * The few lines that let a store speak through one driver or ORM. A store is made with one, and `{ transaction: executor }` joins the transaction that
 * the handle behind it is in.
 */
export interface SqlExecutor<TClient = object> extends SqlConnection {
  /** True where there is but one connection: whatever stays out of a transaction waits for its end. */
  readonly hasOneConnection?: boolean;
  /** True where what a procedure, or a block of statements, answers does not come through: then none is called. */
  readonly withoutProcedures?: boolean;
  /**
   * Runs `work` in a transaction on a connection of its own. Commits when it resolves, aborts when it rejects, and is over when the
   * returned promise settles.
   */
  transaction<T>(work: (transaction: SqlTransaction<TClient>) => Promise<T>): Promise<T>;
  /**
   * Hears what is sent to a channel, on a connection of its own that the application's pool is not short of; for databases that have such. A connection that is
   * lost is told of once, and is over: whoever wants to hear more listens anew.
   *
   * @returns ends it.
   */
  listen?(channel: string, onNotify: (payload: string) => void, onLost: () => void): Promise<() => Promise<void>>;
  /** Statements on a handle whose transaction the application has opened; `undefined` where it is none of this driver. */
  join(client: TClient): SqlConnection | undefined;
}

/** Tells an executor from the handles of drivers, by its structure. */
export function isExecutor(value: unknown): value is SqlExecutor {
  const { execute, transaction, join } = (value ?? {}) as Partial<SqlExecutor>;
  return typeof execute === "function" && typeof transaction === "function" && typeof join === "function";
}

/** A transaction that is open, and the handle by which the application knows it. */
export interface SqlTransaction<TClient> extends SqlConnection {
  readonly client: TClient;
}
