import { type EventStore, VentydError } from "ventyd";
import { seen } from "../ledger.ts";
import { pause, type Role, sayError } from "./role.ts";

/** Follows the log, and goes on where it was when it is cut off. */
export const tail: Role = (work) =>
  follow(work, (cursor) => work.store.subscribe({ after: cursor, signal: work.signal }));

/** Reads the log page by page, again and again. */
export const page: Role = (work) => follow(work, (cursor) => work.store.read({ after: cursor }), 20);

async function follow(
  { name, after, say, signal }: Parameters<Role>[0],
  read: (after: number) => ReturnType<EventStore["read"]>,
  between = 0,
): Promise<void> {
  let cursor = after;
  while (!signal.aborted) {
    try {
      for await (const event of read(cursor)) {
        if (signal.aborted) return;
        // Said first: one who goes on after this one was killed must not be shown it again, and the judge finds what nobody was shown.
        say({ kind: "saw", reader: name, event: seen(event) });
        cursor = event.position;
      }
      await pause(between);
    } catch (error) {
      if (!(error instanceof VentydError)) throw error;
      sayError(say, error);
      await pause(100);
    }
  }
}
