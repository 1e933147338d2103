import { Kysely, type KyselyConfig, PostgresDialect } from "kysely";
import { Kysely as OldestKysely, PostgresDialect as OldestPostgresDialect } from "kysely-oldest";
import pg from "pg";
import { fromKysely } from "../../src/adapters/postgres/from-kysely.ts";
import { dialect, postgresWords as words } from "../postgres/words.ts";
import { executorContract } from "../sql/executor-contract.ts";
import { createPostgresDatabase } from "../support/servers.ts";
import { oldestPlugins, openKyselyExecutor, openOldestKyselyExecutor, plugins } from "./open-kysely.ts";

async function openPool(options: pg.PoolConfig = {}) {
  const { url, drop } = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 5, ...options });
  // One that the server ends while nobody has borrowed it, and those that Kysely has borrowed, which does not listen to them.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return { pool, drop };
}

async function open(options: Partial<KyselyConfig> = {}, poolOptions?: pg.PoolConfig) {
  const { pool, drop } = await openPool(poolOptions);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }), ...options });
  return openKyselyExecutor(db, fromKysely(db), () => db.destroy().then(drop));
}

async function openOldest() {
  const { pool, drop } = await openPool();
  const db = new OldestKysely<unknown>({ dialect: new OldestPostgresDialect({ pool }), plugins: oldestPlugins });
  return openOldestKyselyExecutor(db, fromKysely(db), () => db.destroy().then(drop));
}

/** As an application may tell pg to. */
const types = {
  getTypeParser: (id: number, format: "text") =>
    id === pg.types.builtins.INT8 ? BigInt : pg.types.getTypeParser(id, format),
};

executorContract("Kysely on pg", { open: () => open(), words, dialect });
executorContract("Kysely on pg with plugins, a log and types of the application's", {
  open: () => open({ plugins, log: () => {} }, { types: types as never }),
  words,
  dialect,
});
executorContract("Kysely on pg, the oldest version, with names in camel case", { open: openOldest, words, dialect });
