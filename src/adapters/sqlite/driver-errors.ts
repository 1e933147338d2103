import { VentydError } from "../../errors/index.ts";
import { alreadyStored } from "../sql/migrations/sqlite.ts";

/** The application has a transaction of its own open on the connection that the store shares with it. */
export class ConnectionBusy extends Error {
  readonly code = "SQLITE_BUSY";
}

/** True where an event id is stored already, by whichever entity. */
export function isDuplicateEventId(error: unknown): boolean {
  return error instanceof Error && error.message === alreadyStored;
}

/** Turns what a driver threw at a statement of ours into an error of ours; errors of ours pass. */
export function fromDriverError(error: unknown): unknown {
  if (error instanceof VentydError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new VentydError("driver_error", `Database error: ${message}. The cause holds what the driver reported.`, {
    cause: error,
  });
}
