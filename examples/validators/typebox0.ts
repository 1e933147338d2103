import { defineEntity, defineReducer, defineSchema, Entity } from "ventyd";
import { standardSchema, Type, typebox } from "ventyd/typebox0";
import { handlers, reduce } from "./ticket.ts";

// #region schemas
const Priority = Type.Union([Type.Literal("low"), Type.Literal("high")]);
const Day = Type.Transform(Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }))
  .Decode((text) => new Date(text))
  .Encode((date) => date.toISOString().slice(0, 10));

const state = Type.Object({ title: Type.String(), priority: Priority, due: Type.String(), isOpen: Type.Boolean() });
const events = {
  opened: Type.Object({
    title: Type.String({ minLength: 1 }),
    priority: Type.Union(Priority.anyOf, { default: "low" }),
    due: Day,
  }),
  closed: Type.Object({ reason: Type.Optional(Type.String()) }),
};
// #endregion

// #region entity
export const Ticket = defineEntity("ticket", {
  state: standardSchema(state),
  events: { opened: standardSchema(events.opened), closed: standardSchema(events.closed) },
  initial: "opened",
  reduce,
});
// #endregion

// #region class
const ticketSchema = defineSchema("ticket", {
  schema: typebox({ event: events, state }),
  initialEventName: "ticket:opened",
});
export class TicketClass extends Entity(ticketSchema, defineReducer(ticketSchema, handlers)) {}
// #endregion
