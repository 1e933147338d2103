import { createConnection, createPool, type RowDataPacket } from "mysql2/promise";
import { createMysqlStore } from "ventyd/mysql";
import { type FileDatabase, openFiles } from "../file-repository.ts";
import { findPlace, type Server } from "./server.ts";
import { rowsOfFile, textOf } from "./stored-rows.ts";

const server: Server = {
  name: "MySQL or MariaDB",
  example: "mysql://user:password@host:3306/database",
  schemes: ["mysql:", "mariadb:"],
  variable: "VENTYD_MYSQL_URL",
  usual: [
    "mysql://root@127.0.0.1:3306/",
    "mysql://root@localhost/?socketPath=/run/mysqld/mysqld.sock",
    "mysql://root:root@127.0.0.1:3306/",
  ],
  home: "",
  create: (name) => `CREATE DATABASE ${name}`,
  drop: (name) => `DROP DATABASE ${name}`,
  async run(url, sql) {
    const connection = await createConnection({ uri: url, connectTimeout: 5_000 });
    await connection.query(sql).finally(() => connection.end());
  },
};

/** @param url of a server, or of a database on it; default the server that the environment names, or the one on this machine. */
export async function openMysql(url: string | undefined): Promise<FileDatabase> {
  const { drop, ...place } = await findPlace(server, url);
  const pool = createPool({ uri: place.url });
  return openFiles(createMysqlStore(pool), {
    ...place,
    async storedRows(entityId) {
      const [rows] = await pool.query<RowDataPacket[]>(rowsOfFile("?"), [entityId]);
      return rows.map(textOf);
    },
    async close() {
      await pool.end();
      await drop();
    },
  });
}
