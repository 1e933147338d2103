import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { createPostgresStore, type PostgresDatabase } from "ventyd/postgres";
import { adapterContract, type ContractStoreOptions } from "ventyd/testing";
import { afterAll, describe, test } from "vitest";
import { createPostgresDatabase } from "../support/servers.ts";
import { heldTransaction } from "./held-transaction.ts";

/** How a driver opens the database, and a transaction as an application does. */
interface Connected {
  readonly database: PostgresDatabase;
  run(sql: string, params?: unknown[]): Promise<unknown>;
  openTransaction(): Promise<{ client: object; commit(): Promise<void>; abort(): Promise<void> }>;
  close(): Promise<void>;
}

// The contract looks at a store before the first case runs.
const server = await createPostgresDatabase();
let schemas = 0;

/** The contract over databases, in which each case has a schema of its own. */
function contractOn<TDatabase>(
  take: () => TDatabase,
  connect: (database: TDatabase) => Connected,
  giveBack: (database: TDatabase) => void = () => {},
) {
  const open = (on: TDatabase, schema: string, options: ContractStoreOptions) => {
    const { database, run, ...rest } = connect(on);
    const addMigration = async ({ breaking }: { breaking: boolean }) => {
      const sql = `INSERT INTO ${schema}.ventyd_migrations (id, name, breaking) VALUES (999, 'of tomorrow', $1)`;
      await run(sql, [breaking]);
    };
    return { store: createPostgresStore(database, { ...options, schema }), run, addMigration, ...rest };
  };
  adapterContract({ describe, test }, async (options) => {
    const schema = `t${schemas++}`;
    const on = take();
    const backend = open(on, schema, options);
    await backend.run(`CREATE SCHEMA ${schema}`);
    const close = async () => {
      await backend.run("SET client_min_messages = warning");
      await backend.run(`DROP SCHEMA ${schema} CASCADE`);
      await backend.close();
      giveBack(on);
    };
    return { ...backend, reopen: (again) => open(on, schema, again), close };
  });
}

describe("PostgreSQL through pg", () => {
  afterAll(() => server.drop());

  contractOn(
    () => server.url,
    (connectionString) => {
      const pool = new pg.Pool({ connectionString, max: 8 });
      return {
        database: pool,
        run: (sql, params) => pool.query(sql, params),
        async openTransaction() {
          const client = await pool.connect();
          await client.query("BEGIN");
          const end = (statement: string) => async () => {
            await client.query(statement);
            client.release();
          };
          return { client, commit: end("COMMIT"), abort: end("ROLLBACK") };
        },
        close: () => pool.end(),
      };
    },
  );
});

describe("PGlite", () => {
  // Each has one connection: stores that a case uses at once, one inside a transaction of the other, need as many.
  const idle: PGlite[] = [];
  const everyDatabase: PGlite[] = [];
  const make = () => {
    const database = new PGlite();
    everyDatabase.push(database);
    return database;
  };
  afterAll(() => Promise.all(everyDatabase.map((database) => database.close())));

  contractOn(
    () => idle.pop() ?? make(),
    (database) => ({
      database,
      run: (sql, params) => database.query(sql, params),
      openTransaction: () => heldTransaction((work) => database.transaction(work)),
      close: async () => {},
    }),
    (database) => void idle.push(database),
  );
});
