import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { FileDatabase } from "../file-repository.ts";
import { InputError } from "../history.ts";

/** Where to keep the events, as the command line says it. */
export interface DatabaseOptions {
  readonly store?: string | undefined;
  readonly database?: string | undefined;
  readonly url?: string | undefined;
}

// Each is loaded when it is asked for: a run needs one driver.
const onDisk = {
  sqlite: async (place: string) => (await import("./sqlite.ts")).openSqlite(place),
  pglite: async (place: string) => (await import("./pglite.ts")).openPglite(place),
};
const onServer = {
  postgres: async (url: string | undefined) => (await import("./postgres.ts")).openPostgres(url),
  mysql: async (url: string | undefined) => (await import("./mysql.ts")).openMysql(url),
};

/** Opens the database that the user wants, and makes what is missing. */
export async function openDatabase({ store = "sqlite", database, url }: DatabaseOptions): Promise<FileDatabase> {
  if (isIn(onServer, store)) {
    if (database === undefined) return onServer[store](url);
    throw new InputError(`--store ${store} keeps events on a server: give its --url instead of --database.`);
  }
  if (!isIn(onDisk, store)) {
    const known = [...Object.keys(onDisk), ...Object.keys(onServer)].join(", ");
    throw new InputError(`Unknown store: ${store}. Give one of ${known}.`);
  }
  if (url !== undefined)
    throw new InputError(`--store ${store} has no server: say where to keep the events with --database, not --url.`);
  return onDisk[store](database ?? path.join(mkdtempSync(path.join(tmpdir(), "repository-history-")), "history.db"));
}

function isIn<T extends object>(some: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(some, name);
}
