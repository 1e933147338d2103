import Database from "better-sqlite3";
import { createRepository } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { Account } from "./account.ts";

export const database = new Database(":memory:");
const store = createSqliteStore(database);
await store.migrate();

// #region snapshot
const accounts = createRepository(Account, {
  adapter: store,
  snapshot: { frequency: 100 }, // a state is kept every 100 events; a load reads that, and the events after it
  loadValidation: "write", // bodies were checked when they were written; do not check them again
});
// #endregion

await accounts.create({ entityId: "ann", body: { currency: "EUR" } });
for (let day = 1; day <= 3; day++) {
  await accounts.mutate({ entityId: "ann" }, (account) => {
    for (let i = 0; i < 50; i++) account.deposit({ amount: 1, currency: "EUR" });
  });
}
console.log((await accounts.findOneOrThrow({ entityId: "ann" })).state.balance); // => 150
