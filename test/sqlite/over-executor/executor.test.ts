import { type Connection, Database } from "../../../examples/executor/database.ts";
import { fromDatabase } from "../../../examples/executor/from-database.ts";
import { executorContract } from "../../sql/executor-contract.ts";
import { dialect, sqliteWords as words } from "../../sql/sqlite-words.ts";
import { openTransaction } from "./open-transaction.ts";

executorContract("the executor of the example", {
  async open() {
    const database = new Database(":memory:");
    return {
      executor: fromDatabase(database),
      async openTransaction() {
        const held = await openTransaction(database);
        return { ...held, run: (sql) => held.client.query(sql) };
      },
      run: (client, sql) => (client as Connection).query(sql),
      notJoined: [database],
      close: () => database.close(),
    };
  },
  words,
  dialect,
});
