import { expect, test } from "vitest";
import type { MysqlTableNames } from "../migrations/mysql.ts";
import { mysqlDialect } from "./mysql.ts";

const { classify } = mysqlDialect({} as MysqlTableNames);
const reported = (fields: object, message = "no") => Object.assign(new Error(message), fields);

test.each([
  ["lock_timeout", { errno: 1205 }],
  ["lock_timeout", { errno: 3572 }],
  ["deadlock", { errno: 1213 }],
  ["serialization", { errno: 1020 }],
  ["connection_lost", { errno: 1053 }],
  ["connection_lost", { errno: 1927 }],
  ["connection_lost", { errno: 2006 }],
  ["connection_lost", { errno: 2013 }],
  ["connection_lost", { code: "PROTOCOL_CONNECTION_LOST" }],
  ["connection_lost", { code: "ECONNRESET", errno: -104 }],
  ["connection_lost", { code: "ECONNREFUSED", errno: -111 }],
  ["connection_lost", { code: "EPIPE", errno: -32 }],
  [undefined, { errno: 1062, code: "ER_DUP_ENTRY" }],
  [undefined, { errno: 1045, code: "ER_ACCESS_DENIED_ERROR", fatal: true }],
])("%s is what %o comes to, also where an ORM has wrapped it", (failure, fields) => {
  expect(classify(reported(fields))).toBe(failure);
  expect(classify(new Error("query failed", { cause: reported(fields) }))).toBe(failure);
});

test("a savepoint that is not there is a transaction that is not there; other names are not ours", () => {
  expect(classify(reported({ errno: 1305 }, "SAVEPOINT ventyd does not exist"))).toBe("no_transaction");
  expect(classify(reported({ errno: 1305 }, "PROCEDURE app.ventyd_append does not exist"))).toBe(undefined);
});

test("a connection that is known to be gone is one that was lost", () => {
  const message = "Can't add new command when connection is in closed state";
  expect(classify(reported({ fatal: true }, message))).toBe("connection_lost");
});

test("what is no error is nothing that we know", () => {
  for (const thrown of [undefined, null, "1205", { errno: 1205 }]) expect(classify(thrown)).toBe(undefined);
});
