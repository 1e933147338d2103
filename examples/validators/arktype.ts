import { defineEntity, defineReducer, defineSchema, Entity } from "ventyd";
import { arktype, type } from "ventyd/arktype";
import { handlers, reduce } from "./ticket.ts";

// #region schemas
const state = type({ title: "string", priority: "'low' | 'high'", due: "string", isOpen: "boolean" });
const events = {
  opened: type({ title: "string > 0", priority: "'low' | 'high' = 'low'", due: "string.date.parse" }),
  closed: type({ "reason?": "string" }),
};
// #endregion

// #region entity
export const Ticket = defineEntity("ticket", { state, events, initial: "opened", reduce });
// #endregion

// #region class
const ticketSchema = defineSchema("ticket", {
  schema: arktype({ event: events, state }),
  initialEventName: "ticket:opened",
});
export class TicketClass extends Entity(ticketSchema, defineReducer(ticketSchema, handlers)) {}
// #endregion
