import pg from "pg";
import { createPostgresStore } from "ventyd/postgres";
import { adapterContract, type ContractStoreOptions } from "ventyd/testing";
import { afterAll, describe, expect, test } from "vitest";
import { createPostgresDatabase, startPgbouncer } from "../support/servers.ts";

// The contract looks at a store before the first case runs.
const server = await createPostgresDatabase();
const bouncer = await startPgbouncer(server.url);
let schemas = 0;

function open(schema: string, options: ContractStoreOptions) {
  const pool = new pg.Pool({ connectionString: bouncer.url, max: 8 });
  return {
    pool,
    store: createPostgresStore(pool, { ...options, schema }),
    async openTransaction() {
      const client = await pool.connect();
      await client.query("BEGIN");
      const end = (statement: string) => async () => {
        await client.query(statement);
        client.release();
      };
      return { client, commit: end("COMMIT"), abort: end("ROLLBACK") };
    },
    async addMigration({ breaking }: { breaking: boolean }) {
      const sql = `INSERT INTO ${schema}.ventyd_migrations (id, name, breaking) VALUES (999, 'of tomorrow', $1)`;
      await pool.query(sql, [breaking]);
    },
    close: () => pool.end(),
  };
}

describe("PostgreSQL through pgbouncer in transaction mode", () => {
  afterAll(async () => {
    await bouncer.remove();
    await server.drop();
  });

  test("is that: two statements of one client run in different sessions, where another client has a transaction open", async () => {
    const pool = new pg.Pool({ connectionString: bouncer.url, max: 2 });
    const [one, other] = [await pool.connect(), await pool.connect()];
    const session = async () => (await one.query("SELECT pg_backend_pid() AS pid")).rows[0].pid;
    const before = await session();
    await other.query("BEGIN");
    const taken = (await other.query("SELECT pg_backend_pid() AS pid")).rows[0].pid;
    const after = await session();
    await other.query("ROLLBACK");
    expect(before).toBe(taken);
    expect(after).not.toBe(taken);
    one.release();
    other.release();
    await pool.end();
  });

  adapterContract({ describe, test }, async (options) => {
    const schema = `t${schemas++}`;
    const { pool, ...backend } = open(schema, options);
    await pool.query(`CREATE SCHEMA ${schema}`);
    const close = async () => {
      await pool.query(`BEGIN; SET LOCAL client_min_messages = warning; DROP SCHEMA ${schema} CASCADE; COMMIT`);
      await pool.end();
    };
    return { ...backend, reopen: (again) => open(schema, again), close };
  });
});
