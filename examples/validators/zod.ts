import { defineEntity, defineReducer, defineSchema, Entity } from "ventyd";
import { z, zod } from "ventyd/zod";
import { handlers, reduce } from "./ticket.ts";

// #region schemas
const Priority = z.enum(["low", "high"]);
const state = z.object({ title: z.string(), priority: Priority, due: z.string(), isOpen: z.boolean() });
const events = {
  opened: z.object({ title: z.string().min(1), priority: Priority.default("low"), due: z.coerce.date() }),
  closed: z.object({ reason: z.string().optional() }),
};
// #endregion

// #region entity
export const Ticket = defineEntity("ticket", { state, events, initial: "opened", reduce });
// #endregion

// #region class
const ticketSchema = defineSchema("ticket", {
  schema: zod({ event: events, state }),
  initialEventName: "ticket:opened",
});
export class TicketClass extends Entity(ticketSchema, defineReducer(ticketSchema, handlers)) {}
// #endregion
