import { ValidationError } from "../../errors/index.ts";
import { mainFile } from "../sql/dialects/sqlite-durability.ts";
import { isReadonlyError } from "../sql/dialects/sqlite-errors.ts";
import type { SqliteValue } from "../sql/dialects/sqlite-steps.ts";
import { readPragma, type SqliteConnection, take } from "./connection.ts";
import { executorOf, type SqliteExecutor, type SqliteHandle, type SqliteStatement } from "./executors/index.ts";

/** A connection, and the handle under which the application knows it. */
export interface OpenDatabase<TClient> {
  readonly connection: SqliteConnection;
  readonly client: TClient;
}

/** A connection for one transaction. */
export interface BorrowedDatabase<TClient> extends OpenDatabase<TClient> {
  /** From here on the handle reaches nothing any more. No transaction may be open. */
  giveBack(): void;
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
  /** A connection for one transaction: another one, where there can be more than one. */
  borrow(): BorrowedDatabase<TClient>;
  /** The connection behind a handle of the application's; `undefined` where that is on another database. */
  join(client: TClient): SqliteConnection | undefined;
  /**
   * Puts the file into WAL mode and lets every connection wait for the disk.
   *
   * @param timeout milliseconds that it may block the process while others are in the way.
   * @throws {ValidationError} `invalid_option` for a handle that only reads, on a file in another mode.
   */
  recommend(timeout: number): void;
  /** Closes what is kept open for later. */
  close(): void;
}

/**
 * @param timeout milliseconds that it may block the process while others hold the database.
 * @throws {UnsupportedError} `unsupported`.
 * @throws {ValidationError} `invalid_option` where a transaction is open on the handle.
 */
export function accessDatabase<TClient extends SqliteHandle>(
  database: TClient,
  timeout: number,
): SqliteDatabaseAccess<TClient> {
  const executor = executorOf(database) as SqliteExecutor<TClient>;
  const connections = new WeakMap<TClient, SqliteConnection>();
  const connectionOf = (client: TClient) => {
    const connection = connect(executor, client);
    connections.set(client, connection);
    return connection;
  };
  const own = { connection: connectionOf(database), client: database };
  if (own.connection.inTransaction) {
    throw new ValidationError(
      "invalid_option",
      "Invalid option: a transaction is open on the database. Make the store before you begin one.",
    );
  }
  // By what SQLite knows, not by the name that the application gave: the process may change its directory.
  const file = take(own.connection, mainFile());
  // What the application has set on its own connection holds for ours, for they do the application's writing. How long a commit waits for the disk is
  // settled once: in WAL mode some builds lower it by themselves, with the first statement on a handle.
  const { synchronous, isReadonly } = withPatience(own.connection, timeout, () => ({
    synchronous: readPragma(own.connection, "synchronous"),
    isReadonly: refusesWrites(own.connection),
  }));
  let foreignKeys = readPragma(own.connection, "foreign_keys");
  let isRecommended = false;
  let idle: OpenDatabase<TClient> | undefined;

  const open = (timeout = 0): OpenDatabase<TClient> => {
    if (executor.isOpen(database)) foreignKeys = readPragma(own.connection, "foreign_keys");
    const client = executor.open(database, file, { readonly: isReadonly });
    const connection = connectionOf(client);
    try {
      connection.exec(`PRAGMA busy_timeout = ${timeout}`);
      connection.exec(
        `PRAGMA synchronous = ${isRecommended ? "FULL" : synchronous}; PRAGMA foreign_keys = ${foreignKeys}`,
      );
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
    borrow() {
      if (file === "") return { ...own, giveBack: () => {} };
      if (executor.lend === undefined) {
        const opened = open();
        return { ...opened, giveBack: () => opened.connection.close() };
      }
      const kept = idle !== undefined && executor.isOpen(idle.client) ? idle : open();
      idle = undefined;
      const { lent, takeBack } = executor.lend(kept.client);
      connections.set(lent, kept.connection);
      const giveBack = () => {
        takeBack();
        idle = kept;
      };
      return { connection: kept.connection, client: lent, giveBack };
    },
    join(client) {
      if (!executor.owns(client)) return undefined;
      const known = connections.get(client);
      if (known !== undefined) return known;
      if (file === "" || !executor.isOpen(client)) return undefined;
      const connection = connect(executor, client);
      if (take(connection, mainFile()) !== file) return undefined;
      connections.set(client, connection);
      return connection;
    },
    recommend(timeout) {
      if (file === "") return;
      if (isReadonly) return assertWal(own.connection);
      // The journal's mode belongs to the file, so the handle's own patience need not be touched for it.
      const { connection } = open(timeout);
      try {
        connection.exec(`PRAGMA busy_timeout = ${timeout}; PRAGMA journal_mode = WAL`);
      } finally {
        connection.close();
      }
      isRecommended = true;
      own.connection.exec("PRAGMA synchronous = FULL");
      // What the handle has read of the file before says otherwise until it reads again.
      own.connection.all("SELECT 1 FROM sqlite_master");
    },
    close: () => idle?.connection.close(),
  };
}

/** Runs work on the application's handle with another patience than its own. */
function withPatience<T>(connection: SqliteConnection, timeout: number, work: () => T): T {
  const before = readPragma(connection, "busy_timeout");
  connection.all(`PRAGMA busy_timeout = ${timeout}`);
  try {
    return work();
  } finally {
    connection.all(`PRAGMA busy_timeout = ${before}`);
  }
}

/** Whether a handle only reads. Not all drivers say so; one that begins to write is told. What it writes is what is there, and is taken back. */
function refusesWrites(connection: SqliteConnection): boolean {
  const version = readPragma(connection, "user_version");
  return withPatience(connection, 0, () => {
    try {
      connection.exec(`BEGIN; PRAGMA user_version = ${version}`);
      return false;
    } catch (error) {
      // Anything else, such as somebody else writing just now, comes after that.
      return isReadonlyError(error);
    } finally {
      if (connection.inTransaction) connection.exec("ROLLBACK");
    }
  });
}

function assertWal(connection: SqliteConnection): void {
  const mode = readPragma(connection, "journal_mode");
  if (mode === "wal") return;
  throw new ValidationError(
    "invalid_option",
    `Invalid option: pragmas asks for WAL mode, the file is in ${mode} mode, and the database was opened to read only. Open it to write, or leave the option out.`,
  );
}

function connect<TClient extends SqliteHandle>(executor: SqliteExecutor<TClient>, client: TClient): SqliteConnection {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (sql: string) => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = executor.prepare(client, sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    get inTransaction() {
      return executor.inTransaction(client);
    },
    all: <TRow>(sql: string, ...params: readonly SqliteValue[]) => prepare(sql).all(...params) as TRow[],
    run: (sql, ...params) => Number(prepare(sql).run(...params).lastInsertRowid),
    exec: (sql) => void client.exec(sql),
    close() {
      if (!executor.isOpen(client)) return;
      statements.clear();
      client.close();
    },
  };
}
