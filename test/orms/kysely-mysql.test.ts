import { Kysely, type KyselyConfig, MysqlDialect } from "kysely";
import { Kysely as OldestKysely, MysqlDialect as OldestMysqlDialect } from "kysely-oldest";
import { createPool, type PoolOptions } from "mysql2";
import { expect, onTestFinished, test } from "vitest";
import { fromKysely } from "../../src/adapters/mysql/from-kysely.ts";
import { dialect, mysqlWords as words } from "../mysql/words.ts";
import { executorContract } from "../sql/executor-contract.ts";
import { createMysqlDatabase } from "../support/servers.ts";
import { oldestPlugins, openKyselyExecutor, openOldestKyselyExecutor, plugins } from "./open-kysely.ts";

async function openPool(options: PoolOptions = {}) {
  const { url, drop } = await createMysqlDatabase();
  return { pool: createPool({ uri: url, connectionLimit: 5, ...options }), drop };
}

async function open(options: Partial<KyselyConfig> = {}, poolOptions?: PoolOptions) {
  const { pool, drop } = await openPool(poolOptions);
  const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }), ...options });
  return openKyselyExecutor(db, fromKysely(db), () => db.destroy().then(drop));
}

async function openOldest() {
  const { pool, drop } = await openPool();
  const db = new OldestKysely<unknown>({
    dialect: new OldestMysqlDialect({ pool: pool as never }),
    plugins: oldestPlugins,
  });
  return openOldestKyselyExecutor(db, fromKysely(db), () => db.destroy().then(drop));
}

/** As Kysely's own pages tell how booleans are read. */
const typeCast: PoolOptions["typeCast"] = (field, next) =>
  field.type === "TINY" && field.length === 1 ? field.string() === "1" : next();

executorContract("Kysely on mysql2", { open: () => open(), words, dialect });
executorContract("Kysely on mysql2 with plugins, a log and values of the application's", {
  open: () =>
    open(
      { plugins, log: () => {} },
      { typeCast, supportBigNumbers: true, bigNumberStrings: true, namedPlaceholders: true },
    ),
  words,
  dialect,
});
executorContract("Kysely on mysql2, the oldest version, with names in camel case", {
  open: openOldest,
  words,
  dialect,
});

test("a statement that the server would not take is refused before it costs the connection", async () => {
  const { pool, drop } = await openPool({ connectionLimit: 1 });
  const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) });
  onTestFinished(() => db.destroy().then(drop));
  const executor = fromKysely(db);
  const [limit] = await executor.execute<{ bytes: unknown }>("SELECT @@max_allowed_packet AS bytes");
  const lengthOf = (size: number) =>
    executor.execute<{ n: unknown }>("SELECT LENGTH(?) AS n", ["a".repeat(Math.floor(Number(limit?.bytes) * size))]);
  await expect(lengthOf(0.8)).rejects.toMatchObject({ code: "body_too_large" });
  expect(Number((await lengthOf(0.7))[0]?.n)).toBeGreaterThan(1_000_000);
});
