import { expect, test } from "vitest";
import { ExecutorFailure } from "../executor-failure.ts";
import { alreadyStored } from "../migrations/sqlite.ts";
import { classify } from "./sqlite-errors.ts";

const error = (message: string, facts: object = {}) => Object.assign(new Error(message), facts);
const wrapped = (cause: Error) => new Error("Failed query: SELECT 1", { cause });

test.each([
  ["lock_timeout", error("database is locked", { code: "SQLITE_BUSY" })],
  ["lock_timeout", error("database is locked", { code: "SQLITE_BUSY_RECOVERY" })],
  ["lock_timeout", error("database is locked", { code: "ERR_SQLITE_ERROR", errcode: 5 })],
  ["lock_timeout", error("database table is locked", { code: "SQLITE_LOCKED_SHAREDCACHE" })],
  ["lock_timeout", error("database is locked")],
  ["lock_timeout", wrapped(error("database is locked", { code: "SQLITE_BUSY" }))],
  ["serialization", error("database is locked", { code: "SQLITE_BUSY_SNAPSHOT" })],
  ["serialization", wrapped(error("database is locked", { code: "ERR_SQLITE_ERROR", errcode: 517 }))],
  ["stored_already", error(alreadyStored, { code: "SQLITE_CONSTRAINT_TRIGGER" })],
  ["stored_already", wrapped(error(`SQLITE_CONSTRAINT: ${alreadyStored}`))],
  ["no_transaction", new ExecutorFailure("no_transaction", "no transaction is open")],
  [undefined, error("UNIQUE constraint failed: users.email", { code: "SQLITE_CONSTRAINT_UNIQUE" })],
  [undefined, error("no such table: ventyd_log", { code: "SQLITE_ERROR", errcode: 1 })],
  [undefined, "no error at all"],
])("%s is what follows from %o", (failure, thrown) => {
  expect(classify(thrown)).toBe(failure);
});
