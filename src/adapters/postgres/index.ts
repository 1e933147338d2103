export { createPostgresStore, type PostgresStore, type PostgresStoreOptions } from "./create-postgres-store.ts";
export type { PostgresClientOf, PostgresDatabase } from "./executors/index.ts";
