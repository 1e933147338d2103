import { mysqlDialect } from "../sql/dialects/mysql.ts";
import type { SqlExecutor } from "../sql/executor.ts";
import type { MysqlTableNames } from "../sql/migrations/mysql.ts";
import { readNames, readOptions, type ServerStoreOptions } from "../sql/options.ts";
import { type SqlEventStore, SqlStore } from "../sql/sql-store.ts";
import { mysqlDurability } from "./durability.ts";
import { executorOf, type MysqlClientOf, type MysqlDatabase } from "./executors/index.ts";

/** Options of {@link createMysqlStore}. */
export interface MysqlStoreOptions extends ServerStoreOptions {
  /** The database of the tables; it must exist. Default: that of the connection. */
  readonly schema?: string | undefined;
  /** Largest body in bytes of its JSON text; default 1 MiB, up to 16 MiB. It must fit into `max_allowed_packet` of the server too. */
  readonly maxBodyBytes?: number | undefined;
}

/** What can only be joined, of the same driver: a single connection. */
type SingleConnection<TClient> = TClient extends { query: unknown; execute: unknown; beginTransaction: unknown }
  ? Pick<TClient, "query" | "execute" | "beginTransaction"> & { readonly getConnection?: never }
  : never;

/** A store on MySQL or MariaDB; `client` in its transactions is a connection of the driver, or a transaction of the ORM, that it was made with. */
export interface MysqlStore<TClient = unknown>
  extends SqlEventStore<TClient, SqlExecutor | SingleConnection<TClient>> {}

/**
 * Keeps events in a database of MariaDB, 10.6 or newer, or MySQL, 8.0 or newer, through the driver that the application has, mysql2, or
 * through its ORM.
 *
 * @param database a pool of `mysql2/promise` or of `mysql2`, told by its structure; or what `fromDrizzle`, `fromKysely`, `fromKnex` or `fromPrisma` made of the
 * application's, or another executor.
 * @throws {UnsupportedError} `unsupported` for anything else.
 * @throws {ValidationError} `invalid_option`.
 *
 * @example
 * const store = createMysqlStore(createPool("mysql://app@localhost/app"));
 * await store.migrate();
 */
export function createMysqlStore<TDatabase extends MysqlDatabase>(
  database: TDatabase,
  options: MysqlStoreOptions = {},
): MysqlStore<MysqlClientOf<TDatabase>> {
  const executor = executorOf(database) as SqlExecutor<MysqlClientOf<TDatabase>>;
  const dialect = mysqlDialect(tableNames(options));
  return new SqlStore(executor, dialect, { ...readOptions(options), durability: mysqlDurability });
}

function tableNames(options: MysqlStoreOptions): MysqlTableNames {
  const { prefix, inSchema } = readNames(options, "`");
  return {
    database: options.schema,
    guard: inSchema("guard_"),
    log: inSchema("log"),
    content: inSchema("content"),
    entities: inSchema("entities"),
    snapshots: inSchema("snapshots"),
    frontier: inSchema("frontier"),
    times: inSchema("times"),
    append: inSchema("append"),
    migrations: inSchema("migrations"),
    migrationsName: `${prefix}migrations`,
  };
}
