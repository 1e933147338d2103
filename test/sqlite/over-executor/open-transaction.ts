import type { Connection, Database } from "../../../examples/executor/database.ts";
import { heldTransaction } from "../../postgres/held-transaction.ts";

/** A transaction of the application's on the database of the example. */
export function openTransaction(database: Database) {
  return heldTransaction<Connection>((work) =>
    database.use(async (client) => {
      await client.query("BEGIN");
      try {
        await work(client);
        await client.query("COMMIT");
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      }
    }),
  );
}
