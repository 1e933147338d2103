export { createMysqlStore, type MysqlStore, type MysqlStoreOptions } from "./create-mysql-store.ts";
export type { MysqlClientOf, MysqlDatabase } from "./executors/index.ts";
