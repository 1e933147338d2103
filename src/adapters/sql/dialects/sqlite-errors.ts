import type { SqlFailure } from "../dialect.ts";
import { ExecutorFailure } from "../executor-failure.ts";
import { alreadyStored } from "../migrations/sqlite.ts";

/** Primary result codes of SQLite. */
const codes = { SQLITE_BUSY: 5, SQLITE_LOCKED: 6, SQLITE_READONLY: 8 };

/** SQLITE_BUSY_SNAPSHOT, an extended one. */
const busySnapshot = 517;

/** `node:sqlite` gives SQLite's extended result code as a number, most others its name. */
function isOf(error: unknown, name: keyof typeof codes): boolean {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  return typeof errcode === "number"
    ? (errcode & 0xff) === codes[name]
    : typeof code === "string" && code.startsWith(name);
}

/** True where somebody else holds the database, so that the same statement may succeed in a moment. */
export function isBusy(error: unknown): boolean {
  return isOf(error, "SQLITE_BUSY") || isOf(error, "SQLITE_LOCKED");
}

/** True where the database was opened to read only. */
export function isReadonlyError(error: unknown): boolean {
  return isOf(error, "SQLITE_READONLY");
}

/** True where a transaction has read, and somebody has written since, so that it cannot write any more, however long it waits. */
function isOutdated(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  return errcode === busySnapshot || code === "SQLITE_BUSY_SNAPSHOT";
}

/** Drivers and ORMs may wrap what SQLite reported, or keep its text only. */
export function classify(error: unknown): SqlFailure | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ExecutorFailure) return cause.failure;
    if (isOutdated(cause)) return "serialization";
    if (isBusy(cause) || /\bdatabase (?:table )?is locked\b/.test(cause.message)) return "lock_timeout";
    if (cause.message.includes(alreadyStored)) return "stored_already";
  }
  return undefined;
}

/** True where SQLite refused to tidy up because a transaction is open. */
export function isInTransaction(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.message.includes("cannot VACUUM from within a transaction")) return true;
  }
  return false;
}
