import { createRepository, defineEntity } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { z } from "zod";

// #region time
let today = "2026-01-10T09:00:00Z";
const now = () => new Date(today); // in production: leave it out

const Invoice = defineEntity("invoice", {
  state: z.object({ due: z.string(), status: z.enum(["open", "paid"]) }),
  events: { sent: z.object({ due: z.iso.date() }), paid: z.object({}) },
  initial: "sent",
  reduce: {
    sent: (_, { body }) => ({ due: body.due, status: "open" }),
    paid: (invoice) => ({ ...invoice, status: "paid" }),
  },
  mutations: {
    pay: ({ dispatch }, paidAt: string) => dispatch("paid", {}, { eventCreatedAt: paidAt }),
  },
  now,
});
const invoices = createRepository(Invoice, { adapter: createMemoryStore({ now }) });

await invoices.create({ entityId: "i7", body: { due: "2026-02-28" } });

today = "2026-02-03T09:00:00Z"; // the bank tells us late
await invoices.mutate({ entityId: "i7" }, (invoice) => invoice.pay("2026-01-31T18:00:00-05:00"));

const wasPaid = await invoices.findOneOrThrow({ entityId: "i7", at: "2026-02-01T00:00:00Z" });
console.log(wasPaid.state.status); // => paid
const weThought = await invoices.findOneOrThrow({ entityId: "i7", knownAt: "2026-02-01T00:00:00Z" });
console.log(weThought.state.status); // => open
// #endregion
