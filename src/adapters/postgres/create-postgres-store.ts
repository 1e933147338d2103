import { type AttributionPolicy, checkPolicy } from "../../attribution/policy.ts";
import { ValidationError } from "../../errors/index.ts";
import { checkWhole } from "../../storage/index.ts";
import { postgresDialect } from "../sql/dialects/postgres.ts";
import type { SqlExecutor } from "../sql/executor.ts";
import type { TableNames } from "../sql/migrations/postgres.ts";
import { type SqlEventStore, SqlStore } from "../sql/sql-store.ts";
import { postgresDurability } from "./durability.ts";
import { executorOf, type PostgresClientOf, type PostgresDatabase } from "./executors/index.ts";

/** Options of {@link createPostgresStore}. */
export interface PostgresStoreOptions {
  /** The schema of the tables; it must exist. Default: the first of the connection's `search_path`. */
  readonly schema?: string | undefined;
  /** What the names of tables begin with; default `"ventyd_"`. */
  readonly tablePrefix?: string | undefined;
  /** Largest body in bytes of its JSON text; default 1 MiB, up to 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** The clock behind `recordedAt`; default that of the database. For tests. */
  readonly now?: (() => Date) | undefined;
  /** What every commit must say about itself, whoever commits; default `"optional"`. A repository may ask for more. */
  readonly attribution?: AttributionPolicy | undefined;
}

/** A store on PostgreSQL; `client` in its transactions is what the driver runs statements of a transaction on. */
export interface PostgresStore<TClient = unknown> extends SqlEventStore<TClient> {}

const mebibyte = 1024 * 1024;

/**
 * Keeps events in a PostgreSQL database, 13 or newer, through the driver that the application has: pg, postgres.js or PGlite.
 *
 * @param database a `Pool` of pg, the `sql` of postgres.js, or a `PGlite`, told by its structure.
 * @throws {UnsupportedError} `unsupported` for anything else.
 * @throws {ValidationError} `invalid_option`.
 *
 * @example
 * const store = createPostgresStore(new pg.Pool({ host: "localhost", database: "app" }));
 * await store.migrate();
 */
export function createPostgresStore<TDatabase extends PostgresDatabase>(
  database: TDatabase,
  options: PostgresStoreOptions = {},
): PostgresStore<PostgresClientOf<TDatabase>> {
  const executor = executorOf(database) as SqlExecutor<PostgresClientOf<TDatabase>>;
  const { maxBodyBytes = mebibyte, attribution = "optional", now } = options;
  checkPolicy(attribution);
  checkWhole("maxBodyBytes", maxBodyBytes, 1, 16 * mebibyte);
  const dialect = postgresDialect(tableNames(options));
  return new SqlStore(executor, dialect, { maxBodyBytes, attribution, now, durability: postgresDurability });
}

function tableNames({ schema, tablePrefix = "ventyd_" }: PostgresStoreOptions): TableNames {
  for (const [option, name] of Object.entries({ schema, tablePrefix })) {
    if (name === undefined || /^[a-z_][a-z0-9_]{0,39}$/.test(name)) continue;
    throw new ValidationError(
      "invalid_option",
      `Invalid option: ${option} is ${JSON.stringify(name)}. Give at most 40 lower-case letters, digits and underscores, a letter first.`,
    );
  }
  const inSchema = (name: string) => (schema === undefined ? "" : `"${schema}".`) + tablePrefix + name;
  return {
    prefix: tablePrefix,
    log: inSchema("log"),
    content: inSchema("content"),
    entities: inSchema("entities"),
    snapshots: inSchema("snapshots"),
    frontier: inSchema("frontier"),
    positions: inSchema("positions"),
    migrations: inSchema("migrations"),
    guard: inSchema("guard"),
    ahead: inSchema("ahead"),
    append: inSchema("append"),
  };
}
