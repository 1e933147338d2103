import { createPool } from "mysql2/promise";
import { createMysqlStore } from "ventyd/mysql";
import { adapterContract, type ContractStoreOptions } from "ventyd/testing";
import { describe, test } from "vitest";
import { createMysqlDatabase } from "../support/servers.ts";

function open(uri: string, options: ContractStoreOptions) {
  const pool = createPool({ uri, connectionLimit: 8 });
  return {
    store: createMysqlStore(pool, options),
    async openTransaction() {
      const client = await pool.getConnection();
      await client.query("START TRANSACTION");
      const end = (statement: string) => async () => {
        await client.query(statement);
        client.release();
      };
      return { client, commit: end("COMMIT"), abort: end("ROLLBACK") };
    },
    async addMigration({ breaking }: { breaking: boolean }) {
      await pool.query("INSERT INTO ventyd_migrations (id, name, breaking) VALUES (999, 'of tomorrow', ?)", [breaking]);
    },
    close: () => pool.end(),
  };
}

describe("MariaDB", () => {
  adapterContract({ describe, test }, async (options) => {
    const { url, drop } = await createMysqlDatabase();
    const backend = open(url, options);
    const close = async () => {
      await backend.close();
      await drop();
    };
    return { ...backend, reopen: (again) => open(url, again), close };
  });
});
