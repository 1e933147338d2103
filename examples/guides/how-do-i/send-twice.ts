import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { Account } from "./account.ts";

const accounts = createRepository(Account, { adapter: createMemoryStore() });
await accounts.create({ entityId: "ann", body: { currency: "EUR" } });

// #region twice
async function deposit(entityId: string, amount: number, idempotencyKey: string) {
  return accounts.mutate({ entityId }, (account) => account.deposit({ amount, currency: "EUR" }), { idempotencyKey });
}

const first = await deposit("ann", 500, "request-8f2");
const again = await deposit("ann", 500, "request-8f2"); // the client heard no answer, and asked again
console.log(first.duplicate, again.duplicate); // => false true
console.log(again.entity.state.balance); // => 500
// #endregion
