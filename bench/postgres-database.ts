import pg from "pg";
import { createPostgresStore } from "ventyd/postgres";
import { createPostgresDatabase } from "../test/support/servers.ts";
import { rawColumns, type ServerKind } from "./server-database.ts";

const insert = `INSERT INTO raw (${rawColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;
const select = `SELECT event_id AS "eventId", event_created_at AS "eventCreatedAt", event_name AS "eventName", entity_id AS "entityId",
    entity_name AS "entityName", version, body
  FROM ventyd_log JOIN ventyd_content USING (position) WHERE tenant = '' AND entity_name = $1 AND entity_id = $2 ORDER BY version`;

export const postgres: ServerKind = {
  name: "postgres",
  async with(connections, work) {
    const { url, drop } = await createPostgresDatabase();
    const pool = new pg.Pool({ connectionString: url, max: connections });
    const store = createPostgresStore(pool);
    try {
      await store.migrate();
      await pool.query(
        `CREATE SEQUENCE raw_positions; CREATE TABLE raw (LIKE ventyd_log INCLUDING DEFAULTS INCLUDING INDEXES);
         ALTER TABLE raw ALTER position SET DEFAULT nextval('raw_positions'), ADD body text NOT NULL, ADD metadata text`,
      );
      return await work({
        store,
        url,
        engine: `PostgreSQL ${(await pool.query("SHOW server_version")).rows[0].server_version}`,
        insert: (values) => pool.query(insert, values as unknown[]),
        select: async (entityId) => (await pool.query(select, ["order", entityId])).rows,
      });
    } finally {
      await store.close();
      await pool.end();
      await drop();
    }
  },
};
