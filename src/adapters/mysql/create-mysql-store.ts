import { type AttributionPolicy, checkPolicy } from "../../attribution/policy.ts";
import { ValidationError } from "../../errors/index.ts";
import { checkWhole } from "../../storage/index.ts";
import { mysqlDialect } from "../sql/dialects/mysql.ts";
import type { SqlExecutor } from "../sql/executor.ts";
import type { MysqlTableNames } from "../sql/migrations/mysql.ts";
import { type SqlEventStore, SqlStore } from "../sql/sql-store.ts";
import { mysqlDurability } from "./durability.ts";
import { executorOf, type MysqlClientOf, type MysqlDatabase } from "./executors/index.ts";

/** Options of {@link createMysqlStore}. */
export interface MysqlStoreOptions {
  /** The database of the tables; it must exist. Default: that of the connection. */
  readonly schema?: string | undefined;
  /** What the names of tables begin with; default `"ventyd_"`. */
  readonly tablePrefix?: string | undefined;
  /** Largest body in bytes of its JSON text; default 1 MiB, up to 16 MiB. It must fit into `max_allowed_packet` of the server too. */
  readonly maxBodyBytes?: number | undefined;
  /** The clock behind `recordedAt`; default that of the database. For tests. */
  readonly now?: (() => Date) | undefined;
  /** What every commit must say about itself, whoever commits; default `"optional"`. A repository may ask for more. */
  readonly attribution?: AttributionPolicy | undefined;
}

/** A store on MySQL or MariaDB; `client` in its transactions is a connection of the driver that it was made with. */
export interface MysqlStore<TClient = unknown> extends SqlEventStore<TClient> {}

const mebibyte = 1024 * 1024;

/**
 * Keeps events in a database of MariaDB, 10.6 or newer, or MySQL, 8.0 or newer, through the driver that the application has: mysql2.
 *
 * @param database a pool of `mysql2/promise` or of `mysql2`, told by its structure.
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
  const { maxBodyBytes = mebibyte, attribution = "optional", now } = options;
  checkPolicy(attribution);
  checkWhole("maxBodyBytes", maxBodyBytes, 1, 16 * mebibyte);
  const dialect = mysqlDialect(tableNames(options));
  return new SqlStore(executor, dialect, { maxBodyBytes, attribution, now, durability: mysqlDurability });
}

function tableNames({ schema, tablePrefix = "ventyd_" }: MysqlStoreOptions): MysqlTableNames {
  for (const [option, name] of Object.entries({ schema, tablePrefix })) {
    if (name === undefined || /^[a-z_][a-z0-9_]{0,39}$/.test(name)) continue;
    throw new ValidationError(
      "invalid_option",
      `Invalid option: ${option} is ${JSON.stringify(name)}. Give at most 40 lower-case letters, digits and underscores, a letter first.`,
    );
  }
  const inSchema = (name: string) => (schema === undefined ? "" : `\`${schema}\`.`) + tablePrefix + name;
  return {
    database: schema,
    guard: inSchema("guard_"),
    log: inSchema("log"),
    content: inSchema("content"),
    entities: inSchema("entities"),
    snapshots: inSchema("snapshots"),
    frontier: inSchema("frontier"),
    append: inSchema("append"),
    migrations: inSchema("migrations"),
    migrationsName: `${tablePrefix}migrations`,
  };
}
