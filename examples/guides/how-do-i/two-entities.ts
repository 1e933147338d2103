import Database from "better-sqlite3";
import { createRepository } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { Account } from "./account.ts";

const database = new Database(":memory:");
database.exec("CREATE TABLE receipts (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
const store = createSqliteStore(database);
await store.migrate();
const accounts = createRepository(Account, { adapter: store });
await accounts.create({ entityId: "ann", body: { currency: "EUR" } });
await accounts.create({ entityId: "bob", body: { currency: "EUR" } });
await accounts.mutate({ entityId: "ann" }, (account) => account.deposit({ amount: 2_000, currency: "EUR" }));
const rent = { amount: 1_500, currency: "EUR" } as const;

// #region commit
const ann = await accounts.findOneOrThrow({ entityId: "ann" });
const bob = await accounts.findOneOrThrow({ entityId: "bob" });
ann.withdraw(rent);
bob.deposit(rent);
await store.commit([ann, bob], { actor: "ann", reason: "Rent for May", correlationId: "transfer-7" });
// #endregion

// #region transaction
const transfer = store.transaction(async ({ client }) => {
  await accounts.mutate({ entityId: "bob" }, (account) => account.deposit(rent));
  client.prepare("INSERT INTO receipts (text) VALUES (?)").run("Rent for June");
  await accounts.mutate({ entityId: "ann" }, (account) => account.withdraw(rent));
});
await transfer.catch((error) => console.log(error.message)); // => There is not enough money
// #endregion

for (const account of await accounts.findMany({ entityIds: ["ann", "bob"] })) console.log(account?.state.balance);
// => 500
// => 1500
console.log(database.prepare("SELECT count(*) FROM receipts").pluck().get()); // => 0
