import { Buffer } from "node:buffer";
import { VentydError } from "../../errors/index.ts";
import type { SqlValue } from "./executor.ts";

/**
 * Writes parameters into a statement for MySQL and MariaDB: text as the bytes of its UTF-8 in hexadecimal, so that neither the connection's character set nor
 * its `sql_mode` can make anything else of it, and so that it is compared with our columns as they are compared with each other.
 */
export function inlineParams(sql: string, params: readonly SqlValue[]): string {
  let next = 0;
  return sql.replaceAll("?", () => literal(params[next++]));
}

function literal(value: SqlValue | undefined): string {
  if (typeof value === "string") return value === "" ? "''" : `X'${Buffer.from(value).toString("hex")}'`;
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return String(value);
  throw new VentydError(
    "driver_error",
    `Database error: ${String(value)} is no parameter of a statement. Report this: a statement of the store is wrong.`,
  );
}
