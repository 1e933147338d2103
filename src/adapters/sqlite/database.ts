import { readPragma, type SqliteConnection } from "./connection.ts";
import { isReadonlyError } from "./driver-errors.ts";
import { driverOf, type SqliteDriver, type SqliteHandle, type SqliteStatement } from "./drivers/index.ts";

/** A connection, and the handle under which the application knows it. */
export interface OpenDatabase<TClient> {
  readonly connection: SqliteConnection;
  readonly client: TClient;
}

/** The database behind the handle that the application gave, as the store uses it; the same for every driver. */
export interface SqliteDatabaseAccess<TClient> {
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
  /**
   * Puts the file into WAL mode and lets every connection wait for the disk.
   *
   * @param timeout milliseconds that it may block the process while others are in the way.
   */
  recommend(timeout: number): void;
  /** The connection behind a handle of the application's; `undefined` where that is on another database. */
  join(client: TClient): SqliteConnection | undefined;
}

/** @throws {UnsupportedError} `sqlite-driver`. */
export function accessDatabase<TClient extends SqliteHandle>(database: TClient): SqliteDatabaseAccess<TClient> {
  const driver = driverOf(database) as SqliteDriver<TClient>;
  const connections = new WeakMap<TClient, SqliteConnection>();
  const connectionOf = (client: TClient) => {
    const connection = connect(driver, client);
    connections.set(client, connection);
    return connection;
  };
  const own = { connection: connectionOf(database), client: database };
  // By what SQLite knows, not by the name that the application gave: the process may change its directory.
  const file = fileOf(own.connection);
  const isReadonly = driver.isReadonly(database) ?? refusesWrites(own.connection);
  const open = (timeout = 0) => {
    const client = driver.open(database, file, { readonly: isReadonly });
    const connection = connectionOf(client);
    try {
      connection.exec(`PRAGMA busy_timeout = ${timeout}`);
      // What the application has set on its own connection holds for this one, for it does the application's writing.
      for (const pragma of ["synchronous", "foreign_keys"])
        connection.exec(`PRAGMA ${pragma} = ${readPragma(own.connection, pragma)}`);
      connection.exec("PRAGMA busy_timeout = 0");
      // What splits a page leaves a copy of its rows behind: an erasure could not find it.
      connection.exec("PRAGMA secure_delete = ON");
    } catch (error) {
      connection.close();
      throw error;
    }
    return { connection, client };
  };
  return {
    isPrivate: file === "",
    own,
    open,
    recommend(timeout) {
      if (file === "") return;
      // The journal's mode belongs to the file, so the handle's own patience need not be touched for it.
      const { connection } = open(timeout);
      try {
        connection.exec(`PRAGMA busy_timeout = ${timeout}; PRAGMA journal_mode = WAL`);
      } finally {
        connection.close();
      }
      own.connection.exec("PRAGMA synchronous = FULL");
      // What the handle has read of the file before says otherwise until it reads again.
      own.connection.all("SELECT 1 FROM sqlite_master");
    },
    join(client) {
      const known = connections.get(client);
      if (known !== undefined) return known;
      if (file === "" || !driver.owns(client) || !driver.isOpen(client)) return undefined;
      const connection = connect(driver, client);
      if (fileOf(connection) !== file) return undefined;
      connections.set(client, connection);
      return connection;
    },
  };
}

/** The file as SQLite knows it: absolute, links resolved; empty where the database is in memory. */
function fileOf(connection: SqliteConnection): string {
  const databases = connection.all<{ name: string; file: string | null }>("PRAGMA database_list");
  return databases.find(({ name }) => name === "main")?.file ?? "";
}

/** Whether a handle was opened to read only, for drivers that do not say: one that begins to write is told. Nothing is written. */
function refusesWrites(connection: SqliteConnection): boolean {
  // In a transaction of the application's there is nothing to try without becoming part of it.
  if (connection.inTransaction) return false;
  const patience = readPragma(connection, "busy_timeout");
  connection.exec("PRAGMA busy_timeout = 0; BEGIN");
  try {
    connection.exec("CREATE TABLE ventyd_writes (x)");
    return false;
  } catch (error) {
    // Anything else, such as somebody else writing just now, says nothing against us.
    return isReadonlyError(error);
  } finally {
    connection.exec(`ROLLBACK; PRAGMA busy_timeout = ${patience}`);
  }
}

function connect<TClient extends SqliteHandle>(driver: SqliteDriver<TClient>, client: TClient): SqliteConnection {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (sql: string) => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = driver.prepare(client, sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    get inTransaction() {
      return driver.inTransaction(client);
    },
    all: <TRow>(sql: string, ...params: (string | number | null)[]) => prepare(sql).all(...params) as TRow[],
    run: (sql, ...params) => Number(prepare(sql).run(...params).lastInsertRowid),
    exec: (sql) => void client.exec(sql),
    close() {
      // libsql keeps the file open for as long as a statement on it is held.
      statements.clear();
      client.close();
    },
  };
}
