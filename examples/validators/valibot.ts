import { defineEntity, defineReducer, defineSchema, Entity } from "ventyd";
import { v, valibot } from "ventyd/valibot";
import { handlers, reduce } from "./ticket.ts";

// #region schemas
const Priority = v.picklist(["low", "high"]);
const state = v.object({ title: v.string(), priority: Priority, due: v.string(), isOpen: v.boolean() });
const events = {
  opened: v.object({
    title: v.pipe(v.string(), v.minLength(1)),
    priority: v.optional(Priority, "low"),
    due: v.pipe(v.string(), v.isoDate(), v.toDate()),
  }),
  closed: v.object({ reason: v.optional(v.string()) }),
};
// #endregion

// #region entity
export const Ticket = defineEntity("ticket", { state, events, initial: "opened", reduce });
// #endregion

// #region class
const ticketSchema = defineSchema("ticket", {
  schema: valibot({ event: events, state }),
  initialEventName: "ticket:opened",
});
export class TicketClass extends Entity(ticketSchema, defineReducer(ticketSchema, handlers)) {}
// #endregion
