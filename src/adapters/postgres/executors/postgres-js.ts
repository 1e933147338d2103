import type { SqlConnection, SqlExecutor, SqlValue } from "../../sql/executor.ts";
import type { Care } from "../../sql/orms/wire.ts";
import { arrayLiteral, parseArrayLiteral } from "./array-literal.ts";
import type { PostgresDriver } from "./driver.ts";
import { outputNames } from "./output-names.ts";

/** What postgres.js gives for rows as the server sent them. */
interface RawRows extends Iterable<readonly (Uint8Array | null)[]> {
  readonly columns?: readonly { readonly name: string; readonly type: number }[] | undefined;
}

/** Whatever postgres.js runs statements on, as far as we use it. */
interface PostgresJsHandle {
  unsafe(
    sql: string,
    params?: (string | number | boolean | null)[],
    options?: { prepare?: boolean },
  ): { raw(): PromiseLike<unknown> };
}

/** A transaction of postgres.js, as far as we use it. */
export interface PostgresJsTransaction extends PostgresJsHandle {
  savepoint<T>(work: (sql: PostgresJsTransaction) => Promise<T>): Promise<unknown>;
}

/** The `sql` of postgres.js, as far as we use it. */
export interface PostgresJsSql extends PostgresJsHandle {
  begin<T>(options: string, work: (sql: PostgresJsTransaction) => Promise<T>): Promise<unknown>;
  listen(channel: string, onNotify: (payload: string) => void): PromiseLike<{ unlisten(): Promise<unknown> }>;
  readonly options: {
    readonly max: number;
    readonly transform: { readonly column: { readonly from?: ((column: string) => string) | undefined } };
  };
}

const isFunction = (value: unknown) => typeof value === "function";

function isSql(value: unknown): value is PostgresJsSql {
  if (!isFunction(value)) return false;
  const { unsafe, begin, options } = value as unknown as Partial<PostgresJsSql>;
  return isFunction(unsafe) && isFunction(begin) && typeof options?.max === "number";
}

/** Inside `sql.begin`, or reserved; `sql` itself is any connection. */
function isOneConnection(value: unknown): value is PostgresJsHandle & Partial<PostgresJsTransaction> {
  if (!isFunction(value) || isSql(value)) return false;
  const { unsafe, savepoint, release } = value as unknown as Partial<PostgresJsTransaction & { release: unknown }>;
  return isFunction(unsafe) && (isFunction(savepoint) || isFunction(release));
}

export const postgresJs: PostgresDriver<PostgresJsSql, PostgresJsTransaction> = {
  owns: isSql,
  executor: postgresJsExecutor,
};

type ColumnName = ((column: string) => string) | undefined;

function postgresJsExecutor(sql: PostgresJsSql): SqlExecutor<PostgresJsTransaction> {
  const from = sql.options.transform.column.from;
  return {
    execute: (text, params) => execute(sql, from, text, params),
    hasOneConnection: sql.options.max === 1,
    // On a connection that postgres.js opens beside its pool, and opens again when it is lost.
    listen: async (channel, onNotify) => {
      const { unlisten } = await sql.listen(channel, onNotify);
      return () => unlisten().then(() => {});
    },
    transaction: (work) =>
      watchingConnection(
        (run) => sql.begin("isolation level read committed", (client) => run({ client, ...connection(client, from) })),
        work,
      ),
    join: (client) => (isOneConnection(client) ? watched(connection(client, from), new Life()) : undefined),
  };
}

