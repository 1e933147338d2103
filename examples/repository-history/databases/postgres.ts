import pg from "pg";
import { createPostgresStore } from "ventyd/postgres";
import { type FileDatabase, openFiles } from "../file-repository.ts";
import { findPlace, type Server } from "./server.ts";
import { rowsOfFile, textOf } from "./stored-rows.ts";

const server: Server = {
  name: "PostgreSQL",
  example: "postgres://user:password@host:5432/database",
  schemes: ["postgres:", "postgresql:"],
  variable: "VENTYD_POSTGRES_URL",
  usual: ["postgres://postgres@127.0.0.1:5432/postgres", "postgres://postgres:postgres@127.0.0.1:5432/postgres"],
  home: "postgres",
  create: (name) => `CREATE DATABASE ${name} TEMPLATE template0`,
  drop: (name) => `DROP DATABASE ${name} WITH (FORCE)`,
  async run(url, sql) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  },
};

/** @param url of a server, or of a database on it; default the server that the environment names, or the one on this machine. */
export async function openPostgres(url: string | undefined): Promise<FileDatabase> {
  const { drop, ...place } = await findPlace(server, url);
  const pool = new pg.Pool({ connectionString: place.url });
  // Of a connection that nobody uses; whoever needs one next is told.
  pool.on("error", () => {});
  return openFiles(createPostgresStore(pool), {
    ...place,
    storedRows: async (entityId) => (await pool.query(rowsOfFile("$1"), [entityId])).rows.map(textOf),
    async close() {
      await pool.end();
      await drop();
    },
  });
}
