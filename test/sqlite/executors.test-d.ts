import { DatabaseSync } from "node:sqlite";
import Better from "better-sqlite3";
import Libsql from "libsql";
import { createRepository, defineEntity } from "ventyd";
import { createSqliteStore, type Migration, type SqlExecutor, type SqliteStore } from "ventyd/sqlite";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";

const Note = defineEntity("note", {
  state: z.object({}),
  events: { written: z.object({}) },
  initial: "written",
  reduce: { written: () => ({}) },
});

test("the database of each driver makes a store, whose transactions have that very type for client", () => {
  const better = createSqliteStore(new Better(":memory:"));
  const node = createSqliteStore(new DatabaseSync(":memory:"));
  const libsql = createSqliteStore(new Libsql(":memory:"));
  expectTypeOf(better).toEqualTypeOf<SqliteStore<Better.Database>>();
  expectTypeOf(node).toEqualTypeOf<SqliteStore<DatabaseSync>>();
  expectTypeOf(libsql).toEqualTypeOf<SqliteStore<Libsql.Database>>();
  void node.transaction(async ({ client }) => {
    expectTypeOf(client).toEqualTypeOf<DatabaseSync>();
  });
  const notes = createRepository(Note, { adapter: node });
  const note = Note.create({ body: {} });
  void notes.commit(note, { transaction: new DatabaseSync(":memory:") });
  // @ts-expect-error: a handle of another driver is no transaction of this store
  void notes.commit(note, { transaction: new Better(":memory:") });
});

test("over an executor, client is the executor's, and a call joins executors too", () => {
  interface Transaction {
    readonly run: (sql: string) => void;
  }
  const store = createSqliteStore({} as SqlExecutor<Transaction>);
  expectTypeOf(store).toEqualTypeOf<SqliteStore<Transaction, SqlExecutor>>();
  expectTypeOf(store.migrations()).toEqualTypeOf<readonly Migration[]>();
  void store.transaction(async ({ client }) => {
    expectTypeOf(client).toEqualTypeOf<Transaction>();
  });
  const notes = createRepository(Note, { adapter: store });
  const note = Note.create({ body: {} });
  void notes.commit(note, { transaction: {} as Transaction });
  void notes.commit(note, { transaction: {} as SqlExecutor });
  // @ts-expect-error: a store with connections of its own joins handles of its driver
  void createSqliteStore(new DatabaseSync(":memory:")).append([], { transaction: {} as SqlExecutor });
  // @ts-expect-error: the executor's connections are opened elsewhere
  createSqliteStore({} as SqlExecutor<Transaction>, { pragmas: "recommended" });
});

test("a store may be named without its driver", () => {
  const store: SqliteStore = createSqliteStore(new DatabaseSync(":memory:"));
  expectTypeOf(store.migrate).returns.resolves.toBeVoid();
});

test("what is no database, or a setting that there is none of, is refused", () => {
  // @ts-expect-error: a path is no database
  createSqliteStore("app.db");
  // @ts-expect-error: only one set of settings is recommended
  createSqliteStore(new DatabaseSync(":memory:"), { pragmas: "fast" });
});
