import { Buffer } from "node:buffer";
import type { SqlConnection, SqlExecutor, SqlValue } from "../../sql/executor.ts";
import { inlineParams } from "../../sql/inline-params.ts";
import { withinLimits } from "../../sql/mysql-limits.ts";

/** A statement as mysql2 takes it, with what the application may have set for its own. */
interface Statement {
  readonly sql: string;
  readonly values?: unknown[];
  readonly rowsAsArray: false;
  readonly nestTables: false;
  readonly typeCast: true;
}

/** A connection of mysql2/promise, as far as we use it. */
export interface MysqlClient {
  query(statement: Statement): Promise<readonly [unknown, unknown]>;
  execute(statement: Statement): Promise<readonly [unknown, unknown]>;
}

/** A connection of mysql2, with callbacks, as far as we use it. */
export interface MysqlCallbackClient {
  promise(): MysqlClient;
}

/** What a pool has lent. */
export interface Lent {
  release(): void;
  destroy(): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** A pool of mysql2/promise, as far as we use it. */
export interface MysqlPool extends MysqlClient {
  getConnection(): Promise<MysqlClient & Lent>;
}

/** A pool of mysql2, with callbacks, as far as we use it. */
export interface MysqlCallbackPool {
  promise(): MysqlClient;
  getConnection(callback: (error: Error | null, connection: MysqlCallbackClient & Lent) => void): void;
}

const isFunction = (value: unknown) => typeof value === "function";

function isCallbackPool(value: object): value is MysqlCallbackPool {
  const { getConnection, promise } = value as Partial<MysqlCallbackPool>;
  return isFunction(getConnection) && isFunction(promise);
}

function isPool(value: object): value is MysqlPool {
  const { getConnection, query, execute } = value as Partial<MysqlPool>;
  return isFunction(getConnection) && isFunction(query) && isFunction(execute);
}

/** The store's view of a pool of mysql2, of either kind; the connections of its transactions are of the same kind. `undefined` for anything else. */
export function mysql2Executor(pool: object): SqlExecutor<object> | undefined {
  if (isCallbackPool(pool)) {
    return executor<object>(pool.promise(), async () => {
      const lent = await new Promise<MysqlCallbackClient & Lent>((resolve, reject) => {
        pool.getConnection((error, lent) => (error ? reject(error) : resolve(lent)));
      });
      return { lent, client: lent, connection: mysql2Connection(lent.promise()) };
    });
  }
  if (!isPool(pool)) return undefined;
  return executor<object>(pool, async () => {
    const lent = await pool.getConnection();
    return { lent, client: lent, connection: mysql2Connection(lent) };
  });
}

function executor<TClient>(
  anywhere: MysqlClient,
  borrow: () => Promise<{ readonly lent: Lent; readonly client: TClient; readonly connection: SqlConnection }>,
): SqlExecutor<TClient> {
  return {
    ...mysql2Connection(anywhere),
    hasOneConnection:
      (anywhere as { pool?: { config?: { connectionLimit?: number } } }).pool?.config?.connectionLimit === 1,
    async transaction(work) {
      const { lent, client, connection } = await borrow();
      // A connection that broke, or on which not even ROLLBACK comes through, is not lent again. Unheard, the first would end the process.
      let broken: Error | undefined;
      const onError = (error: Error) => {
        broken = error;
      };
      lent.on("error", onError);
      try {
        return await withinLimits(
          connection,
          async () => {
            await connection.execute("START TRANSACTION");
            try {
              const result = await work({ client, ...connection });
              await connection.execute("COMMIT");
              return result;
            } catch (error) {
              await connection.execute("ROLLBACK").catch(onError);
              throw error;
            }
          },
          onError,
        );
      } finally {
        lent.removeListener("error", onError);
        if (broken === undefined) lent.release();
        else lent.destroy();
      }
    },
    join: joined,
  };
}

/** A connection of mysql2, of either kind; none that was made of something else, and no pool. */
function joined(client: unknown): SqlConnection | undefined {
  if (Object(client) !== client || isFunction((client as Partial<MysqlPool>).getConnection)) return undefined;
  const { promise, query, execute } = client as Partial<MysqlClient & MysqlCallbackClient>;
  if (isFunction(promise)) return mysql2Connection((client as MysqlCallbackClient).promise());
  return isFunction(query) && isFunction(execute) ? mysql2Connection(client as MysqlClient) : undefined;
}

/** Characters beyond which parameters travel beside the statement, where hexadecimal would double them. */
const longest = 256 * 1024;

/** Rows are objects and columns are what they are, however the application reads its own. */
const asTheyAre = { rowsAsArray: false, nestTables: false, typeCast: true } as const;

/** Statements on a connection, or on any one of a pool. */
export function mysql2Connection(client: MysqlClient): SqlConnection {
  return {
    async execute<TRow extends object>(sql: string, params: readonly SqlValue[] = []) {
      const size = params.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 0), 0);
      const [rows] =
        size > longest
          ? await client.execute({ ...asTheyAre, sql, values: params.map(bytesOf) })
          : await client.query({ ...asTheyAre, sql: inlineParams(sql, params) });
      // A procedure, or a block of statements, is answered with a list of what they came to.
      const answer = Array.isArray(rows) && Array.isArray(rows[0]) ? rows[0] : rows;
      return Array.isArray(answer) ? (answer as TRow[]) : [];
    },
  };
}

/** Bytes, so that it is not the character set of the connection that says what they mean. */
function bytesOf(value: SqlValue): unknown {
  return typeof value === "string" ? Buffer.from(value) : value;
}
