import { VentydError } from "../../errors/index.ts";
import { alreadyStored } from "../sql/migrations/sqlite.ts";

/** Primary result codes of SQLite. */
const busy = 5;
const locked = 6;
const readonly = 8;

/** True where somebody else holds the database, so that the same statement may succeed in a moment. */
export function isBusy(error: unknown): boolean {
  return isOf(error, busy, "SQLITE_BUSY") || isOf(error, locked, "SQLITE_LOCKED");
}

/** True where the database was opened to read only. */
export function isReadonlyError(error: unknown): boolean {
  return isOf(error, readonly, "SQLITE_READONLY");
}

/** node:sqlite gives SQLite's extended result code as a number, all other drivers its name. */
function isOf(error: unknown, primaryCode: number, name: string): boolean {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  return typeof errcode === "number"
    ? (errcode & 0xff) === primaryCode
    : typeof code === "string" && code.startsWith(name);
}

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
