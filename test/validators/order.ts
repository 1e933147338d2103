import type { EventOf } from "../../src/schema/event.ts";
import type { UnknownEvent } from "../../src/schema/infer.ts";

/** One domain, which every library declares in its own words: an order. */
export interface OrderState {
  status: "open" | "paid" | "cancelled";
  total: number;
  carriers: string[];
  /** The year in which it was placed, which only a `Date` knows. */
  year: number;
  /** What the reducer has seen of each event: its keys, and what they hold. */
  seen: string[];
}

type Line = { sku: string; quantity: number; note?: string | undefined };
type Payment = { kind: "card"; last4: string } | { kind: "invoice"; dueInDays: number };

type OrderEvent =
  | EventOf<
      "order",
      "order:placed",
      {
        customer: string;
        lines: Line[];
        payment: Payment;
        placedAt: Date;
        discounts: number[][];
        gift?: boolean | undefined;
      }
    >
  | EventOf<"order", "order:shipped", { carrier: string; stops: string[] }>
  | EventOf<"order", "order:repriced", { total: number }>
  | EventOf<"order", "order:paid", Payment>
  | EventOf<"order", "order:cancelled", { reason?: string | undefined }>;

/** The one reducer: that it fits the schema of a library proves that the library infers these very types. */
export function reduceOrder(before: OrderState, event: OrderEvent | UnknownEvent): OrderState {
  const order = before ?? { status: "open", total: 0, carriers: [], year: 0, seen: [] };
  const next = { ...order, seen: [...order.seen, `${event.eventName} ${describe(event.body)}`] };
  switch (event.eventName) {
    case "order:placed":
      return { ...next, total: event.body.lines.length, year: event.body.placedAt.getUTCFullYear() };
    case "order:shipped":
      return { ...next, carriers: [...next.carriers, event.body.carrier] };
    case "order:repriced":
      return { ...next, total: event.body.total + 1 };
    case "order:paid":
      return { ...next, status: "paid", total: event.body.kind === "card" ? 0 : event.body.dueInDays };
    case "order:cancelled":
      return { ...next, status: "cancelled" };
    default:
      return next;
  }
}

/** Tells a date from a text and an absent key from an undefined one; the order of keys is the library's business. */
function describe(value: unknown): string {
  if (value instanceof Date) return `Date(${value.toISOString()})`;
  if (Array.isArray(value)) return `[${value.map(describe).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, item]) => `${key}:${describe(item)}`).join(",")}}`;
}

export const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
export const decimal = /^\d+(\.\d+)?$/;
