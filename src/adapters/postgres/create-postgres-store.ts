import { postgresDialect } from "../sql/dialects/postgres.ts";
import type { SqlExecutor } from "../sql/executor.ts";
import type { TableNames } from "../sql/migrations/postgres.ts";
import { readNames, readOptions, type ServerStoreOptions } from "../sql/options.ts";
import { type SqlEventStore, SqlStore } from "../sql/sql-store.ts";
import { postgresDurability } from "./durability.ts";
import { executorOf, type PostgresClientOf, type PostgresDatabase } from "./executors/index.ts";

/** Options of {@link createPostgresStore}. */
export interface PostgresStoreOptions extends ServerStoreOptions {
  /** The schema of the tables; it must exist. Default: the first of the connection's `search_path`. */
  readonly schema?: string | undefined;
}

/** What can only be joined, of the same driver: a single client of pg, a reserved connection of postgres.js. */
type SingleConnection<TClient> = TClient extends { query: unknown; escapeIdentifier: unknown }
  ? Pick<TClient, "query" | "escapeIdentifier">
  : TClient extends { unsafe: unknown; savepoint: unknown }
    ? Pick<TClient, "unsafe"> & { release(): void }
    : never;

/** A store on PostgreSQL; `client` in its transactions is what the driver or the ORM runs statements of a transaction on. */
export interface PostgresStore<TClient = unknown>
  extends SqlEventStore<TClient, SqlExecutor | SingleConnection<TClient>> {}

/**
 * Keeps events in a PostgreSQL database, 13 or newer, through the driver that the application has: pg, postgres.js or PGlite; or through its ORM.
 *
 * @param database a `Pool` of pg, the `sql` of postgres.js, or a `PGlite`, told by its structure; or what `fromDrizzle`, `fromKysely`, `fromKnex` or
 * `fromPrisma` made of the application's, or another executor.
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
  const dialect = postgresDialect(tableNames(options));
  return new SqlStore(executor, dialect, { ...readOptions(options), durability: postgresDurability });
}

function tableNames(options: PostgresStoreOptions): TableNames {
  const { prefix, inSchema } = readNames(options, '"');
  return {
    prefix,
    log: inSchema("log"),
    content: inSchema("content"),
    entities: inSchema("entities"),
    snapshots: inSchema("snapshots"),
    frontier: inSchema("frontier"),
    times: inSchema("times"),
    positions: inSchema("positions"),
    migrations: inSchema("migrations"),
    guard: inSchema("guard"),
    ahead: inSchema("ahead"),
    append: inSchema("append"),
  };
}
