import { StaleBuildError, VentydError } from "../../errors/index.ts";
import type { SqlDialect } from "./dialect.ts";
import type { SqlConnection, SqlExecutor } from "./executor.ts";

/** Applies what is missing, each process in its turn. */
export async function migrate(executor: SqlExecutor<unknown>, dialect: SqlDialect): Promise<void> {
  await executor.transaction(async (connection) => {
    await dialect.lockMigrations(connection);
    try {
      const applied = await dialect.appliedMigrations(connection);
      assertNotNewer(applied, dialect);
      for (const migration of dialect.migrations) {
        if (applied.some(({ id }) => id === migration.id)) continue;
        for (const statement of migration.sql) await connection.execute(statement);
        await dialect.noteMigration(connection, migration);
      }
    } finally {
      await dialect.unlockMigrations?.(connection);
    }
  });
}

/**
 * Refuses tables that this build cannot work with: too old, or changed by a newer build in a way that breaks this one.
 *
 * @throws {VentydError} `schema_missing`.
 * @throws {StaleBuildError} `stale_build`.
 */
export async function assertMigrated(connection: SqlConnection, dialect: SqlDialect): Promise<void> {
  const applied = await dialect.appliedMigrations(connection);
  assertNotNewer(applied, dialect);
  const missing = dialect.migrations.find(({ id }) => !applied.some((migration) => migration.id === id));
  if (missing === undefined) {
    await dialect.raisePositions(connection);
    return;
  }
  throw new VentydError(
    "schema_missing",
    `Schema is missing: migration ${missing.id} ("${missing.name}") has not been applied to this database. Call \`await store.migrate()\` once at start or deployment.`,
  );
}

function assertNotNewer(
  applied: readonly { readonly id: number; readonly name: string; readonly breaking: boolean }[],
  { migrations }: SqlDialect,
): void {
  const unknown = applied.find(({ id, breaking }) => breaking && !migrations.some((migration) => migration.id === id));
  if (unknown === undefined) return;
  throw new StaleBuildError(
    `Stale build: a newer version of ventyd has applied migration ${unknown.id} ("${unknown.name}"), which this version does not know. Deploy the newer version.`,
  );
}
