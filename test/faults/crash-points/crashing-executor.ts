import type { SqlConnection, SqlExecutor, SqlTransaction, SqlValue } from "../../../src/adapters/sql/executor.ts";

/** Where something goes wrong, counted over all statements of an executor from the time on at which it was asked for; COMMIT is one. */
export interface CrashPoint {
  readonly statement: number;
  /** Whether the database has carried it out. */
  readonly moment: "before" | "after";
  /** What is gone: the connection, or the process, which does nothing any more. */
  readonly gone: "connection" | "process";
}

/** Wraps an executor, so that its connections break at one point of what it does. */
export class CrashingExecutor implements SqlExecutor {
  readonly #inner: SqlExecutor;
  readonly #breakConnections: () => void;
  #point: CrashPoint | undefined;
  #count = 0;
  #isDead = false;
  /** The statement at which it happened. */
  reached: string | undefined;

  /** @param breakConnections ends them as a network does, so that the server lets go of what they held. */
  constructor(inner: SqlExecutor, breakConnections: () => void) {
    this.#inner = inner;
    this.#breakConnections = breakConnections;
  }

  /** Lets it happen at that statement from now on. */
  crashAt(point: CrashPoint): void {
    this.#point = point;
    this.#count = 0;
  }

  execute<TRow extends object>(sql: string, params?: readonly SqlValue[]): Promise<readonly TRow[]> {
    return this.#step(sql, () => this.#inner.execute<TRow>(sql, params));
  }

  async transaction<T>(work: (transaction: SqlTransaction<object>) => Promise<T>): Promise<T> {
    this.#assertAlive();
    let result: { readonly value: T } | undefined;
    let committing = 0;
    await this.#inner.transaction(async (transaction) => {
      const value = await work({ ...this.#around(transaction), client: transaction.client });
      committing = ++this.#count;
      this.#breakAt(committing, "before", "COMMIT");
      result = { value };
    });
    this.#breakAt(committing, "after", "COMMIT");
    return (result as unknown as { readonly value: T }).value;
  }

  join(client: object): SqlConnection | undefined {
    const joined = this.#inner.join(client);
    return joined && this.#around(joined);
  }

  #around(connection: SqlConnection): SqlConnection {
    return { execute: (sql, params) => this.#step(sql, () => connection.execute(sql, params)) };
  }

  async #step<T>(sql: string, run: () => Promise<T>): Promise<T> {
    this.#assertAlive();
    const number = ++this.#count;
    this.#breakAt(number, "before", sql);
    const result = await run();
    this.#breakAt(number, "after", sql);
    return result;
  }

  #breakAt(number: number, moment: CrashPoint["moment"], sql: string): void {
    if (this.#point?.statement !== number || this.#point.moment !== moment) return;
    this.reached = `${moment} ${sql}`;
    this.#isDead = this.#point.gone === "process";
    this.#point = undefined;
    this.#breakConnections();
    this.#assertAlive();
    throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  }

  #assertAlive(): void {
    if (this.#isDead) throw new Error("the process is gone");
  }
}
