import mysql from "mysql2/promise";
import { VentydError } from "ventyd";
import { createMysqlStore } from "ventyd/mysql";

declare const console: { log(line: string): void };

async function main() {
  // Nothing connects before it is needed.
  const pool = mysql.createPool({ host: "127.0.0.1", port: 1 });
  const store = createMysqlStore(pool);
  const use = () =>
    store.transaction(async ({ client }) => {
      await client.query("SELECT 1");
      // @ts-expect-error the client is the driver's own, and has no such method
      client.nothing;
    });
  const refused = (work: () => unknown) => {
    try {
      return work();
    } catch (error) {
      return error instanceof VentydError && error.code;
    }
  };
  // @ts-expect-error a text is no client
  const ofText = refused(() => createMysqlStore("mysql://localhost/app"));
  const ofPrefix = refused(() => createMysqlStore(pool, { tablePrefix: "no; such" }));
  console.log(JSON.stringify([typeof use, ofText, ofPrefix, store.capabilities.atomicBatches]));
  await store.close();
  await pool.end();
}

void main();
