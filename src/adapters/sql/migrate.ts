import { StaleBuildError, VentydError } from "../../errors/index.ts";
import type { SqlDialect } from "./dialect.ts";
import type { SqlConnection, SqlExecutor } from "./executor.ts";
import type { Migration } from "./migration.ts";

/** Applies what is missing, each process in its turn. */
export async function migrate(executor: SqlExecutor<unknown>, dialect: SqlDialect): Promise<void> {
  await executor.transaction(async (connection) => {
    // Before the table is made: two who make it at once would meet in the catalogue, which is an error.
    await dialect.lockMigrations(connection);
    try {
      await connection.execute(dialect.migrationsTable);
      const applied = await dialect.appliedMigrations(connection);
      assertNotNewer(applied, dialect.migrations);
      for (const migration of dialect.migrations) {
        if (applied.some(({ id }) => id === migration.id)) continue;
        for (const statement of migration.sql) await connection.execute(statement);
        await connection.execute(dialect.noteMigration(migration));
      }
    } finally {
      await dialect.unlockMigrations?.(connection);
    }
  });
}

/** All that makes the tables, with what tells `migrate` and the store that they are there. */
export function wholeMigrations(
  dialect: Pick<SqlDialect, "migrations" | "migrationsTable" | "noteMigration">,
): readonly Migration[] {
  return dialect.migrations.map((migration, index) => ({
    ...migration,
    sql: [...(index === 0 ? [dialect.migrationsTable] : []), ...migration.sql, dialect.noteMigration(migration)],
  }));
}

/** Refuses tables that this build cannot work with, and lets the next position be one that no reader has gone past. */
export async function assertMigrated(connection: SqlConnection, dialect: SqlDialect): Promise<void> {
  assertApplied(await dialect.appliedMigrations(connection), dialect.migrations);
  await dialect.assertSession?.(connection);
  await dialect.frontier?.raisePositions(connection);
}

type Applied = readonly { readonly id: number; readonly name: string; readonly breaking: boolean }[];

/**
 * Refuses tables that this build cannot work with: too old, or changed by a newer build in a way that breaks this one.
 *
 * @throws {VentydError} `schema_missing`.
 * @throws {StaleBuildError} `stale_build`.
 */
export function assertApplied(applied: Applied, migrations: readonly Migration[]): void {
  assertNotNewer(applied, migrations);
  const missing = migrations.find(({ id }) => !applied.some((migration) => migration.id === id));
  if (missing === undefined) return;
  throw new VentydError(
    "schema_missing",
    `Schema is missing: migration ${missing.id} ("${missing.name}") has not been applied to this database. Call \`await store.migrate()\` once at start or deployment.`,
  );
}

/** @throws {StaleBuildError} `stale_build`. */
export function assertNotNewer(applied: Applied, migrations: readonly Migration[]): void {
  const unknown = applied.find(({ id, breaking }) => breaking && !migrations.some((migration) => migration.id === id));
  if (unknown === undefined) return;
  throw new StaleBuildError(
    `Stale build: a newer version of ventyd has applied migration ${unknown.id} ("${unknown.name}"), which this version does not know. Deploy the newer version.`,
  );
}
