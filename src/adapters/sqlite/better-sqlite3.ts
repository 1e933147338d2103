import type { SqliteConnection, SqliteDriver, SqliteValue } from "./connection.ts";

/** A prepared statement of better-sqlite3, as far as we use it. */
interface Statement {
  all(...params: unknown[]): unknown[];
  run(...params: unknown[]): { lastInsertRowid: number | bigint };
  safeIntegers(on: boolean): unknown;
}

/** An open database of better-sqlite3, as far as we use it. */
export interface BetterSqlite3Database {
  readonly name: string;
  readonly memory: boolean;
  readonly readonly: boolean;
  readonly open: boolean;
  readonly inTransaction: boolean;
  prepare(sql: string): Statement;
  exec(sql: string): unknown;
  pragma(source: string, options?: { simple?: boolean }): unknown;
  close(): unknown;
}

/** True for an open better-sqlite3 database, told by its structure. */
export function isBetterSqlite3(value: unknown): value is BetterSqlite3Database {
  const database = value as Partial<BetterSqlite3Database> | null | undefined;
  return (
    typeof database === "object" &&
    typeof database?.prepare === "function" &&
    typeof database.pragma === "function" &&
    typeof database.inTransaction === "boolean" &&
    typeof database.name === "string"
  );
}

/** The store's view of a better-sqlite3 database. */
export function betterSqlite3Driver<TDatabase extends BetterSqlite3Database>(
  database: TDatabase,
): SqliteDriver<TDatabase> {
  const connections = new WeakMap<TDatabase, SqliteConnection>();
  const connectionOf = (client: TDatabase) => {
    const connection = connect(client);
    connections.set(client, connection);
    return connection;
  };
  return {
    isPrivate: database.memory,
    own: { connection: connectionOf(database), client: database },
    join(client) {
      const known = connections.get(client);
      if (known !== undefined) return known;
      return !database.memory && fileOf(client) === fileOf(database) ? connectionOf(client) : undefined;
    },
    open(timeout = 0) {
      const Database = database.constructor as new (name: string, options: object) => TDatabase;
      // Not by the name that the application gave: the process may have changed its directory since.
      const file = fileOf(database) ?? database.name;
      const client = new Database(file, { timeout, readonly: database.readonly, fileMustExist: true });
      try {
        // What the application has set on its own connection holds for this one, for it does the application's writing.
        for (const pragma of ["synchronous", "foreign_keys"]) {
          client.pragma(`${pragma} = ${database.pragma(pragma, { simple: true })}`);
        }
        client.pragma("busy_timeout = 0");
        // What splits a page leaves a copy of its rows behind: an erasure could not find it.
        client.pragma("secure_delete = ON");
      } catch (error) {
        client.close();
        throw error;
      }
      return { connection: connectionOf(client), client };
    },
  };
}

/** The file behind a handle as SQLite knows it: absolute, links resolved; empty in memory. */
function fileOf(client: unknown): string | undefined {
  if (!isBetterSqlite3(client) || !client.open) return undefined;
  const databases = client.pragma("database_list") as readonly { name: string; file: string }[];
  return databases.find(({ name }) => name === "main")?.file;
}

function connect(database: BetterSqlite3Database): SqliteConnection {
  const statements = new Map<string, Statement>();
  const prepare = (sql: string) => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      // The application may have asked its handle for bigints; positions and versions are numbers.
      statement.safeIntegers(false);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    get inTransaction() {
      return database.inTransaction;
    },
    all: <TRow>(sql: string, ...params: SqliteValue[]) => prepare(sql).all(...params) as TRow[],
    run: (sql, ...params) => Number(prepare(sql).run(...params).lastInsertRowid),
    exec: (sql) => void database.exec(sql),
    close: () => void database.close(),
  };
}
