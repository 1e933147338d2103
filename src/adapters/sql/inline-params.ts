import { Buffer } from "node:buffer";
import { VentydError } from "../../errors/index.ts";
import type { SqlValue } from "./executor.ts";

/** Bytes from which on text is written in base 64: a third longer than it is, where hexadecimal is twice as long. */
const long = 256 * 1024;

/**
 * Writes parameters into a statement for MySQL and MariaDB: text as the bytes of its UTF-8 in hexadecimal, so that neither the connection's character set nor
 * its `sql_mode` can make anything else of it, and so that it is compared with our columns as they are compared with each other.
 */
export function inlineParams(sql: string, params: readonly SqlValue[]): string {
  let next = 0;
  return sql.replaceAll("?", () => literal(params[next++]));
}

function literal(value: SqlValue | undefined): string {
  if (value === "") return "''";
  if (typeof value === "string") {
    const bytes = Buffer.from(value);
    return bytes.length > long ? `FROM_BASE64('${bytes.toString("base64")}')` : `X'${bytes.toString("hex")}'`;
  }
  if (value === null || Number.isFinite(value)) return String(value);
  throw new VentydError(
    "driver_error",
    `Database error: ${String(value)} is no parameter of a statement. Report this: a statement of the store is wrong.`,
  );
}
