import { given } from "ventyd/testing";
import { test } from "vitest";
import { Account } from "./account.ts";

const opened = ["account:opened", { currency: "EUR" }] as const;

test("what is paid in can be taken out, and no more", () => {
  const account = given(Account).events(opened, ["account:deposited", { amount: 500, currency: "EUR" }]);
  account
    .when((account) => account.withdraw({ amount: 500, currency: "EUR" }))
    .thenState({ currency: "EUR", balance: 0 });
  account.when((account) => account.withdraw({ amount: 501, currency: "EUR" })).thenError("There is not enough money");
});

test("money of another currency is refused, and so is half a cent", () => {
  given(Account)
    .events(opened)
    .when((account) => account.deposit({ amount: 500, currency: "JPY" }))
    .thenError("This account is in EUR");
  given(Account)
    .events(opened)
    .when((account) => account.deposit({ amount: 0.5, currency: "EUR" }))
    .thenError("invalid_event");
});
