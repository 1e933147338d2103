export type { SqlConnection, SqlExecutor, SqlTransaction, SqlValue } from "../sql/executor.ts";
export type { Migration } from "../sql/migration.ts";
export { createPostgresStore, type PostgresStore, type PostgresStoreOptions } from "./create-postgres-store.ts";
export type { PostgresClientOf, PostgresDatabase } from "./executors/index.ts";
export { fromDrizzle } from "./from-drizzle.ts";
export { fromKnex } from "./from-knex.ts";
export { fromKysely } from "./from-kysely.ts";
export { fromPrisma } from "./from-prisma.ts";
