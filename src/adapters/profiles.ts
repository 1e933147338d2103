import type { Durability, StoreCapabilities } from "../storage/index.ts";

/**
 * By what stores differ, and what happens where one lacks it. `metadata` and `atomicBatches` are what a store declares in its `capabilities`; the rest follows
 * from its database, and core does not ask for it.
 */
export const abilities = {
  metadata: {
    title: "keeps who, when and why",
    without: "attribution policies and `rollback` are `UnsupportedError`",
  },
  atomicBatches: {
    title: "several entities in one commit",
    without: "`UnsupportedError`",
  },
  joins: {
    title: "joins a transaction that the application has opened",
    without: "`{ transaction }` with a handle is `transaction_mismatch`",
  },
  sharedLog: {
    title: "several processes on one log",
    without: "each store has contents of its own",
  },
  concurrentWriters: {
    title: "transactions that write at the same time",
    without: "they take turns; who waits too long gets `database_busy` or `transaction_timeout`",
  },
  guardsTruncate: {
    title: "the log refuses `TRUNCATE`",
    without: "do not grant the privilege `DROP` to the application",
  },
} as const satisfies { readonly [name: string]: { readonly title: string; readonly without: string } };

/** One column of the table in `docs/reference/stores.md`. */
export interface StoreProfile {
  readonly name: string;
  readonly entry: "ventyd/memory" | "ventyd/sqlite" | "ventyd/postgres" | "ventyd/mysql";
  /** Its page in `docs/reference`. */
  readonly page?: string;
  /** Oldest version of the database. */
  readonly since?: string;
  /** Where its contract is run, and on which version; absent where nobody has run it. */
  readonly tested?: { readonly by: string; readonly version?: string };
  /** Names of the drivers, each with its package where it has one. */
  readonly drivers: readonly { readonly name: string; readonly package?: string }[];
  /** `undefined` where the question does not arise. */
  readonly abilities: {
    readonly [name in Exclude<keyof typeof abilities, keyof StoreCapabilities>]: boolean | undefined;
  };
  /** How a subscription hears of what another process has stored, at best; in its own process it is told at once. */
  readonly hears: "no other process" | "by looking" | "by LISTEN/NOTIFY, or by looking";
  /** What an acknowledged commit survives at best, and the settings that this takes. */
  readonly survives: Durability["survives"];
  readonly settings?: string;
}

const postgresAbilities = { joins: true, sharedLog: true, concurrentWriters: true, guardsTruncate: true };
const mysqlProfile = {
  entry: "ventyd/mysql",
  page: "mysql.md",
  drivers: [{ name: "mysql2", package: "mysql2" }],
  abilities: { joins: true, sharedLog: true, concurrentWriters: true, guardsTruncate: false },
  hears: "by looking",
  survives: "power_loss",
  settings: "`innodb_flush_log_at_trx_commit = 1`; with a binary log, `sync_binlog = 1`",
} as const;

export const storeProfiles: readonly StoreProfile[] = [
  {
    name: "memory",
    entry: "ventyd/memory",
    tested: { by: "test/memory/contract.test.ts" },
    drivers: [],
    abilities: { joins: false, sharedLog: false, concurrentWriters: false, guardsTruncate: undefined },
    hears: "no other process",
    survives: "none",
  },
  {
    name: "SQLite",
    entry: "ventyd/sqlite",
    page: "sqlite.md",
    tested: { by: "test/sqlite/contract.test.ts" },
    drivers: [
      { name: "better-sqlite3", package: "better-sqlite3" },
      { name: "libsql", package: "libsql" },
      { name: "`node:sqlite`" },
      { name: "`bun:sqlite`" },
    ],
    abilities: { joins: true, sharedLog: true, concurrentWriters: false, guardsTruncate: undefined },
    hears: "by looking",
    survives: "power_loss",
    settings: "`synchronous = FULL`",
  },
  {
    name: "PostgreSQL",
    entry: "ventyd/postgres",
    page: "postgres.md",
    since: "13",
    tested: { by: "test/postgres/contract.test.ts", version: "15" },
    drivers: [
      { name: "pg", package: "pg" },
      { name: "postgres.js", package: "postgres" },
    ],
    abilities: postgresAbilities,
    hears: "by LISTEN/NOTIFY, or by looking",
    survives: "power_loss",
    settings: "`fsync = on`",
  },
  {
    name: "PGlite",
    entry: "ventyd/postgres",
    page: "postgres.md",
    tested: { by: "test/postgres/contract.test.ts" },
    drivers: [{ name: "PGlite", package: "@electric-sql/pglite" }],
    // It has one connection, of one process.
    abilities: { ...postgresAbilities, sharedLog: false, concurrentWriters: false },
    hears: "no other process",
    survives: "process_crash",
    settings: "`fsync = off`",
  },
  {
    ...mysqlProfile,
    name: "MariaDB",
    since: "10.6",
    tested: { by: "test/mysql/contract.test.ts", version: "10.11" },
  },
  { ...mysqlProfile, name: "MySQL", since: "8.0" },
];
