import { createPool, type RowDataPacket } from "mysql2/promise";
import { createMysqlStore } from "ventyd/mysql";
import { createMysqlDatabase } from "../test/support/servers.ts";
import { rawColumns, type ServerKind } from "./server-database.ts";

const insert = `INSERT INTO raw (${rawColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
// Names and ids are kept as bytes; a reducer wants text.
const select = `SELECT CONVERT(l.event_id USING utf8mb4) AS eventId, l.event_created_at AS eventCreatedAt, CONVERT(l.event_name USING utf8mb4) AS eventName,
    CONVERT(l.entity_id USING utf8mb4) AS entityId, CONVERT(l.entity_name USING utf8mb4) AS entityName, l.version, c.body
  FROM ventyd_log l JOIN ventyd_content c USING (position) WHERE l.tenant = '' AND l.entity_name = ? AND l.entity_id = ? ORDER BY l.version`;

type SelectedRow = RowDataPacket & { eventName: string; body: unknown };

export const mysql: ServerKind = {
  name: "mysql",
  async with(connections, work) {
    const { url, drop } = await createMysqlDatabase();
    const pool = createPool({ uri: url, connectionLimit: connections });
    const store = createMysqlStore(pool);
    try {
      await store.migrate();
      await pool.query("CREATE TABLE raw LIKE ventyd_log");
      await pool.query("ALTER TABLE raw ADD body longtext NOT NULL, ADD metadata longtext");
      const [versions] = await pool.query<RowDataPacket[]>("SELECT VERSION() AS version");
      return await work({
        store,
        url,
        engine: versions[0]?.version as string,
        insert: (values) => pool.execute(insert, values as string[]),
        select: async (entityId) => (await pool.execute<SelectedRow[]>(select, ["order", entityId]))[0],
      });
    } finally {
      await store.close();
      await pool.end();
      await drop();
    }
  },
};
