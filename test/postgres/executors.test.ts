import { PGlite, type PGliteOptions, types } from "@electric-sql/pglite";
import pg from "pg";
import postgres from "postgres";
import { executorOf } from "../../src/adapters/postgres/executors/index.ts";
import { executorContract, type OpenExecutor } from "../sql/executor-contract.ts";
import { createPostgresDatabase } from "../support/servers.ts";
import { heldTransaction } from "./held-transaction.ts";
import { dialect, postgresWords as words } from "./words.ts";

/** As an application may tell pg to. */
function bigintsAsSuch(id: number, format: "text"): unknown {
  return id === pg.types.builtins.INT8 ? BigInt : pg.types.getTypeParser(id, format);
}

async function openPg(options: pg.PoolConfig = {}): Promise<OpenExecutor> {
  const { url, drop } = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 5, ...options });
  // One that the server ends while nobody has borrowed it.
  pool.on("error", () => {});
  return {
    executor: executorOf(pool),
    async openTransaction() {
      // Not of the pool: a single client can be joined, too.
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query("BEGIN");
      const end = (sql: string) => () => client.query(sql).finally(() => client.end());
      return { client, run: (sql) => client.query(sql), commit: end("COMMIT"), abort: end("ROLLBACK") };
    },
    run: (client, sql) => (client as pg.PoolClient).query(sql),
    notJoined: [pool],
    close: () => pool.end().then(drop),
  };
}

async function openPostgresJs(
  options: postgres.Options<Record<string, postgres.PostgresType>> = {},
): Promise<OpenExecutor> {
  const { url, drop } = await createPostgresDatabase();
  const sql = postgres(url, { max: 5, onnotice: () => {}, ...options });
  return {
    executor: executorOf(sql),
    async openTransaction() {
      const held = await heldTransaction<postgres.TransactionSql>((work) => sql.begin(work));
      return { ...held, run: (text) => held.client.unsafe(text) };
    },
    run: (client, text) => (client as postgres.TransactionSql).unsafe(text),
    notJoined: [sql],
    // With a limit: postgres.js 3.4.9 waits for ever for a connection that was lost under a statement and has not been used since.
    close: () => sql.end({ timeout: 1 }).then(drop),
  };
}

async function openPglite(options: PGliteOptions = {}): Promise<OpenExecutor> {
  const database = new PGlite(options);
  return {
    executor: executorOf(database),
    async openTransaction() {
      const held = await heldTransaction<{ query(sql: string): Promise<unknown> }>((work) =>
        database.transaction(work),
      );
      return { ...held, run: (sql) => held.client.query(sql) };
    },
    run: (client, sql) => (client as { query(sql: string): Promise<unknown> }).query(sql),
    notJoined: [database],
    close: () => database.close(),
  };
}

executorContract("a pool of pg", { open: () => openPg(), words, dialect });
executorContract("a pool of pg whose numbers are bigints", {
  open: () =>
    openPg({
      types: { getTypeParser: bigintsAsSuch } as never,
    }),
  words,
  dialect,
});
executorContract("postgres.js", { open: () => openPostgresJs(), words, dialect });
executorContract("postgres.js with names in camel case, values of its own and no prepared statements", {
  open: () =>
    openPostgresJs({
      transform: {
        ...postgres.camel,
        value: (value: unknown) => value ?? undefined,
        row: (row) => ({ ...row, more: 1 }),
      },
      types: {
        bigint: postgres.BigInt,
        boolean: { to: 16, from: [16], parse: (text: string) => `${text}!`, serialize: String },
      },
      prepare: false,
      fetch_types: false,
    } as postgres.Options<Record<string, postgres.PostgresType>>),
  words,
  dialect,
});
executorContract("PGlite", { open: () => openPglite(), words, dialect });
executorContract("PGlite with parsers of the application's", {
  open: () => openPglite({ parsers: { [types.INT8]: BigInt, [types.BOOL]: (text: string) => `${text}!` } } as never),
  words,
  dialect,
});
