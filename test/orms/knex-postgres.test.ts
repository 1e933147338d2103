import knexNewest, { type Knex } from "knex";
import knexOldest from "knex-oldest";
import pg from "pg";
import { expect, test } from "vitest";
import { fromKnex } from "../../src/adapters/postgres/from-knex.ts";
import { dialect, postgresWords as words } from "../postgres/words.ts";
import { executorContract, type OpenExecutor } from "../sql/executor-contract.ts";
import { createPostgresDatabase } from "../support/servers.ts";
import { openKnexExecutor } from "./open-knex.ts";

async function open(make: typeof knexNewest, options: Knex.Config = {}): Promise<OpenExecutor> {
  const { url, drop } = await createPostgresDatabase();
  const db = make({ client: "pg", connection: url, pool: { min: 0, max: 5 }, log: { warn() {} }, ...options });
  return openKnexExecutor(db, fromKnex(db), drop);
}

/** A pool of the application's own, which the newest Knex takes. */
async function openOnPool(): Promise<OpenExecutor> {
  const { url, drop } = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  pool.on("error", () => {});
  const db = knexNewest({ client: "pg", connectionPool: pool, log: { warn() {} } });
  return openKnexExecutor(db, fromKnex(db), () => pool.end().then(drop));
}

executorContract("Knex on pg", { open: () => open(knexNewest), words, dialect });
executorContract("Knex on pg, the oldest version", {
  open: () => open(knexOldest as unknown as typeof knexNewest),
  words,
  dialect,
});
executorContract("Knex on a pool of pg", { open: openOnPool, words, dialect });
executorContract("Knex on pg with names and rows of the application's making", {
  open: () =>
    open(knexNewest, {
      postProcessResponse: (rows) => (Array.isArray(rows) ? rows.map((row) => ({ ...row, more: 1 })) : {}),
      wrapIdentifier: (name, wrap) => wrap(`${name}_`),
      debug: false,
      asyncStackTraces: true,
    }),
  words,
  dialect,
});
executorContract("Knex on one connection of pg", {
  open: () => open(knexNewest, { pool: { min: 0, max: 1 } }),
  words,
  dialect,
});

test("a Knex with another driver is refused", () => {
  for (const other of [knexNewest({ client: "mysql2" }), { client: undefined }, {}])
    expect(() => fromKnex(other as never)).toThrow(
      expect.objectContaining({ code: "unsupported", ability: "knex-driver" }),
    );
});
