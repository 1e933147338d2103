import { defineEntity } from "ventyd";
import { z } from "zod";

// #region account
const Currency = z.enum(["EUR", "JPY"]);
/** In the smallest unit of the currency: cents, yen. */
const Money = z.object({ amount: z.int().positive(), currency: Currency });
type Money = z.infer<typeof Money>;

export const Account = defineEntity("account", {
  state: z.object({ currency: Currency, balance: z.int() }),
  events: { opened: z.object({ currency: Currency }), deposited: Money, withdrawn: Money },
  initial: "opened",
  reduce: {
    opened: (_, { body }) => ({ currency: body.currency, balance: 0 }),
    deposited: (account, { body }) => ({ ...account, balance: account.balance + body.amount }),
    withdrawn: (account, { body }) => ({ ...account, balance: account.balance - body.amount }),
  },
  mutations: {
    deposit: ({ state, dispatch }, money: Money) => {
      if (money.currency !== state.currency) throw new Error(`This account is in ${state.currency}`);
      dispatch("deposited", money);
    },
    withdraw: ({ state, dispatch }, money: Money) => {
      if (money.currency !== state.currency) throw new Error(`This account is in ${state.currency}`);
      if (money.amount > state.balance) throw new Error("There is not enough money");
      dispatch("withdrawn", money);
    },
  },
});
// #endregion
