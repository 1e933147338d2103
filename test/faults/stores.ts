import type { EventStore } from "ventyd";

/** A store as a process opens it, and how it lets go of it. */
export interface OpenStore {
  readonly store: EventStore;
  close(): Promise<void>;
}

/** Opens a store by what a parent process can write down: `sqlite <file>`, `postgres <url>`, `mysql <url of a database>`. */
export async function openStore(
  kind: string,
  place: string,
  options: { readonly maxBodyBytes?: number } = {},
): Promise<OpenStore> {
  switch (kind) {
    case "sqlite": {
      const [{ default: Database }, { createSqliteStore }] = await Promise.all([
        import("better-sqlite3"),
        import("ventyd/sqlite"),
      ]);
      const database = new Database(place);
      const store = createSqliteStore(database, { ...options, pragmas: "recommended" });
      return {
        store,
        async close() {
          await store.close();
          database.close();
        },
      };
    }
    case "postgres": {
      const [{ default: pg }, { createPostgresStore }] = await Promise.all([import("pg"), import("ventyd/postgres")]);
      const pool = new pg.Pool({ connectionString: place, max: 4 });
      // A connection that the server ends while nobody uses it is no reason to end the process.
      pool.on("error", () => {});
      const store = createPostgresStore(pool, options);
      return {
        store,
        async close() {
          await store.close();
          await pool.end();
        },
      };
    }
    case "mysql": {
      const [{ createPool }, { createMysqlStore }] = await Promise.all([
        import("mysql2/promise"),
        import("ventyd/mysql"),
      ]);
      const pool = createPool({ uri: place, connectionLimit: 4 });
      const store = createMysqlStore(pool, options);
      return {
        store,
        async close() {
          await store.close();
          await pool.end();
        },
      };
    }
    default:
      throw new Error(`no store is called ${kind}`);
  }
}
