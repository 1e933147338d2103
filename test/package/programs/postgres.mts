import pg from "pg";
import { VentydError } from "ventyd";
import { createPostgresStore } from "ventyd/postgres";

declare const console: { log(line: string): void };

async function main() {
  // Nothing connects before it is needed.
  const store = createPostgresStore(new pg.Pool({ port: 1 }), { schema: "app", tablePrefix: "app_" });
  const use = () =>
    store.transaction(async ({ client }) => {
      const { rows } = await client.query<{ n: number }>("SELECT 1 AS n");
      // @ts-expect-error the client is the driver's own, and has no such method
      client.nothing;
      return rows[0]?.n;
    });
  const refused = (work: () => unknown) => {
    try {
      return work();
    } catch (error) {
      return error instanceof VentydError && error.code;
    }
  };
  // @ts-expect-error a text is no client
  const ofText = refused(() => createPostgresStore("postgres://localhost/app"));
  const ofPrefix = refused(() => createPostgresStore(new pg.Pool(), { tablePrefix: "no; such" }));
  console.log(JSON.stringify([typeof use, ofText, ofPrefix, store.capabilities.atomicBatches]));
  await store.close();
}

void main();
