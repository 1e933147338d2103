import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { Account } from "./account.ts";

const accounts = createRepository(Account, { adapter: createMemoryStore() });

// #region money
console.log(0.1 + 0.2); // => 0.30000000000000004
await accounts.create({ entityId: "ann", body: { currency: "EUR" } });
const { entity } = await accounts.mutate({ entityId: "ann" }, (account) => {
  account.deposit({ amount: 10, currency: "EUR" }); // 10 cents
  account.deposit({ amount: 20, currency: "EUR" });
});
console.log(entity.state.balance); // => 30
// #endregion
