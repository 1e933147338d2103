/** What every library says in its own words: what happens to a ticket, and what it looks like. */
export interface TicketState {
  title: string;
  priority: "low" | "high";
  due: string;
  isOpen: boolean;
}

interface Opened {
  title: string;
  priority: "low" | "high";
  due: Date;
}

// #region reduce
export const reduce = {
  opened: (_: null, { body }: { body: Opened }): TicketState => {
    return { ...body, due: body.due.toISOString(), isOpen: true };
  },
  closed: (ticket: TicketState): TicketState => ({ ...ticket, isOpen: false }),
};
// #endregion

/** The same handlers under full names, for `defineReducer`. */
export const handlers = { "ticket:opened": reduce.opened, "ticket:closed": reduce.closed };
