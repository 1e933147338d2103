import type { SqlConnection, SqlExecutor, SqlValue } from "../../sql/executor.ts";
import { type PostgresDriver, transactionFailed } from "./driver.ts";
import { pgListen } from "./pg-listen.ts";

/** A client of pg, as far as we use it. */
export interface PgClient {
  query(sql: string, params?: readonly unknown[]): Promise<{ rows: unknown[] }>;
}

/** A client that the pool has lent. */
export interface PgPoolClient extends PgClient {
  release(error?: Error | boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** A pool of pg, as far as we use it. */
export interface PgPool extends PgClient {
  connect(): Promise<PgPoolClient>;
  readonly totalCount: number;
}

function isPgPool(value: unknown): value is PgPool {
  const pool = value as Partial<PgPool>;
  return typeof pool.query === "function" && typeof pool.connect === "function" && typeof pool.totalCount === "number";
}

/** A client alone, or one that a pool has lent; PGlite has the method too, and another that no client has. */
function isPgClient(value: unknown): value is PgClient {
  const client = value as Partial<PgClient & { connect: unknown; escapeIdentifier: unknown }>;
  return (
    typeof client.query === "function" &&
    typeof client.connect === "function" &&
    typeof client.escapeIdentifier === "function" &&
    !isPgPool(value)
  );
}

export const pg: PostgresDriver<PgPool, PgClient> = {
  owns: isPgPool,
  executor: pgExecutor,
};

function pgExecutor(pool: PgPool): SqlExecutor<PgClient> {
  const listen = pgListen(pool);
  return {
    ...(listen !== undefined && { listen }),
    ...pgConnection(pool),
    hasOneConnection: (pool as { readonly options?: { readonly max?: number } }).options?.max === 1,
    async transaction(work) {
      const client = await pool.connect();
      // A connection that broke, or on which not even ROLLBACK comes through, is not lent again. Unheard, the first would end the process.
      let broken: Error | undefined;
      const onError = (error: Error) => {
        broken = error;
      };
      client.on("error", onError);
      try {
        await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
        const result = await work({ client, ...pgConnection(client) });
        const ended = (await client.query("COMMIT")) as { readonly command?: string };
        // The server's way of refusing: a statement had failed, and whoever sent it has not passed that on.
        if (ended.command === "ROLLBACK") throw transactionFailed();
        return result;
      } catch (error) {
        await client.query("ROLLBACK").catch(onError);
        throw error;
      } finally {
        client.removeListener("error", onError);
        client.release(broken);
      }
    },
    join: (client) => (isPgClient(client) ? pgConnection(client) : undefined),
  };
}

/** Statements on a client, or on any one of a pool. */
export function pgConnection(client: PgClient): SqlConnection {
  return {
    async execute<TRow extends object>(sql: string, params?: readonly SqlValue[]) {
      const { rows } = await client.query(sql, params);
      return rows as TRow[];
    },
  };
}