/** Whether the connection of a transaction is still there. */
class Life {
  /** The error by which it went. */
  error: unknown;
  #tell: (error: unknown) => void = () => {};
  readonly #gone = new Promise<never>((_, reject) => {
    this.#tell = reject;
  });

  constructor() {
    this.#gone.catch(() => {});
  }

  /** Looks at what was thrown. */
  notice(error: unknown): void {
    if (this.error !== undefined || !isLost(error)) return;
    this.error = error;
    this.#tell(error);
  }

  /** Waits for a statement as long as there can be an answer: postgres.js forgets those that wait for their turn. */
  async await<T>(statement: Promise<T>): Promise<T> {
    try {
      return await Promise.race([statement, this.#gone]);
    } catch (error) {
      this.notice(error);
      throw error;
    }
  }

  assertThere(): void {
    if (this.error !== undefined) throw this.error;
  }
}

/**
 * Runs work in a transaction or savepoint of postgres.js. When its connection is lost, nothing more may be sent to it, which would end the process (postgres.js
 * 3.4.9 writes to a socket that is none): neither by us nor by postgres.js, which rolls back when the work settles. So the work never settles then.
 */
function scope<TClient, T>(
  life: Life,
  open: (run: (client: TClient) => Promise<T>) => Promise<unknown>,
  work: (client: TClient) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const run = (client: TClient) =>
      new Promise<T>((done, failed) => {
        work(client).then(
          (value) => {
            if (life.error === undefined) done(value);
            else reject(life.error);
          },
          (error) => {
            if (life.error === undefined) failed(error);
            else reject(error);
          },
        );
      });
    open(run).then(
      (value) => resolve(value as T),
      (error) => {
        life.notice(error);
        reject(error);
      },
    );
  });
}

/** Runs a transaction, whoever begins it on postgres.js, so that a lost connection is told of and ends nothing else. */
export const watchingConnection: Care = (begin, work) => {
  const life = new Life();
  return scope(life, begin, ({ client, ...plain }) => work({ client, ...watched(plain, life) }));
};

function watched(plain: SqlConnection, life: Life): SqlConnection {
  const { savepoint } = plain;
  return {
    async execute(text, params) {
      life.assertThere();
      return life.await(plain.execute(text, params));
    },
    ...(savepoint !== undefined && {
      async savepoint<T>(work: (step: SqlConnection) => Promise<T>): Promise<T> {
        life.assertThere();
        return scope<SqlConnection, T>(life, savepoint, (step) => work(watched(step, life)));
      },
    }),
  };
}

function connection(client: PostgresJsHandle & Partial<PostgresJsTransaction>, from: ColumnName): SqlConnection {
  const { savepoint } = client;
  return {
    execute: (text, params) => execute(client, from, text, params),
    ...(savepoint !== undefined && {
      savepoint: <T>(work: (step: SqlConnection) => Promise<T>) =>
        savepoint((step) => work(connection(step, from))) as Promise<T>,
    }),
  };
}

/** What sockets and postgres.js say of a connection that is gone. */
function isLost(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" && /^(CONNECT_TIMEOUT$|CONNECTION_|ECONN|EPIPE$|ETIMEDOUT$)/.test(code);
}

const decoder = new TextDecoder();

/**
 * Runs a statement past what the application may have set: its own types, and its transformations of values and names. Lists travel as text, since
 * postgres.js looks at the first element only to tell what they are.
 */
async function execute<TRow extends object>(
  handle: PostgresJsHandle,
  from: ColumnName,
  sql: string,
  params: readonly SqlValue[] = [],
): Promise<readonly TRow[]> {
  const sent = params.map((value) => (isList(value) ? arrayLiteral(value) : value));
  // Prepared, as far as the application's settings let statements be: unprepared ones take two round trips.
  const rows = (await handle.unsafe(sql, sent, { prepare: true }).raw()) as RawRows;
  const columns = rows.columns ?? [];
  const shown = columns.map(({ name }) => name);
  const names = from === undefined ? shown : outputNames(sql, from, shown);
  const read: TRow[] = [];
  for (const values of rows) {
    const row: Record<string, unknown> = {};
    for (let index = 0; index < columns.length; index++)
      row[names[index] as string] = parse(values[index] as Uint8Array | null, columns[index]?.type);
    read.push(row as TRow);
  }
  return read;
}

function isList(value: SqlValue): value is Extract<SqlValue, readonly unknown[]> {
  return Array.isArray(value);
}

function parse(value: Uint8Array | null, type: number | undefined): unknown {
  if (value === null) return null;
  const text = decoder.decode(value);
  switch (type) {
    case 16: // boolean
      return text === "t";
    case 21: // smallint, integer
    case 23:
      return Number(text);
    case 1009: // text[], bigint[]
    case 1016:
      return parseArrayLiteral(text);
    default:
      return text;
  }
}
