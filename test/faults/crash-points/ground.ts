import { createPool } from "mysql2/promise";
import pg from "pg";
import type { EventStore } from "ventyd";
import { createMysqlStore } from "ventyd/mysql";
import { createPostgresStore } from "ventyd/postgres";
import { executorOf as mysqlExecutorOf } from "../../../src/adapters/mysql/executors/index.ts";
import { executorOf as postgresExecutorOf } from "../../../src/adapters/postgres/executors/index.ts";
import { startMysql, startPostgres } from "../../support/servers.ts";
import { Network } from "../network.ts";
import { urlOf } from "../stages/server.ts";
import { CrashingExecutor } from "./crashing-executor.ts";

/** A server of the test's own, and stores on it whose connections can be broken. */
export interface Ground {
  /** A statement of the application's, on a handle of a transaction or on any connection. */
  run(sql: string, client?: object): Promise<void>;
  /** A store that nothing happens to. */
  open(tablePrefix?: string): Promise<EventStore>;
  /** A store with an executor of its own, on connections that go through the network. */
  openCrashing(tablePrefix?: string): {
    readonly store: EventStore;
    readonly executor: CrashingExecutor;
    close(): Promise<void>;
  };
  close(): Promise<void>;
}

export async function openPostgres(): Promise<Ground> {
  const server = await startPostgres();
  const network = await Network.to(Number(new URL(server.url).port));
  const pool = new pg.Pool({ connectionString: server.url });
  // In the end it goes down under this one too.
  pool.on("error", () => {});
  const through = urlOf(server.url, "postgres", network.port);
  return {
    async run(sql, client) {
      await ((client as pg.Client | undefined) ?? pool).query(sql);
    },
    open: async (tablePrefix) => createPostgresStore(pool, { tablePrefix }),
    openCrashing(tablePrefix) {
      const broken = new pg.Pool({ connectionString: through, max: 2 });
      broken.on("error", () => {});
      const executor = new CrashingExecutor(postgresExecutorOf(broken), () => network.cut(() => true));
      const store = createPostgresStore(executor, { tablePrefix });
      return { store, executor, close: () => broken.end() };
    },
    async close() {
      await pool.end();
      await network.close();
      await server.remove();
    },
  };
}

export async function openMysql(): Promise<Ground> {
  const server = await startMysql();
  const network = await Network.to(Number(new URL(server.url).port));
  const admin = createPool({ uri: server.url, connectionLimit: 1 });
  await admin.query("CREATE DATABASE crashes");
  await admin.end();
  const pool = createPool({ uri: urlOf(server.url, "crashes") });
  const through = urlOf(server.url, "crashes", network.port);
  return {
    async run(sql, client) {
      await ((client as typeof pool | undefined) ?? pool).query(sql);
    },
    open: async (tablePrefix) => createMysqlStore(pool, { tablePrefix }),
    openCrashing(tablePrefix) {
      const broken = createPool({ uri: through, connectionLimit: 2 });
      const executor = new CrashingExecutor(mysqlExecutorOf(broken), () => network.cut(() => true));
      const store = createMysqlStore(executor, { tablePrefix });
      return { store, executor, close: () => broken.end().catch(() => {}) };
    },
    async close() {
      await pool.end();
      await network.close();
      await server.remove();
    },
  };
}
