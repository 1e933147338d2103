import { assertApplied, assertNotNewer } from "../sql/migrate.ts";
import { appliedMigrations, sqliteSchema } from "../sql/migrations/sqlite.ts";
import { type SqliteConnection, take } from "./connection.ts";

const { migrations, migrationsTable, noteMigration } = sqliteSchema;

/** Applies what is missing, inside a transaction that is open; DDL is part of it on SQLite. */
export function migrate(connection: SqliteConnection): void {
  connection.exec(migrationsTable);
  const applied = take(connection, appliedMigrations());
  assertNotNewer(applied, migrations);
  for (const migration of migrations) {
    if (applied.some(({ id }) => id === migration.id)) continue;
    for (const statement of migration.sql) connection.exec(statement);
    connection.exec(noteMigration(migration));
  }
}

/**
 * Refuses tables that this build cannot work with.
 *
 * @throws {VentydError} `schema_missing`.
 * @throws {StaleBuildError} `stale_build`.
 */
export function assertMigrated(connection: SqliteConnection): void {
  assertApplied(take(connection, appliedMigrations()), migrations);
}
