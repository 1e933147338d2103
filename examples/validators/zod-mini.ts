import { defineEntity, defineReducer, defineSchema, Entity } from "ventyd";
import { standard } from "ventyd/standard";
import * as z from "zod/mini";
import { handlers, reduce } from "./ticket.ts";

// #region schemas
const Priority = z.enum(["low", "high"]);
const state = z.object({ title: z.string(), priority: Priority, due: z.string(), isOpen: z.boolean() });
const events = {
  opened: z.object({
    title: z.string().check(z.minLength(1)),
    priority: z._default(Priority, "low"),
    due: z.coerce.date(),
  }),
  closed: z.object({ reason: z.optional(z.string()) }),
};
// #endregion

// #region entity
export const Ticket = defineEntity("ticket", { state, events, initial: "opened", reduce });
// #endregion

// #region class
const ticketSchema = defineSchema("ticket", {
  schema: standard({ body: events, state }),
  initialEventName: "ticket:opened",
});
export class TicketClass extends Entity(ticketSchema, defineReducer(ticketSchema, handlers)) {}
// #endregion
