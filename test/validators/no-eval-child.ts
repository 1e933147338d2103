import { orders } from "./libraries.ts";

/** Says of each library whether it takes what fits and refuses what does not, and whether this process can make code of text. */
const body = {
  customer: "ann",
  lines: [{ sku: "a", quantity: 1 }],
  payment: { kind: "card", last4: "4242" },
  placedAt: "2026-03-01T00:00:00Z",
  discounts: [],
};
const outcomeOf = (work: () => unknown): string => {
  try {
    work();
    return "done";
  } catch (error) {
    return String((error as { code?: unknown }).code ?? (error as Error).name);
  }
};
const outcomes = Object.entries(orders).map(([library, Order]) => [
  library,
  outcomeOf(() => Order.create({ body })),
  outcomeOf(() => Order.create({ body: { ...body, lines: [{}] } })),
]);
console.log(JSON.stringify({ evaluating: outcomeOf(() => new Function("return 1")()), outcomes }));
