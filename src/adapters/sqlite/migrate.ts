import { StaleBuildError, VentydError } from "../../errors/index.ts";
import type { Migration } from "../sql/migration.ts";
import type { SqliteConnection } from "./connection.ts";

/** The migrations that a database has, oldest first. */
export function appliedMigrations(connection: SqliteConnection): { id: number; name: string; breaking: number }[] {
  const exists =
    connection.all("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ventyd_migrations'").length > 0;
  return exists ? connection.all("SELECT id, name, breaking FROM ventyd_migrations ORDER BY id") : [];
}

/** Applies what is missing, inside a transaction that is open; DDL is part of it on SQLite. */
export function migrate(connection: SqliteConnection, migrations: readonly Migration[]): void {
  connection.exec(
    "CREATE TABLE IF NOT EXISTS ventyd_migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, breaking INTEGER NOT NULL, applied_at TEXT NOT NULL) STRICT",
  );
  const applied = appliedMigrations(connection);
  assertNotNewer(applied, migrations);
  for (const { id, name, breaking, sql } of migrations) {
    if (applied.some((migration) => migration.id === id)) continue;
    for (const statement of sql) connection.exec(statement);
    connection.run(
      "INSERT INTO ventyd_migrations (id, name, breaking, applied_at) VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
      id,
      name,
      breaking ? 1 : 0,
    );
  }
}

/**
 * Refuses tables that this build cannot work with: too old, or changed by a newer build in a way that breaks this one.
 *
 * @throws {VentydError} `schema_missing`.
 * @throws {StaleBuildError} `stale_build`.
 */
export function assertMigrated(connection: SqliteConnection, migrations: readonly Migration[]): void {
  const applied = appliedMigrations(connection);
  assertNotNewer(applied, migrations);
  const missing = migrations.find(({ id }) => !applied.some((migration) => migration.id === id));
  if (missing === undefined) return;
  throw new VentydError(
    "schema_missing",
    `Schema is missing: migration ${missing.id} ("${missing.name}") has not been applied to this database. Call \`await store.migrate()\` once at start or deployment.`,
  );
}

function assertNotNewer(
  applied: readonly { id: number; name: string; breaking: number }[],
  migrations: readonly Migration[],
): void {
  const unknown = applied.find(
    ({ id, breaking }) => breaking === 1 && !migrations.some((migration) => migration.id === id),
  );
  if (unknown === undefined) return;
  throw new StaleBuildError(
    `Stale build: a newer version of ventyd has applied migration ${unknown.id} ("${unknown.name}"), which this version does not know. Deploy the newer version.`,
  );
}
