// The servers that a promise is proven on, and what a test needs of each: a database of its own, stores on it, and connections as an application has them.
import mysql2 from "mysql2/promise";
import pg from "pg";
import type { EventStore } from "ventyd";
import { onTestFinished } from "vitest";
import { type OpenStore, openStore } from "../faults/stores.ts";
import { createMysqlDatabase, createPostgresDatabase, type OwnDatabase } from "../support/servers.ts";

export type Row = Readonly<Record<string, unknown>>;

/** A connection of the application's own, outside of every pool; what runs on it between BEGIN and COMMIT can be joined by `client`. */
export interface Session {
  readonly client: object;
  run(sql: string): Promise<Row[]>;
  end(): Promise<void>;
}

export interface Server {
  readonly name: string;
  /** As `openStore` calls it, here and in other processes. */
  readonly kind: "postgres" | "mysql";
  createDatabase(): Promise<OwnDatabase>;
  connect(url: string): Promise<Session>;
}

export const servers: readonly Server[] = [
  {
    name: "PostgreSQL",
    kind: "postgres",
    createDatabase: createPostgresDatabase,
    async connect(url) {
      const client = new pg.Client({ connectionString: url });
      // One that the server ends is no reason to end the process.
      client.on("error", () => {});
      await client.connect();
      return { client, run: async (sql) => (await client.query(sql)).rows, end: () => client.end() };
    },
  },
  {
    name: "MariaDB",
    kind: "mysql",
    createDatabase: createMysqlDatabase,
    async connect(url) {
      const client = await mysql2.createConnection(url);
      client.on("error", () => {});
      return { client, run: async (sql) => (await client.query(sql))[0] as Row[], end: () => client.end() };
    },
  },
];

/** A database of the running test's own. */
export interface TestDatabase {
  readonly url: string;
  /** A store on it; where nothing is said of that, migrated. */
  readonly store: EventStore;
  open(options?: Parameters<typeof openStore>[2]): Promise<EventStore>;
  connect(): Promise<Session>;
  /** One statement, by itself. */
  run(sql: string): Promise<Row[]>;
}

/** Makes a database, on a server that is shared or on the one that is given; closed and dropped when the running test has ended. */
export async function openDatabase(
  server: Server,
  { migrated = true, on, ...options }: { migrated?: boolean; on?: OwnDatabase; maxBodyBytes?: number } = {},
): Promise<TestDatabase> {
  const { url, drop } = on ?? (await server.createDatabase());
  const closings: (() => Promise<unknown>)[] = [];
  onTestFinished(async () => {
    for (const close of closings.toReversed()) await close();
    await drop();
  });
  const connect = async () => {
    const session = await server.connect(url);
    closings.push(() => session.end().catch(() => {}));
    return session;
  };
  const open: TestDatabase["open"] = async (more) => {
    const opened: OpenStore = await openStore(server.kind, url, more);
    closings.push(() => opened.close());
    return opened.store;
  };
  const store = await open(options);
  if (migrated) await store.migrate();
  const session = await connect();
  return { url, store, open, connect, run: (sql) => session.run(sql) };
}

/** Runs the body for every server at the same time: for what takes long, and takes no longer beside another. */
export async function sideBySide(body: (server: Server) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(servers.map(body));
  const failures = outcomes.flatMap((outcome, index) =>
    outcome.status === "rejected"
      ? [new Error(`on ${servers[index]?.name}: ${outcome.reason}`, { cause: outcome.reason })]
      : [],
  );
  if (failures.length > 1) throw new AggregateError(failures, failures.map(({ message }) => message).join("\n"));
  if (failures[0] !== undefined) throw failures[0];
}
