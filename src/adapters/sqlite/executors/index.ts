import { UnsupportedError } from "../../../errors/index.ts";
import { type BetterSqlite3Database, betterSqlite3 } from "./better-sqlite3.ts";
import { type BunSqliteDatabase, bunSqlite } from "./bun-sqlite.ts";
import type { SqliteExecutor } from "./executor.ts";
import { type LibsqlDatabase, libsql } from "./libsql.ts";
import { type NodeSqliteDatabase, nodeSqlite } from "./node-sqlite.ts";

export type { SqliteHandle, SqliteStatement } from "./executor.ts";
export type { BetterSqlite3Database, BunSqliteDatabase, LibsqlDatabase, NodeSqliteDatabase, SqliteExecutor };

/** An open database of one of the drivers that the store knows. */
export type SqliteDatabase = BetterSqlite3Database | LibsqlDatabase | NodeSqliteDatabase | BunSqliteDatabase;

const executors = [libsql, betterSqlite3, nodeSqlite, bunSqlite] as readonly SqliteExecutor[];

/**
 * The executor for a database that the application has opened.
 *
 * @throws {UnsupportedError} `sqlite-driver`.
 */
export function executorOf(database: unknown): SqliteExecutor {
  const executor = Object(database) === database ? executors.find((one) => one.owns(database)) : undefined;
  if (executor?.isOpen(database as never) === true) return executor;
  throw new UnsupportedError(
    "sqlite-driver",
    "Unsupported: this is no open database of better-sqlite3, libsql, node:sqlite (Node 22.16 and newer) or bun:sqlite. " +
      "Pass what `new Database(file)` or `new DatabaseSync(file)` gave you, before it is closed.",
  );
}
