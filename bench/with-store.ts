import type { EventStore } from "ventyd";
import { withDatabases } from "./databases.ts";
import { mysql } from "./mysql-database.ts";
import { postgres } from "./postgres-database.ts";

/** @param engine name and version of the database. */
type Work<T> = (store: EventStore, engine: string) => Promise<T>;

/** Connections of a store on a server: what works at once in these commands, and one for who waits for hints. */
const connections = 8;

const kinds: Readonly<Record<string, <T>(work: Work<T>) => Promise<T>>> = {
  sqlite: (work) =>
    withDatabases("NORMAL", ({ store, database }) => {
      const version = database.prepare("SELECT sqlite_version()").pluck().get();
      return work(store, `SQLite ${version}, synchronous NORMAL`);
    }),
  postgres: (work) => postgres.with(connections, ({ store, engine }) => work(store, engine)),
  mysql: (work) => mysql.with(connections, ({ store, engine }) => work(store, engine)),
};

/** Runs `work` on an empty store of a kind, which is removed afterwards. */
export function withStore<T>(name: string, work: Work<T>): Promise<T> {
  const withKind = kinds[name];
  if (withKind === undefined)
    throw new Error(`No store is called "${name}"; there are ${Object.keys(kinds).join(", ")}.`);
  return withKind(work);
}
